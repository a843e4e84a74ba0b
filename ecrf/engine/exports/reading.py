"""The values of an entry as they are exported: what an evaluation says of them, without what it finds wrong.

Most of an export's time went into reading values one by one. What an item holds is told by its text alone, and the same
few texts come again and again: each is read once per export. What depends on nothing isn't evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import Evaluation
from ecrf.engine.items import Item
from ecrf.engine.scopes import Asked
from ecrf.engine.state import Context
from ecrf.engine.values import MAX_TEXT, Unreadable, read

MOST_KNOWN = 4096
"""Texts of an item that are remembered."""
NOTHING: tuple[None, None] = (None, None)


class Reader:
    """Reads what an item holds, stored and typed; what can't be read is nothing. Remembers what it read."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.known: dict[str, tuple[Any, Any]] = {}
        self.stored: dict[str, Any] = {}
        """The first of both alone, for those who need no more."""
        plain = item.kind == "text" and not item.spec.keys() & {"format", "pattern"} and item.spec.get("look") != "pin"
        self.longest = item.spec.get("max_length", MAX_TEXT) if plain else 0
        """Of a text that nothing but its length limits: such rarely come twice, and aren't remembered."""

    def __call__(self, raw: Any) -> tuple[Any, Any]:
        is_text = raw.__class__ is str
        if (
            self.longest
            and is_text
            and 0 < len(raw) <= self.longest
            and raw.isprintable()
            and " " not in raw[:1] + raw[-1]
        ):
            return raw, raw  # printable signs without blanks around them are as they should be
        try:
            found = read(self.item, raw)
        except Unreadable:
            found = NOTHING
        if is_text and not self.longest and len(self.known) < MOST_KNOWN:
            self.known[raw] = found
            self.stored[raw] = found[0]
        return found


class Sheets:
    """Reads the entries of a definition, sheet by sheet; kept as long as an export lasts."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._plans: dict[tuple[str, str], Plan] = {}
        self._readers = {item.key: Reader(item) for item in definition.items.values() if item.kind != "output"}
        self._boxed = [item for item in definition.items.values() if item.kind == "choices"]

    def plan(self, event: str, page: str) -> Plan:
        found = self._plans.get((event, page))
        if found is None:
            found = self._plans[event, page] = Plan(self.definition, self._readers, event, page)
        return found

    def shown_values(
        self,
        values: Mapping[str, Any],
        notes: Mapping[str, Any],
        context: Callable[[], Context],
        event: str = "",
        page: str = "",
    ) -> tuple[dict[str, Any], frozenset[str]]:
        """What is shown and holds something, canonical, with calculations; and the places that are shown.

        A default that nobody saved is missing. `context` is asked for only where something depends on something.
        """
        plan = self.plan(event, page)
        if plan.depends:
            return Shown(self.definition, values, context(), notes, plan).shown()
        found: dict[str, Any] = {}
        for key, known, reading in plan.alone:
            raw = values.get(key)
            if raw is None:
                continue
            stored = known[raw] if raw.__class__ is str and raw in known else reading(raw)[0]
            if stored is not None:
                found[key] = stored
        return found, plan.shown

    def with_boxes(
        self, values: dict[str, Any], shown: frozenset[str], complete: frozenset[str], notes: Mapping[str, Any]
    ) -> None:
        """On complete pages, what has boxes and was shown says that none is ticked: the empty list."""
        for item in self._boxed:
            if item.page not in complete:
                continue
            if not item.repeat:
                if item.key not in values and item.key in shown and not self.replaced(notes.get(item.key)):
                    values[item.key] = []
                continue
            for number, row in enumerate(values.get(item.repeat, ())):
                place = f"{item.repeat}[{number}].{item.key}"
                if item.key not in row and place in shown and not self.replaced(notes.get(place)):
                    row[item.key] = []

    def replaced(self, note: Any) -> bool:
        """Whether a status stands in place of the value."""
        return bool(note) and self.definition.statuses.get(note.get("status", ""), False)


class Plan:
    """Which items of a sheet are just read, in the form's order, and whether any other depends on something."""

    def __init__(self, definition: Definition, readers: Mapping[str, Reader], event: str, page: str) -> None:
        asked = {one.key for one in definition.pages_of(event, page)}
        items = [item for item in definition.order if item.page in asked]
        self.depends = any(map(depends, items))
        self.keys = list(definition.items)
        free = {item.key for item in items if not depends(item)}
        self.shown = frozenset(free)
        self.plain = {key: readers[key] for key, item in definition.items.items() if key in free and key in readers}
        self.alone = [(key, reading.stored, reading) for key, reading in self.plain.items()]


def depends(item: Item) -> bool:
    return bool(item.calc or item.condition or item.group.conditions or item.repeat)


class Shown(Evaluation):
    """Settles every item, and examines none: no check, limit or summary changes a value."""

    def __init__(
        self, definition: Definition, values: Mapping[str, Any], context: Context, notes: Mapping[str, Any], plan: Plan
    ) -> None:
        self.plan = plan
        super().__init__(definition, values, context, notes, propose=False, scripts={})

    def wherever(self, item: Item) -> Iterator[Asked]:
        """What depends on nothing is read, and isn't settled."""
        return iter(()) if item.key in self.plan.shown else super().wherever(item)

    def shown(self) -> tuple[dict[str, Any], frozenset[str]]:
        typed, kept, given = self.top.typed, self.top.stored, self.given
        for key, reading in self.plan.plain.items():
            raw = given.get(key)
            if raw is None:
                continue
            known = reading.known.get(raw) if raw.__class__ is str else None
            stored, value = known or reading(raw)
            if value is not None:
                kept[key], typed[key] = stored, value
        for one in self.order if self.plan.depends else ():
            self.settle(one)
        visible = self.plan.shown | {one.place for one in self.order if one.shown}
        found: dict[str, Any] = {
            key: stored for key in self.plan.keys if (stored := kept.get(key)) is not None and key in visible
        }
        for key, scopes in self.rows.items():
            rows = [
                {
                    name: cell
                    for name in self.plan.keys
                    if (cell := scope.stored.get(name)) is not None and f"{scope.row}.{name}" in visible
                }
                for scope in scopes
            ]
            if any(rows):
                found[key] = rows
        return found, visible
