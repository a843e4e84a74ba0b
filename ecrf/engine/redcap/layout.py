"""The columns of REDCap's flat data files for a definition, and how each value is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.shape import Shape

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
SITE, SURVEY = "redcap_data_access_group", "redcap_survey_identifier"
STATUSES = ("incomplete", "unverified", "complete")
"""What 0, 1 and 2 mean in ``<form>_complete``."""

Kind = Literal["subject", "own", "item", "box", "missing_box", "status", "ignored"]


@dataclass(frozen=True)
class Column:
    """`key` is an item, or a page for a status; `code` the choice of a box."""

    name: str
    kind: Kind
    key: str = ""
    page: str = ""
    code: str = ""


def box(key: str, code: str) -> str:
    """The column of one box: what is no letter or digit in its code becomes an underscore."""
    return f"{key}___{re.sub(r'[^a-z0-9_]', '_', code.lower())}"


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
        numbers = self.arm_numbers
        found: dict[str, dict[str, str]] = {}
        for key, event in self.shape.events.items():
            own = event.get("source", {}).get("redcap.event")
            arms = event.get("arms") or list(numbers)
            found[key] = {
                arm: own if own and len(arms) == 1 else f"{key.lower()}_arm_{numbers[arm]}" for arm in arms
            }
        return found

    @cached_property
    def arm_numbers(self) -> Mapping[str, str]:
        if not self.shape.arms:
            return {"": "1"}
        return {
            key: arm.get("source", {}).get("redcap.number") or str(number)
            for number, (key, arm) in enumerate(self.shape.arms.items(), start=1)
        }

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


def has_comma(spec: Mapping[str, Any]) -> bool:
    """Whether the field's validation in REDCap asks for a decimal comma."""
    return str(spec.get("source", {}).get("redcap.validation", "")).endswith("comma_decimal")
