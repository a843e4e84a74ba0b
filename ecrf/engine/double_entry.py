"""Two entries of the same page held against each other: what is typed otherwise and means the same is no difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.items import Item
from ecrf.engine.values import Unreadable, read


@dataclass(frozen=True)
class Compared:
    """One question, or one repeat with its rows, as both answered it."""

    key: str
    first: Any
    second: Any
    first_status: str
    second_status: str
    same: bool
    rows: tuple[tuple[tuple[str, Any, Any, bool], ...], ...] = ()
    """Of a repeat, row by row: item, both values, whether they are the same."""


def meaning(item: Item | None, stored: Any) -> Any:
    """What a stored value says, whatever its spelling; texts without the blanks around them."""
    if item is None or stored in (None, "", []):
        return None
    try:
        _stored, typed = read(item, stored)
    except Unreadable:
        return stored
    if item.kind == "choices":
        return frozenset(stored)
    return " ".join(typed.split()) if isinstance(typed, str) else typed


def compared(
    definition: Definition,
    page: str,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    first_notes: Mapping[str, Any],
    second_notes: Mapping[str, Any],
) -> list[Compared]:
    """Every question of a page that somebody answers by hand, in the order of the form."""
    found: list[Compared] = []
    for group in definition.page(page).groups:
        items = [item for item in definition.page(page).items if item.group is group and asked(item)]
        if group.repeat:
            found.append(compared_rows(group.repeat, items, first.get(group.repeat), second.get(group.repeat)))
            continue
        for item in items:
            values = first.get(item.key), second.get(item.key)
            said, again = (str((notes.get(item.key) or {}).get("status", "")) for notes in (first_notes, second_notes))
            same = meaning(item, values[0]) == meaning(item, values[1]) and said == again
            found.append(Compared(item.key, values[0], values[1], said, again, same))
    return found


def asked(item: Item) -> bool:
    return item.kind not in ("output", "file") and not item.calc and not item.spec.get("hidden")


def compared_rows(repeat: str, items: list[Item], first: Any, second: Any) -> Compared:
    one, other = first or [], second or []
    rows = tuple(
        tuple(
            (
                item.key,
                a.get(item.key),
                b.get(item.key),
                meaning(item, a.get(item.key)) == meaning(item, b.get(item.key)),
            )
            for item in items
        )
        for a, b in (
            (one[number] if number < len(one) else {}, other[number] if number < len(other) else {})
            for number in range(max(len(one), len(other)))
        )
    )
    same = len(one) == len(other) and all(cell[3] for row in rows for cell in row)
    return Compared(repeat, one, other, "", "", same, rows)
