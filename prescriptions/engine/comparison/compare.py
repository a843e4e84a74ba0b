"""Match the lines of two ordonnances: by name, then by substance, then by class; nothing is matched twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import combinations

from prescriptions.engine.comparison import daily, fields
from prescriptions.engine.comparison.values import (
    ADDED,
    CHANGED,
    KINDS,
    SAME,
    STOPPED,
    SWITCHED,
    Change,
    Comparison,
    Duplicate,
    Item,
    Stopped,
)
from prescriptions.engine.schema import Medication

LEVEL_5, LEVEL_4 = 7, 5
"""Characters of an ATC code that name a substance, and its chemical subgroup."""


def compare(before: Sequence[Item], after: Sequence[Item], stopped: Sequence[Stopped] = ()) -> Comparison:
    """What became of each line of `before`, and what `after` adds; `stopped` are the medicines that it says to stop."""
    old, new = list(before), list(after)
    pairs: list[tuple[Item, Item, str]] = []
    for by, key in MATCHES:
        pairs += _match(old, new, by, key)
    changes = [_paired(first, second, by) for first, second, by in pairs]
    said = list(stopped)
    for item in old:
        told = next((one for one in said if _names(one, item.medication)), None)
        if told:
            said.remove(told)
        changes.append(_gone(item, said=told is not None))
    changes += [_new(item) for item in new]
    known = [item.medication for item in before]
    changes += [
        Change(STOPPED, one.name, said=True) for one in said if not any(_names(one, medication) for medication in known)
    ]
    contradicted = [one for one in said if any(_names(one, item.medication) for item in after)]
    changes = [_contradict(change, contradicted, after) for change in changes]
    order = {kind: place for place, kind in enumerate(KINDS)}
    changes.sort(key=lambda change: (order[change.kind], change.before_number or 0, change.after_number or 0))
    return Comparison(tuple(changes), tuple(_duplicates(after)))


def plain(name: str | None) -> str:
    """A name without accents, case and signs: `Doliprane®` is `DOLIPRANE`."""
    letters = unicodedata.normalize("NFKD", (name or "").upper())
    return " ".join("".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split())


def _exact(item: Item) -> Hashable:
    return plain(item.medication.name) and (plain(item.medication.name), fields.title(item.medication))


def _by_name(item: Item) -> Hashable:
    return plain(item.medication.name)


def _substance(item: Item) -> Hashable:
    atc = item.medication.atc or ""
    return tuple(sorted(item.substances)) or (atc if len(atc) >= LEVEL_5 else "")


def _atc(item: Item) -> Hashable:
    atc = item.medication.atc or ""
    return atc if len(atc) >= LEVEL_5 else ""


def _class(item: Item) -> Hashable:
    atc = item.medication.atc or ""
    return atc[:LEVEL_4] if len(atc) >= LEVEL_4 else ""


MATCHES: tuple[tuple[str, Callable[[Item], Hashable]], ...] = (
    ("name", _exact),
    ("name", _by_name),
    ("substance", _substance),
    ("substance", _atc),
    ("class", _class),
)
"""How lines are matched, surest first. The name with its strength goes before the name alone."""


def _match(old: list[Item], new: list[Item], by: str, key: Callable[[Item], Hashable]) -> list[tuple[Item, Item, str]]:
    """Pairs of equal keys, in the order of the lines; they leave both lists. An empty key matches nothing."""
    found = []
    for first in list(old):
        second = next((item for item in new if key(first) and key(item) == key(first)), None)
        if second is not None:
            old.remove(first)
            new.remove(second)
            found.append((first, second, by))
    return found


def _paired(first: Item, second: Item, by: str) -> Change:
    before, after = first.medication, second.medication
    found = fields.differences(before, after)
    kind = SWITCHED if by != "name" else CHANGED if found else SAME
    return Change(
        kind=kind,
        name=before.name or after.name or "",
        before=fields.line(before),
        after=fields.line(after),
        before_number=first.number,
        after_number=second.number,
        by=by,
        differences=found,
        daily_before=daily.daily(before),
        daily_after=daily.daily(after),
        direction=daily.direction(before, after) if by != "class" else "",
    )


def _gone(item: Item, *, said: bool) -> Change:
    words = fields.line(item.medication)
    return Change(
        STOPPED, item.medication.name or "", before=words, before_number=item.number, said=said,
        daily_before=daily.daily(item.medication),
    )  # fmt: skip


def _new(item: Item) -> Change:
    words = fields.line(item.medication)
    return Change(
        ADDED, item.medication.name or "", after=words, after_number=item.number,
        daily_after=daily.daily(item.medication),
    )  # fmt: skip


def _names(stopped: Stopped, medication: Medication) -> bool:
    """The same name, or the same substance by its ATC code."""
    same = plain(stopped.name) == plain(medication.name)
    return same or (len(stopped.atc) >= LEVEL_5 and stopped.atc == medication.atc)


def _contradict(change: Change, stopped: Sequence[Stopped], after: Sequence[Item]) -> Change:
    """Mark a line that the second ordonnance has, and says to stop as well."""
    found = next((item.medication for item in after if item.number == change.after_number), None)
    if found is None or not any(_names(one, found) for one in stopped):
        return change
    return replace(change, said=True)


def _duplicates(items: Sequence[Item]) -> list[Duplicate]:
    """Hints: two lines with one substance, or two of one class (ATC level 4)."""
    found = []
    for first, second in combinations(items, 2):
        names = fields.title(first.medication), fields.title(second.medication)
        substance, group = _atc(first), _class(first)
        if (substance and substance == _atc(second)) or (_by_name(first) and _by_name(first) == _by_name(second)):
            found.append(Duplicate(*names, "substance", str(substance)))
        elif group and group == _class(second):
            found.append(Duplicate(*names, "class", str(group)))
    return found
