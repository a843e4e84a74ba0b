"""Lines as rows of OMOP CDM 5.4 `drug_exposure`, with the fields that the Vulcan FHIR-to-OMOP guide fills.

Concept ids are 0 (no matching concept) unless a loaded vocabulary maps the source codes: none comes from memory, but
for the type «EHR prescription». Nothing is computed that the line does not say: no end without a duration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prescriptions.engine import wording
from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Dispense, Medication, Quantity

Concepts = Callable[[str, str], int]
"""(`drug`, `route`), a source code -> concept id; 0 where the vocabulary has none."""
EHR_PRESCRIPTION = 32838
DAYS = {"d": 1, "wk": 7, "mo": 30, "a": 365}
"""Days of a unit of duration, as the CDM counts a supply."""


def unmapped(_kind: str, _code: str) -> int:
    """No vocabulary is loaded."""
    return 0


@dataclass(frozen=True, slots=True)
class DrugExposure:
    """One row, in the order of the CDM. `person_id` is the prescription's: the line says of no other person."""

    drug_exposure_id: int
    person_id: int
    drug_concept_id: int
    drug_exposure_start_date: dt.date | None
    drug_exposure_end_date: dt.date | None
    verbatim_end_date: dt.date | None
    drug_type_concept_id: int
    stop_reason: str | None
    refills: int | None
    quantity: float | None
    days_supply: int | None
    sig: str
    route_concept_id: int
    drug_source_value: str
    drug_source_concept_id: int
    route_source_value: str | None
    dose_unit_source_value: str | None


def row(
    key: int, person: int, medication: Medication, date: dt.date | None, *, product: Product | None = None,
    dispense: Dispense | None = None, concepts: Concepts = unmapped,
) -> DrugExposure:  # fmt: skip
    """The row of a line; `dispense` is that of the whole ordonnance. The CDM requires dates: without one it is None.

    The source value is the CIS where a product is known, else the name with its strength.
    """
    supply = medication.dispense or dispense
    length = days(medication, supply)
    end = date + dt.timedelta(days=length - 1) if date and length else None
    source = product.cis if product else _named(medication)
    route = next((dosage.route for dosage in medication.dosage if dosage.route), None)
    counted = supply.quantity if supply else None
    concept = concepts("drug", source)
    return DrugExposure(
        drug_exposure_id=key,
        person_id=person,
        drug_concept_id=concept,
        drug_exposure_start_date=date,
        drug_exposure_end_date=end or date,
        verbatim_end_date=end,
        drug_type_concept_id=EHR_PRESCRIPTION,
        stop_reason=None,
        refills=supply.repeats if supply else None,
        quantity=counted.value if counted else None,
        days_supply=length,
        sig=wording.posology(medication),
        route_concept_id=concepts("route", route) if route else 0,
        drug_source_value=source,
        drug_source_concept_id=0,
        route_source_value=route,
        dose_unit_source_value=next(_units(medication), None),
    )


def days(medication: Medication, dispense: Dispense | None) -> int | None:
    """How long the medicine is taken: the steps one after the other, else QSP. None where a step has no length."""
    steps: dict[int, int | None] = {}
    for dosage in medication.dosage:
        length = _days(dosage.timing.bounds if dosage.timing else None)
        known = steps.get(dosage.sequence)
        steps[dosage.sequence] = max(length or 0, known or 0) or None
    told = [length for length in steps.values() if length is not None]
    if steps and len(told) == len(steps):
        return sum(told)
    return _days(dispense.qsp if dispense else None)


def _days(quantity: Quantity | None) -> int | None:
    if quantity is None or quantity.unit not in DAYS:
        return None
    most = quantity.value if quantity.value is not None else quantity.high
    return round(most * DAYS[quantity.unit]) if most else None


def _named(medication: Medication) -> str:
    return " ".join(part for part in (medication.name, wording.strengths(medication.strength)) if part)


def _units(medication: Medication) -> Iterator[str]:
    for dosage in medication.dosage:
        if dosage.dose and dosage.dose.unit:
            yield dosage.dose.unit
