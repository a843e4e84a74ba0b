"""What is left of a form and of its records for somebody who may not have all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ecrf.engine import moments
from ecrf.engine.definition import Definition, load
from ecrf.engine.exchange.records import Change, Code, Record, Signature
from ecrf.engine.expressions import elsewhere, references
from ecrf.engine.faults import Refused
from ecrf.engine.items import Item
from ecrf.engine.partial import Partial
from ecrf.engine.soundness import expressions

Level = Literal["full", "coded", "deidentified", "none"]
LEVELS: tuple[Level, ...] = ("none", "deidentified", "coded", "full")
"""From nothing to everything: without identifiers; and besides without free text and with shifted dates."""
WEEKS = 26
"""Dates are shifted by up to so many weeks, whole ones: days of the week and the time between visits stay true, and
half a year either way hides the season. Never by none, or a true date would be among them."""
FREE = frozenset({"text", "file"})


def least(*levels: Level) -> Level:
    return min(levels, key=LEVELS.index)


def leaves(item: Item, level: Level) -> bool:
    """Whether an item stands in an export of this level."""
    if level == "none":
        return False
    if level != "full" and item.spec.get("identifier"):
        return False
    return level != "deidentified" or item.kind not in FREE


def code_leaves(item: Item, level: Level) -> bool:
    """Whether what a text was coded as leaves: it is the dictionary's words, and stays where the text itself goes."""
    return leaves(item, level) or (level == "deidentified" and not item.spec.get("identifier"))


def weeks(secret: str) -> int:
    """How far the dates of a participant are shifted: -26 to 26, never 0, from 64 secret hexadecimal digits."""
    number = int(secret, 16) % (2 * WEEKS)
    return number - WEEKS if number < WEEKS else number - WEEKS + 1


def shifted(kind: str, stored: Any, by: timedelta) -> Any:
    """A stored date, moved. What is known of a partial one is moved from the middle of the time that it may mean."""
    if not isinstance(stored, str):
        return None
    try:
        if kind == "date":
            day = moments.parse_date(stored)
            return moments.write(day + by) if day else None
        if kind == "datetime":
            moment = moments.parse_datetime(stored)
            return moments.write(moment + by) if moment else None
        partial = moments.parse_partial(stored)
        if partial is None:
            return None
        middle = partial.earliest + (partial.latest - partial.earliest) / 2 + by
    except OverflowError:
        return None
    return moments.write(
        Partial(middle.year, middle.month if partial.month else None, middle.day if partial.day else None)
    )


DATED = frozenset({"date", "datetime", "partial_date"})


def moved(at: str, by: timedelta) -> str:
    """A moment with its zone, moved."""
    try:
        return (datetime.fromisoformat(at) + by).isoformat() if at else ""
    except (ValueError, OverflowError):
        return ""


