"""Lines as JSON in the words of PN13 (Phast), the message of French hospital pharmacies.

PN13 itself is XML with nomenclatures of its own; this is its structure with its element names, for those who map it to
their own message, and not a valid PN13 message. The mapping, by the ePrescription guide's maps from PN13 to FHIR:

| PN13 | from |
|---|---|
| `Prescription/Dh_prescription` | the date on the ordonnance |
| `Elément_prescr_médic/Rang_élément_prescr`, `Libellé_élément_prescr`, `Forme`, `Voie_administration` | the line |
| `…/Composant_prescrit/Libellé_composant`, `Code_composant_1`, `Non_substituable`, `ALD_exonérante` | medicine |
| `…/Posologie` | the whole posology in words |
| `…/Elément_posologie/Quantité`, `Débit`, `Durée` (`Nombre`, `Unité`) | dose, rate, duration; ranges have two numbers |
| `…/Fréquence_structurée/Frq_multiplicité`, `Frq_durée`, `Frq_échelle` (1 s … 7 a) | frequency, period, its unit |
| `…/Frq_filtre/Frq_filtreVal_1_J` (1 Monday … 7 Sunday) | days of the week |
| `…/Evt_structuré_début/…/Evt_période_nommée`, `Evt_période_explicite` | moments, clock times |
| `…/Conditions_application` | as needed, limits |
| `…/Fourniture` | quantity, QSP, renewal |
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prescriptions.engine import wording
from prescriptions.engine.exchange.fhir import Sent
from prescriptions.engine.exchange.quantities import number
from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Dispense, Dosage, Medication, Quantity, Timing

Json = dict[str, Any]
SCALES = {"s": "1", "min": "2", "h": "3", "d": "4", "wk": "5", "mo": "6", "a": "7"}
WEEK = {day: str(at) for at, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)}
MOST = {"Nombre": "value", "Nombre_min": "low", "Nombre_max": "high"}


def message(sent: Iterable[Sent]) -> Json:
    """The prescriptions, each with its lines; those nobody has reviewed say so."""
    return {"M_prescription_médicaments": {"Prescription": [_prescription(one) for one in sent]}}


def _prescription(sent: Sent) -> Json:
    lines = [
        element(number, medication, sent.products.get(number), sent.head.dispense)
        for number, medication in sent.medications.items()
    ]
    made = {"Id_prescription": sent.group, "Dh_prescription": sent.head.date, "Elément_prescr_médic": lines}
    if not sent.reviewed:
        made["Commentaire"] = "Lecture automatique non relue"
    return _told(made)


def element(rank: int, medication: Medication, product: Product | None, dispense: Dispense | None) -> Json:
    """One `Elément_prescr_médic`."""
    conditions = [
        words for dosage in medication.dosage for words in (wording.need(dosage), wording.limits(dosage)) if words
    ]
    return _told(
        {
            "Rang_élément_prescr": rank,
            "Libellé_élément_prescr": _label(medication),
            "Forme": medication.form,
            "Voie_administration": next((dosage.route for dosage in medication.dosage if dosage.route), None),
            "Posologie": wording.posology(medication),
            "Conditions_application": " ; ".join(dict.fromkeys(conditions)),
            "Fourniture": _supply(medication.dispense or dispense),
            "Composant_prescrit": [_component(medication, product)],
            "Elément_posologie": [_dosage(dosage) for dosage in medication.dosage],
        }
    )


def _label(medication: Medication) -> str:
    return " ".join(part for part in (medication.name, wording.strengths(medication.strength), medication.form) if part)


def _component(medication: Medication, product: Product | None) -> Json:
    return _told(
        {
            "Libellé_composant": product.name if product else _label(medication),
            "Type_composant_1": "UCD" if product and product.ucd else "CIS" if product else None,
            "Code_composant_1": (product.ucd[0] if product.ucd else product.cis) if product else None,
            "Code_ATC": medication.atc,
            "Non_substituable": bool(medication.substitution and not medication.substitution.allowed) or None,
            "Motif_non_substituable": medication.substitution.reason if medication.substitution else None,
            "ALD_exonérante": medication.ald or None,
        }
    )


def _dosage(dosage: Dosage) -> Json:
    timing = dosage.timing or Timing()
    return _told(
        {
            "Rang": dosage.sequence,
            "Quantité": quantity(dosage.dose),
            "Débit": _told({"Nombre": number(dosage.rate.value), "Unité": wording.rate(dosage).partition(" ")[2]})
            if dosage.rate
            else None,
            "Durée": quantity(timing.bounds),
            "Fréquence": wording.rhythm(timing),
            "Fréquence_structurée": _frequency(timing),
            "Evt_structuré_début": [{"Evt_objet": event} for event in _events(timing)],
            "Commentaire": " ; ".join(dosage.additional),
        }
    )


def quantity(found: Quantity | None) -> Json:
    """`Nombre` and `Unité`, or `Nombre_min` and `Nombre_max` for a range."""
    if found is None:
        return {}
    values = {name: getattr(found, source) for name, source in MOST.items()}
    return _told({name: number(v) for name, v in values.items() if v is not None} | {"Unité": found.unit})


def _frequency(timing: Timing) -> Json:
    made: Json = {}
    if timing.frequency is not None and timing.period is not None and timing.period_unit:
        made = {
            "Frq_multiplicité": number(timing.frequency),
            "Frq_durée": number(timing.period),
            "Frq_échelle": SCALES.get(timing.period_unit),
        }
    if timing.day_of_week:
        made["Frq_filtre"] = {"Frq_filtreVal_1_J": [WEEK[day] for day in timing.day_of_week]}
    return _told(made)


def _events(timing: Timing) -> list[Json]:
    named = [_told({"Evt_période_nommée": code, "Evt_décalage_min": timing.offset}) for code in timing.when]
    return named + [{"Evt_période_explicite": {"Evt_horaireMin": time}} for time in timing.time_of_day]


def _supply(found: Dispense | None) -> Json:
    if found is None:
        return {}
    return _told(
        {
            "Quantité": quantity(found.quantity),
            "Durée": quantity(found.qsp),
            "Renouvellements": found.repeats,
            "Durée_renouvellement": quantity(found.renew_for),
        }
    )


def _told(made: Json) -> Json:
    """Without what is empty."""
    return {name: value for name, value in made.items() if value not in (None, "", [], {})}
