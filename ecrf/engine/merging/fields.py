"""Merge the fields of an entry and what is noted beside them: what was read, what I made of it, what is there now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.merging.rows import MergedRows, merge_rows, none


@dataclass(frozen=True)
class Given:
    """Values by key and notes by place."""

    values: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clash:
    """A place that both changed, each in his way. What is there stays; `mine` is to be asked about."""

    place: str
    part: str
    """``value``, ``status``, ``comment``, or ``row`` for one that only one of them kept."""
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """What of mine is to be saved, and what isn't because others changed it too."""

    values: dict[str, Any]
    notes: dict[str, Any]
    clashes: tuple[Clash, ...]


def same(one: Any, other: Any) -> bool:
    return bool(none(one) == none(other))


def is_rows(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(row, Mapping) for row in value))


def merge(
    base: Given, mine: Given, theirs: Given, *, rows_of: Collection[str] = (), replaces: Callable[[str], bool] = bool
) -> Merged:
    """`mine` holds what I changed, `base` what stood at these places when I read, `theirs` all that is there now.

    `rows_of`: the keys of repeating groups. `replaces`: whether a status stands in place of a value.
    """
    values: dict[str, Any] = {}
    clashes: list[Clash] = []
    moved: dict[str, MergedRows] = {}
    for key, own in mine.values.items():
        was, there = base.values.get(key), theirs.values.get(key)
        if same(own, there):
            continue
        if key in rows_of and all(map(is_rows, (was, own, there))) and not same(was, there):
            merged = merge_rows(was or [], own or [], there or [])
            moved[key] = merged
            if merged.rows != (there or []):
                values[key] = merged.rows
            clashes += [
                Clash(f"{key}[{one.row}].{one.key}", "value", one.mine, one.theirs)
                if one.key
                else Clash(key, "row", one.mine, one.theirs)
                for one in merged.clashes
            ]
        elif same(there, was) and not given_up(key, base, theirs, replaces):
            values[key] = own
        else:
            status = status_of(theirs.notes.get(key))
            clashes.append(Clash(key, "value", own, status if none(there) is None and status else there))
    notes = moved_notes(theirs.notes, {key: rows.kept for key, rows in moved.items()})
    for place, own in mine.notes.items():
        at = where(place, {key: rows.placed for key, rows in moved.items()}) if own else unmoved(place, moved)
        if at is None:
            continue
        clashed = any(clash.place == at and clash.part == "value" for clash in clashes)
        held = none(theirs.values.get(at)) is not None and not same(base.values.get(at), theirs.values.get(at))
        fixed = clashed or (held and at not in values and replaces(status_of(own)))
        notes[at], found = merged_note(at, base.notes.get(place), own, notes.get(at), fixed=fixed)
        clashes += found
    changed = {
        place: notes.get(place) or None
        for place in {**theirs.notes, **notes}
        if (notes.get(place) or {}) != (theirs.notes.get(place) or {})
    }
    return Merged(values, changed, tuple(clashes))


def given_up(key: str, base: Given, theirs: Given, replaces: Callable[[str], bool]) -> bool:
    """Whether others said meanwhile why there is no value here."""
    status = status_of(theirs.notes.get(key))
    return replaces(status) and status != status_of(base.notes.get(key))


def status_of(note: Any) -> str:
    return str(note.get("status") or "") if isinstance(note, Mapping) else ""


def where(place: str, moved: Mapping[str, Mapping[int, int]]) -> str | None:
    """Where a note stands after rows have moved; None where its row is gone."""
    repeat, bracket, rest = place.partition("[")
    if not bracket or repeat not in moved:
        return place
    number, _, key = rest.partition("].")
    if not number.isdecimal() or int(number) not in moved[repeat]:
        return None
    return f"{repeat}[{moved[repeat][int(number)]}].{key}"


def unmoved(place: str, moved: Collection[str]) -> str | None:
    """A note that I took away: on a row that was merged it may have been taken along, so it stays."""
    return None if place.partition("[")[0] in moved and "[" in place else place


def moved_notes(notes: Mapping[str, Any], kept: Mapping[str, Mapping[int, int]]) -> dict[str, Any]:
    """Their notes where their rows stand now."""
    return {at: note for place, note in notes.items() if (at := where(place, kept)) is not None}


PARTS: Sequence[str] = ("status", "comment", "locked")


def merged_note(place: str, base: Any, mine: Any, theirs: Any, *, fixed: bool) -> tuple[dict[str, Any], list[Clash]]:
    """A note part by part; where the value is `fixed` by others, no status takes its place."""
    was, own, there = (note if isinstance(note, Mapping) else {} for note in (base, mine, theirs))
    note: dict[str, Any] = {}
    clashes: list[Clash] = []
    for part in PARTS:
        before, wanted, now = (one.get(part) or None for one in (was, own, there))
        kept = now
        if wanted not in (before, now):
            if now == before and not (fixed and part == "status"):
                kept = wanted
            elif part != "locked":
                clashes.append(Clash(place, part, wanted, now))
        if kept:
            note[part] = kept
    return note, clashes
