"""The entries of a dictionary as plain values, and what changes between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEVELS = ("", "personal", "identifying")
"""How protected a column is, from the least to the most: as its dataset; tells a person apart together with others;
names a person by itself."""
TEXTS = {"label": 300, "label_en": 300, "description": 4000, "unit": 60}
"""Field of text -> the most characters it holds."""
FIELDS = (*TEXTS, "codes", "missing_codes", "sensitivity")
"""What may be edited of a column. Its name, type and missing values come from the file."""
MOST_CODES = 5000

Entry = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One field of one column that two dictionaries say differently."""

    column: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Flaw:
    """Why an entry can't be kept: which field of which column, and a code."""

    column: str
    field: str
    code: str


def level(sensitivity: str) -> int:
    """How protected this is; what nobody knows is protected most."""
    return LEVELS.index(sensitivity) if sensitivity in LEVELS else len(LEVELS) - 1


def strictest(levels: Iterable[str]) -> str:
    """The highest of some levels; the lowest of all where there is none."""
    return LEVELS[max(map(level, levels), default=0)]


def entry(column: Mapping[str, Any]) -> Entry:
    """The editable part of a stored column, complete whatever the age of what was stored."""
    return {
        "name": column["name"],
        **{name: column.get(name) or "" for name in TEXTS},
        "codes": dict(column.get("codes") or {}),
        "missing_codes": list(column.get("missing_codes") or ()),
        "sensitivity": LEVELS[level(column.get("sensitivity") or "")],
    }


def flaws(entries: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Iterator[Flaw]:
    """Everything that is wrong with some entries for a table of these columns."""
    seen: set[str] = set()
    for given in entries:
        name = given["name"]
        if name not in names:
            yield Flaw(name, "name", "absent")
        elif name in seen:
            yield Flaw(name, "name", "twice")
        seen.add(name)
        for field, most in TEXTS.items():
            if len(given[field]) > most:
                yield Flaw(name, field, "too_long")
        if given["sensitivity"] not in LEVELS:
            yield Flaw(name, "sensitivity", "unknown_level")
        if len(given["codes"]) > MOST_CODES or len(given["missing_codes"]) > MOST_CODES:
            yield Flaw(name, "codes", "too_many_codes")
        texts = [*given["codes"], *given["codes"].values(), *given["missing_codes"]]
        if any(len(text) > TEXTS["label"] for text in texts):
            yield Flaw(name, "codes", "too_long")


def with_edits(entries: Sequence[Entry], edits: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The entries with some fields of some columns said anew, in the order they had."""
    by_name = {given["name"]: given for given in edits}
    said = ((old, by_name.get(old["name"], {})) for old in entries)
    return [{**old, **{field: new[field] for field in FIELDS if field in new}} for old, new in said]


def changes(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Change]:
    """What two dictionaries say differently of the columns that both have."""
    old = {given["name"]: entry(given) for given in before}
    return [
        Change(new["name"], field, old[new["name"]][field], new[field])
        for new in map(entry, after)
        if new["name"] in old
        for field in FIELDS
        if old[new["name"]][field] != new[field]
    ]


def taken_over(
    published: Mapping[str, Any], edited: Mapping[str, Any], new: Mapping[str, Any], *, same_type: bool
) -> Entry:
    """What the next version says of a column, from what was published before, what people made of it, and what is new.

    What somebody edited stays; else what the new version says counts, and where it says nothing, what was known. Of two
    who changed the sensitivity the stricter one counts. Units and codes are those of a type.
    """
    base, theirs, given = entry(published), entry(edited), entry(new)
    made = dict(given)
    for field in FIELDS:
        if field in ("unit", "codes", "missing_codes") and not same_type:
            continue
        if theirs[field] != base[field] or not given[field]:
            made[field] = theirs[field]
    if theirs["sensitivity"] != base["sensitivity"] and given["sensitivity"] not in ("", base["sensitivity"]):
        made["sensitivity"] = strictest([theirs["sensitivity"], given["sensitivity"]])
    return made