@dataclass(frozen=True)
class Leaving:
    """What of a record is left: the level of each page and, for the lowest, how far dates move and a pseudonym."""

    definition: Definition
    levels: Mapping[str, Level]
    shift: timedelta | None = None
    subject: str = ""

    def of(self, record: Record) -> Record | None:
        """The record without what may not leave; None where nothing of it may."""
        pages = {page: state for page, state in record.pages.items() if self.levels.get(page, "none") != "none"}
        if all(level == "none" for level in self.levels.values()):
            return None
        by = self.shift
        left = Record(
            subject=self.subject or record.subject,
            site=record.site,
            event=record.event,
            page=record.page,
            instance=record.instance,
            values={key: value for key, raw in record.values.items() if (value := self.value(key, raw)) is not None},
            notes=dict(self.notes(record.notes)),
            audit=[change for raw in record.audit if (change := self.change(raw)) is not None],
            pages=pages,
            signatures=[
                Signature(one.page, "", one.site, moved(one.at, by), one.meaning) if by is not None else one
                for one in record.signatures
                if one.page in pages
            ],
            version=record.version,
            saved_at=moved(record.saved_at, by) if by is not None else record.saved_at,
            created_at=moved(record.created_at, by) if by is not None else record.created_at,
            codes=dict(self.codes(record.codes)),
        )
        left.files = {place: file for place, file in record.files.items() if self.file_leaves(place)}
        left.spelt = {key: text for key, text in record.spelt.items() if left.values.get(key) == record.values.get(key)}
        for place in left.codes:
            if (group := place.partition("[")[0]) in record.values and group in self.definition.groups:
                left.values.setdefault(group, [{} for _row in record.values[group]])
        return left

    def level(self, item: Item) -> Level:
        return self.levels.get(item.page, "none")

    def value(self, key: str, raw: Any) -> Any:
        """A value as it leaves, or None."""
        if key in self.definition.groups:
            if not isinstance(raw, list):
                return None
            rows = [
                {name: cell for name, held in row.items() if (cell := self.value(name, held)) is not None}
                for row in raw
                if isinstance(row, Mapping)
            ]
            return rows if any(rows) else None
        item = self.definition.items.get(key)
        if item is None or not leaves(item, self.level(item)):
            return None
        if self.shift is not None and item.kind in DATED and self.level(item) == "deidentified":
            return shifted(item.kind, raw, self.shift)
        return raw

    def notes(self, notes: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for place, note in notes.items():
            item = self.definition.items.get(place.rpartition(".")[2])
            if item is None or not leaves(item, level := self.level(item)):
                continue
            kept = {name: said for name, said in note.items() if level != "deidentified" or name != "comment"}
            if kept:
                yield place, kept

    def codes(self, codes: Mapping[str, Code]) -> Iterator[tuple[str, Code]]:
        for place, code in codes.items():
            item = self.definition.items.get(place.rpartition(".")[2])
            if item is not None and code_leaves(item, self.level(item)):
                yield place, code

    def file_leaves(self, place: str) -> bool:
        item = self.definition.items.get(place.rpartition(".")[2])
        return item is not None and leaves(item, self.level(item))

    def change(self, change: Change) -> Change | None:
        if not change.key:
            return None if self.shift is not None else change
        value = None if change.value is None else self.value(change.key, change.value)
        gone = change.value is not None and value is None
        item = self.definition.items.get(change.key)
        if gone or (item is not None and not leaves(item, self.level(item))):
            return None
        if item is None and change.key not in self.definition.groups:
            return None
        if self.shift is None:
            return Change(change.key, value, change.user, change.site, change.at, change.reason)
        return Change(change.key, value, "", change.site, moved(change.at, self.shift), "")


def definition_without(definition: Definition, kept: frozenset[str]) -> Definition:
    """The form as its export describes it: without the items that don't leave, and without what speaks of them."""
    keys = {key for key, item in definition.items.items() if item.kind != "output"}
    if keys <= kept:
        return definition
    data = json.loads(json.dumps(definition.data))
    for page in data["pages"]:
        for group in page["groups"]:
            group["items"] = [item for item in group["items"] if item["key"] in kept]
        page["groups"] = [group for group in page["groups"] if group["items"]]
    gone = {page["key"] for page in data["pages"] if not page["groups"]}
    data["pages"] = [page for page in data["pages"] if page["key"] not in gone]
    for page in data["pages"]:
        page.pop("script", None)
    for event in data.get("events", ()):
        event["pages"] = [key for key in event["pages"] if key not in gone]
        if "repeating_pages" in event:
            event["repeating_pages"] = [key for key in event["repeating_pages"] if key not in gone]
        if event.get("date") not in (None, *kept):
            del event["date"]
    if not data["pages"]:
        raise Refused([])
    left = {*kept, *(page["key"] for page in data["pages"])}
    left |= {group["repeat"]["key"] for page in data["pages"] for group in page["groups"] if "repeat" in group}
    for place, node, _ in list(expressions(data)):
        if not {*references(node), *(name for _, name in elsewhere(node))} <= left:
            cut(data, place)
    for part in (item for page in data["pages"] for group in page["groups"] for item in group["items"]):
        if "checks" in part:
            part["checks"] = [check for check in part["checks"] if "holds" in check]
    return sound(data)


def cut(data: Any, place: str) -> None:
    *path, last = place.split(".")
    part = data
    for step in path:
        part = part[int(step)] if isinstance(part, list) else part[step]
    part.pop(last, None)


def sound(data: dict[str, Any]) -> Definition:
    """Loaded; where an expression still speaks of what is gone, without any."""
    try:
        return load(data)
    except Refused:
        for place, _node, _kind in list(expressions(data)):
            cut(data, place)
        for part in (item for page in data["pages"] for group in page["groups"] for item in group["items"]):
            part.pop("checks", None)
        return load(data)
