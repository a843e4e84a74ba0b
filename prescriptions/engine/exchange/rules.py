"""Rules that a resource keeps, as data: what they are called, what they say, where and how they are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`where` is a kind of element (`repeat`, `dosage`, `quantity`…); `holds` judges one element of that kind."""

    id: str
    where: str
    text: str
    holds: Callable[[Json], bool]
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that an element breaks, and the path of that element."""

    rule: str
    severity: Severity
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """An element of a bundle: its path, its kinds, and itself."""

    path: str
    kinds: tuple[str, ...]
    element: Json


DOSE = ("quantity", "dose quantity")
KINDS: dict[str, tuple[str, ...]] = {
    "dosageInstruction": ("dosage",), "repeat": ("repeat",), "doseAndRate": ("dose",),
    "doseQuantity": DOSE, "rateQuantity": DOSE, "numerator": DOSE, "low": DOSE, "high": DOSE,
    "maxDosePerAdministration": DOSE, "maxDosePerLifetime": DOSE, "denominator": DOSE, "quantity": ("quantity",),
    "boundsDuration": ("quantity", "duration"), "expectedSupplyDuration": ("quantity", "duration"),
    "doseRange": ("range",), "rateRange": ("range",), "boundsRange": ("range",),
    "rateRatio": ("ratio",), "maxDosePerPeriod": ("ratio",), "boundsPeriod": ("period",),
    "validityPeriod": ("period",), "route": ("route",), "medicationCodeableConcept": ("medicine",),
    "dispenseRequest": ("supply",), "substitution": ("substitution",), "entry": ("entry",), "extension": ("extension",),
}  # fmt: skip
"""What an element is, by its name: R4 has one type for each of these."""
ROOTS = {"Bundle": ("bundle",), "MedicationRequest": ("request",)}


def places(found: Json, path: str = "") -> Iterator[Place]:
    """Every element of a resource, the resource itself first."""
    kind = str(found.get("resourceType", ""))
    path = path or kind
    yield Place(path, (*ROOTS.get(kind, ()), "element"), found)
    yield from _inside(found, path)


def _inside(found: Json, path: str) -> Iterator[Place]:
    for name, value in found.items():
        several = value if isinstance(value, list) else [value]
        for at, inner in enumerate(several):
            if not isinstance(inner, dict):
                continue
            here = f"{path}.{name}[{at}]" if isinstance(value, list) else f"{path}.{name}"
            if "resourceType" in inner:
                yield from places(inner, here)
            else:
                yield Place(here, (*KINDS.get(name, ()), "element"), inner)
                yield from _inside(inner, here)


def check(found: Json, rules: tuple[Rule, ...] | None = None) -> list[Finding]:
    """What the resource breaks, of the rules of R4 and of the French guide; errors and warnings in their order."""
    from prescriptions.engine.exchange import guide, invariants

    held = invariants.RULES + guide.RULES if rules is None else rules
    by_kind: dict[str, list[Rule]] = {}
    for rule in held:
        by_kind.setdefault(rule.where, []).append(rule)
    return [
        Finding(rule.id, rule.severity, place.path, rule.text)
        for place in places(found)
        for kind in place.kinds
        for rule in by_kind.get(kind, ())
        if not rule.holds(place.element)
    ]
