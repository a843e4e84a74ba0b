"""What a new version would do to entries that exist: counted by evaluating each with both versions, nothing changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import evaluate
from ecrf.engine.state import Context

EMPTY: tuple[Any, ...] = (None, "", [])


@dataclass
class Impact:
    """Entries by item: how many hold, lose or get something. Counts only, never a value."""

    entries: int = 0
    affected: int = 0
    """Entries in which anything below happens."""
    removed: Counter[str] = field(default_factory=Counter)
    """Hold a value in an item that is no longer asked."""
    retyped: Counter[str] = field(default_factory=Counter)
    """Hold a value in an item whose type changes."""
    invalid: Counter[str] = field(default_factory=Counter)
    """Get an error that they don't have today."""
    warned: Counter[str] = field(default_factory=Counter)
    retired: Counter[str] = field(default_factory=Counter)
    """Hold a choice that is no longer offered (``item: code``)."""
    calculated: Counter[str] = field(default_factory=Counter)
    """Get another result of a calculation."""
    hidden: Counter[str] = field(default_factory=Counter)
    """Hold a value whose question is no longer shown."""
    missing: Counter[str] = field(default_factory=Counter)
    """Lack an answer that becomes required."""

    def as_data(self) -> dict[str, Any]:
        """As JSON."""
        return {name: dict(part) if isinstance(part, Counter) else part for name, part in vars(self).items()}


Case = tuple[Mapping[str, Any], Mapping[str, Any], Context]
"""The stored values and the notes of an entry, and the context in which it was saved."""


def impact(before: Definition, after: Definition, entries: Iterable[Case]) -> Impact:
    """Count over entries."""
    found = Impact()
    gone = [key for key in before.items if key not in after.items]
    retyped = [key for key in after.items if key in before.items and before.items[key].kind != after.items[key].kind]
    leaving = {key: codes for key, item in after.items.items() if (codes := no_longer_offered(before, key, item.codes))}
    for values, notes, context in entries:
        found.entries += 1
        counted = sum(part.total() for part in vars(found).values() if isinstance(part, Counter))
        found.removed.update(key for key in gone if values.get(key) not in EMPTY)
        found.retyped.update(key for key in retyped if values.get(key) not in EMPTY)
        for key, codes in leaving.items():
            held = values.get(key) or []
            found.retired.update(
                f"{key}: {code}" for code in (held if isinstance(held, list) else [held]) if code in codes
            )
        compare(found, before, after, (values, notes, context))
        if sum(part.total() for part in vars(found).values() if isinstance(part, Counter)) > counted:
            found.affected += 1
    return found


def no_longer_offered(before: Definition, key: str, codes: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Codes that the old version offered and the new one doesn't."""
    old = before.items[key].codes if key in before.items else {}
    offered = {code for code, choice in codes.items() if not choice.get("retired")}
    return frozenset(code for code, choice in old.items() if not choice.get("retired") and code not in offered)


def compare(found: Impact, before: Definition, after: Definition, case: Case) -> None:
    """One entry by both versions, without proposing defaults: what nobody saved says nothing."""
    values, notes, context = case
    was, will = (
        evaluate(
            definition,
            {key: value for key, value in values.items() if definition.holds(key)},
            context,
            notes=notes,
            defaults=False,
        )
        for definition in (before, after)
    )
    known = {(finding.key, finding.severity) for finding in was.findings if finding.code != "hidden_value"}
    for key, severity in dict.fromkeys((one.key, one.severity) for one in will.findings if one.code != "hidden_value"):
        if (key, severity) in known or (severity == "missing" and key not in before.items):
            continue
        counters = {"error": found.invalid, "missing": found.missing}
        counters.get(severity, found.warned)[key] += 1
    for key, item in after.items.items():
        if key not in before.items:
            continue
        if item.calc is not None and was.values.get(key) != will.values.get(key):
            found.calculated[key] += 1
        elif values.get(key) not in EMPTY and key in was.visible and key not in will.visible:
            found.hidden[key] += 1
