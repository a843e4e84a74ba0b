"""What two lines of an ordonnance say together: the same substance twice, or a pair that is forbidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from prescriptions.engine.safety.alert import DANGER, NOTE, WARNING, Alert
from prescriptions.engine.safety.never_events import FENTANYL, components, rules
from prescriptions.engine.schema import Line, Medication

ATC_OF_SUBSTANCE = 7


def together(lines: Sequence[Line]) -> Iterator[tuple[int, Alert]]:
    """(place of the line, alert) for what two lines say together: the same substance twice, or a forbidden pair."""
    for (first, one), (second, other) in combinations(enumerate(lines), 2):
        mine, theirs = substances(one.medication.atc), substances(other.medication.atc)
        facts: dict[str, float | str] = {"other": other.medication.name or "", "line": first + 1.0,
                                         "name": one.medication.name or ""}  # fmt: skip
        if shared := mine & theirs:
            yield second, Alert("twice", "name", _level(one, other), facts | {"atc": min(shared)})
            if shared == {FENTANYL} and all(_is_patch(each.medication) for each in (one, other)):
                yield second, Alert("patches_stacked", "name", DANGER, {"patches": 2.0})
        for rule in rules():
            if rule.name == "pair" and ((_has(mine, rule.atc) and _has(theirs, rule.other))
                                        or (_has(theirs, rule.atc) and _has(mine, rule.other))):  # fmt: skip
                yield second, Alert("pair", "name", rule.level, facts)


def substances(atc: str | None) -> frozenset[str]:
    """The codes of all substances that a code stands for; none for a class."""
    if not atc or len(atc) < ATC_OF_SUBSTANCE:
        return frozenset()
    return components().get(atc, frozenset({atc})) | ({atc} if atc not in components() else frozenset())


def _has(codes: frozenset[str], start: str) -> bool:
    return any(code.startswith(start) for code in codes)


def _level(one: Line, other: Line) -> str:
    """Prolonged and immediate release, a tablet and a cream, or as needed beside a basis: often on purpose."""
    forms = {(line.medication.form or "").partition(" ")[0] for line in (one, other)}
    needed = {any(dosage.as_needed for dosage in line.medication.dosage) for line in (one, other)}
    names = {line.medication.name for line in (one, other)}
    return NOTE if len(needed) == 2 or (len(forms) == 2 and len(names) == 2) else WARNING


def _is_patch(medication: Medication) -> bool:
    return medication.form in ("patch", "dispositif transdermique") or any(
        one.dose is not None and one.dose.unit == "patch" for one in medication.dosage
    )
