"""The values of an entry as they are exported: what an evaluation says of them, without what it finds wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import Evaluation
from ecrf.engine.items import Item
from ecrf.engine.state import Context
from ecrf.engine.values import Unreadable, read


def shown_values(
    definition: Definition, values: Mapping[str, Any], context: Context, notes: Mapping[str, Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    """What is shown and holds something, canonical, with calculations; and the places that are shown.

    A default that nobody saved is missing. Where no item of the sheet depends on anything, each is just read.
    """
    plain = plain_items(definition, context)
    if plain is None:
        return Shown(definition, values, context, notes, propose=False).shown()
    found: dict[str, Any] = {}
    for item in plain:
        raw = values.get(item.key)
        if raw is None or raw == "" or raw == []:
            continue
        try:
            found[item.key] = read(item, raw)[0]
        except Unreadable:
            continue
    return found, definition_keys(definition, context)


class Shown(Evaluation):
    """Settles every item, and examines none: no check, limit or summary changes a value."""

    def shown(self) -> tuple[dict[str, Any], frozenset[str]]:
        for item in self.definition.order:
            for scope in self.scopes(item):
                self.settle(item, scope)
        found: dict[str, Any] = {}
        for key in self.definition.items:
            stored = self.top.stored.get(key)
            if stored is not None and key in self.visible:
                found[key] = stored
        for key, scopes in self.rows.items():
            rows = [
                {
                    name: cell
                    for name in self.definition.items
                    if (cell := scope.stored.get(name)) is not None and scope.place(name) in self.visible
                }
                for scope in scopes
            ]
            if any(rows):
                found[key] = rows
        return found, frozenset(self.visible)


CACHE, BOXES = "_plain_sheets", "_boxed_items"


def sheets(definition: Definition) -> dict[tuple[str, str], Any]:
    """What is known of a definition's sheets, kept with it: an export asks for each of its records."""
    found: dict[tuple[str, str], Any] = definition.__dict__.setdefault(CACHE, {})
    return found


def plain_items(definition: Definition, context: Context) -> Any:
    """The items of the sheet, if none of them has a calculation, a condition or rows; otherwise None."""
    known = sheets(definition)
    where = (context.event, context.page)
    if where not in known:
        items = [item for page in definition.pages_of(*where) for item in page.items]
        depends = any(item.calc or item.condition or item.group.conditions or item.repeat for item in items)
        values = None if depends else [item for item in items if item.kind != "output"]
        known[where] = (values, frozenset(item.key for item in items))
    return known[where][0]


def definition_keys(definition: Definition, context: Context) -> frozenset[str]:
    keys: frozenset[str] = sheets(definition)[context.event, context.page][1]
    return keys



def with_boxes(
    definition: Definition,
    values: dict[str, Any],
    shown: frozenset[str],
    complete: frozenset[str],
    notes: Mapping[str, Any],
) -> None:
    """On complete pages, what has boxes and was shown says that none is ticked: the empty list."""
    for item in boxed(definition):
        if item.page not in complete:
            continue
        if not item.repeat:
            if item.key not in values and item.key in shown and not replaced(definition, notes.get(item.key)):
                values[item.key] = []
            continue
        for number, row in enumerate(values.get(item.repeat, ())):
            place = f"{item.repeat}[{number}].{item.key}"
            if item.key not in row and place in shown and not replaced(definition, notes.get(place)):
                row[item.key] = []


def replaced(definition: Definition, note: Any) -> bool:
    """Whether a status stands in place of the value."""
    return bool(note) and definition.statuses.get(note.get("status", ""), False)


def boxed(definition: Definition) -> list[Item]:
    found = definition.__dict__.get(BOXES)
    if found is None:
        found = definition.__dict__[BOXES] = [item for item in definition.items.values() if item.kind == "choices"]
    items: list[Item] = found
    return items
