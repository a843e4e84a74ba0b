"""Merge the rows of a repeating group, which are told apart by what they hold and where they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class RowClash:
    """What both changed: a cell of a row of the result, or a whole row (no `key`) that one took away."""

    row: int
    key: str
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class MergedRows:
    rows: list[dict[str, Any]]
    clashes: tuple[RowClash, ...]
    placed: Mapping[int, int]
    """Where my rows stand in the result."""
    kept: Mapping[int, int]
    """Where theirs do."""


def merge_rows(base: Sequence[Row], mine: Sequence[Row], theirs: Sequence[Row]) -> MergedRows:
    """The rows that are there now, with what I changed, added and took away.

    Cell by cell, what they left alone is mine and what both changed is theirs. A row that one took away is gone unless
    the other changed it: then theirs counts, and mine is a clash.
    """
    to_mine, to_theirs = aligned(base, mine), aligned(base, theirs)
    from_theirs = {number: own for own, number in to_theirs.items()}
    rows: list[dict[str, Any]] = []
    clashes: list[RowClash] = []
    placed: dict[int, int] = {}
    kept: dict[int, int] = {}
    for number, row in enumerate(theirs):
        own = from_theirs.get(number)
        taken = own is not None and own not in to_mine
        if own is not None and taken:
            if equal(base[own], row):
                continue
            clashes.append(RowClash(len(rows), "", None, dict(row)))
        kept[number] = len(rows)
        if own is not None and not taken:
            placed[to_mine[own]] = len(rows)
            merged, found = cells(base[own], mine[to_mine[own]], row)
            clashes += [RowClash(len(rows), key, *pair) for key, pair in found.items()]
            rows.append(merged)
            continue
        rows.append(filled(row))
    added = {spelt(row): place for place, row in enumerate(rows) if place not in placed.values()}
    mine_of_base = {number: own for own, number in to_mine.items()}
    for number, row in enumerate(mine):
        known = mine_of_base.get(number)
        if known is None and spelt(row) in added:
            placed[number] = added[spelt(row)]
        elif known is None:
            placed[number] = len(rows)
            rows.append(filled(row))
        elif known not in to_theirs and not equal(base[known], row):
            clashes.append(RowClash(len(rows), "", dict(row), None))
    return MergedRows(rows, tuple(clashes), placed, kept)


def aligned(base: Sequence[Row], other: Sequence[Row]) -> dict[int, int]:
    """Which row of `other` each row of `base` became; those that are missing were taken away.

    Rows that are as they were hold the others in place; between them as many rows are the same ones, changed, and of
    another number those that still have most in common.
    """
    pairs: dict[int, int] = {}
    matcher = SequenceMatcher(None, [spelt(row) for row in base], [spelt(row) for row in other], autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and end - start == last - first):
            pairs |= zip(range(start, end), range(first, last), strict=True)
        elif tag == "replace":
            pairs |= alike(base, range(start, end), other, range(first, last))
    return pairs


def alike(base: Sequence[Row], own: range, other: Sequence[Row], found: range) -> dict[int, int]:
    """Pairs in order, of rows that have at least half of what they hold in common."""
    pairs: dict[int, int] = {}
    following = found.start
    for number in own:
        best = max(range(following, found.stop), key=lambda place: likeness(base[number], other[place]), default=None)
        if best is not None and likeness(base[number], other[best]) >= 0.5:
            pairs[number], following = best, best + 1
    return pairs


def likeness(one: Row, other: Row) -> float:
    one, other = filled(one), filled(other)
    keys = one.keys() | other.keys()
    return sum(one.get(key) == other.get(key) for key in keys) / len(keys) if keys else 1.0


def cells(base: Row, mine: Row, theirs: Row) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """One row that all three have, and the cells that both changed: mine, theirs."""
    merged: dict[str, Any] = {}
    found: dict[str, tuple[Any, Any]] = {}
    for key in dict.fromkeys((*theirs, *mine)):
        was, own, there = (none(row.get(key)) for row in (base, mine, theirs))
        merged[key] = own if there == was else there
        if own not in (was, there) and there != was:
            found[key] = (own, there)
    return filled(merged), found


def none(value: Any) -> Any:
    """An emptied cell is one that holds nothing."""
    return None if value in ("", []) else value


def filled(row: Row) -> dict[str, Any]:
    return {key: value for key, value in row.items() if none(value) is not None}


def equal(one: Row, other: Row) -> bool:
    return filled(one) == filled(other)


def spelt(row: Row) -> str:
    return json.dumps(filled(row), ensure_ascii=False, sort_keys=True)
