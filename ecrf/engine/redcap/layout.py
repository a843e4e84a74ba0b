"""The columns of REDCap's flat data files for a definition, and how each value is written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.shape import Shape
from ecrf.engine.redcap.flat_columns import EVENT, INSTANCE, INSTRUMENT, SITE, SURVEY, Column, box, has_comma
from ecrf.engine.redcap.names import arm_numbers, event_names


class Layout:
    def __init__(self, definition: Definition) -> None:
        self.definition, self.shape = definition, Shape(definition)

    @cached_property
    def subject(self) -> str:
        """The column of the record's number: the item that shows it, else the first one."""
        computed = (key for key, asked in self.shape.asked.items() if asked.spec.get("calc") == ["subject"])
        return next(computed, "record_id")

    @cached_property
    def events(self) -> Mapping[str, str]:
        """REDCap's unique name of each event -> the event."""
        return {name: key for key, names in self.event_names.items() for name in names.values()}

    @cached_property
    def event_names(self) -> Mapping[str, Mapping[str, str]]:
        """Event -> arm -> unique name. In REDCap an event belongs to one arm."""
        return event_names(self.shape.data)

    @cached_property
    def arm_numbers(self) -> Mapping[str, str]:
        return arm_numbers(self.shape.data)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every column that a file may have, by its name in small letters."""
        own = [Column(name, "own") for name in (EVENT, INSTRUMENT, INSTANCE, SITE)]
        ignored = [Column(SURVEY, "ignored")]
        ignored += [Column(f"{page}_timestamp", "ignored") for page in self.shape.pages]
        found = [Column(self.subject, "subject"), *own, *ignored, *self.fields(missing=True)]
        return {column.name.lower(): column for column in reversed(found)}

    def fields(self, *, missing: bool = False) -> Iterator[Column]:
        """The columns of the items and states, in REDCap's order."""
        for page, asked in self.shape.by_page.items():
            for one in asked:
                if one.group or one.key == self.subject:
                    continue
                if one.spec["type"] != "choices":
                    yield Column(one.key, "item", one.key, page)
                    continue
                codes = self.shape.choices[one.key]
                yield from (Column(box(one.key, code), "box", one.key, page, code) for code in codes)
                if missing:
                    yield from (
                        Column(box(one.key, code), "missing_box", one.key, page, code)
                        for code in self.shape.missing_codes
                        if code not in codes
                    )
            yield Column(f"{page}_complete", "status", page, page)

    def spell(self, key: str, value: Any) -> str:
        """A stored value of an item, as REDCap writes it."""
        if value in (None, []):
            return ""
        spec = self.shape.asked[key].spec
        text, kind = str(value), spec["type"]
        if kind in ("datetime", "time") and spec.get("seconds"):
            text += ":00" if text.count(":") == 1 else ""
        if kind == "datetime":
            return text.replace("T", " ")
        if kind == "decimal" and spec.get("decimals", 9) <= 4:  # its validation there asks for all of them
            whole, _, part = text.partition(".")
            text = f"{whole}.{part.ljust(spec['decimals'], '0')}"
        return text.replace(".", ",") if has_comma(spec) else text
