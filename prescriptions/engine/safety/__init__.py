"""Is what was read plausible? Doses against usual maxima, strengths against real ones, errors that must never pass.

A plausibility check for misreadings, not a medical device: no alert doesn't mean that a dose is right.

>>> from prescriptions.engine import read_line, safety
>>> [alert.code for alert in safety.check_line(read_line("LEVOTHYROX 75 mg : 1 cp le matin"))]
['strength_implausible']
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from prescriptions.engine import sharing
from prescriptions.engine.reference.product import Product
from prescriptions.engine.safety import never_events, together
from prescriptions.engine.safety.alert import DANGER, LEVELS, NOTE, WARNING, Alert
from prescriptions.engine.safety.doses import Patient, check_doses
from prescriptions.engine.schema import Evidence, Line, Medication, Ordonnance

ProductsOf = Callable[[Medication], Sequence[Product]]
"""The products that a medicine's name may stand for, the likeliest first."""
NOBODY = Patient()
DOUBTED = 0.4
"""Confidence left to a value that is likelier misread than meant."""
FAR_ABOVE = 2.0
"""Times the usual maximum from which a dose is doubted even without a likelier reading."""


def check_line(line: Line, patient: Patient = NOBODY, products: Sequence[Product] = ()) -> tuple[Alert, ...]:
    """What one line says against itself, the gravest first."""
    found = [
        *check_doses(line.medication, patient, products, sharing.unshared(line)),
        *never_events.check_line(line),
    ]
    return tuple(sorted(found, key=lambda alert: -LEVELS.index(alert.level)))


def check(
    lines: Sequence[Line], patient: Patient = NOBODY, products_of: ProductsOf | None = None
) -> tuple[tuple[Alert, ...], ...]:
    """The alerts of each line of one ordonnance, those of two lines together at the later one."""
    found = [list(check_line(line, patient, products_of(line.medication) if products_of else ())) for line in lines]
    for place, alert in together.together(lines):
        found[place].append(alert)
    return tuple(tuple(sorted(each, key=lambda alert: -LEVELS.index(alert.level))) for each in found)


def doubted(line: Line, alerts: Sequence[Alert]) -> Line:
    """The line, its confidence lowered where an alert says that a value was probably misread."""
    paths = {alert.path for alert in alerts if alert.is_misreading or float(alert.facts.get("factor", 0)) >= FAR_ABOVE}
    if not paths:
        return line
    return replace(line, evidence=tuple(_doubt(item, paths) for item in line.evidence))


def _doubt(item: Evidence, paths: set[str]) -> Evidence:
    if item.path not in paths or item.confidence <= DOUBTED:
        return item
    why = item.why if item.why == sharing.WHY else "implausible dose or strength"
    return replace(item, confidence=DOUBTED, why=why)


def judged(ordonnance: Ordonnance, products_of: ProductsOf | None = None) -> Ordonnance:
    """The ordonnance with doubts where its doses can't be; the patient's weight is that of its head."""
    patient = Patient(weight_kg=ordonnance.document.patient_weight_kg)
    alerts = check(ordonnance.lines, patient, products_of)
    lines = tuple(doubted(line, found) for line, found in zip(ordonnance.lines, alerts, strict=True))
    return replace(ordonnance, lines=lines)


__all__ = ["DANGER", "LEVELS", "NOTE", "WARNING", "Alert", "Patient", "ProductsOf", "check", "check_line", "doubted",
           "judged"]  # fmt: skip
