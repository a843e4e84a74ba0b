"""A line as `FRMedicationRequest` of the French ePrescription guide (1.1.0-ballot), and back.

Facts of the guide: `authoredOn`, `requester` and `dosageInstruction` are there always, `patientInstruction` never, the
whole posology in words stands in the extension `renderedDosageInstruction`, and the lines of an ordonnance share their
`groupIdentifier`. What isn't known says so (`data-absent-reason`); nothing is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from prescriptions.engine import wording
from prescriptions.engine.exchange import dosage as dosages
from prescriptions.engine.exchange.codes import ABSENT, ATC, REASONS, RENDERED, REQUEST, SPECIALITE, UCD
from prescriptions.engine.exchange.quantities import duration, read_bounds, simple, unit_of
from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Dispense, Dosage, Medication, Quantity, Substitution

Json = dict[str, Any]
ALD = "En rapport avec une affection de longue durée (ALD)"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the lines of one ordonnance have in common. `status` is `draft` for what nobody has reviewed."""

    group: str
    subject: str
    requester: str
    authored: str | None = None
    status: str = "active"
    dispense: Dispense | None = None


def absent(reason: str) -> Json:
    """The extension that says why something isn't there: `unknown`, `masked`."""
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}


def write(medication: Medication, frame: Frame, key: str, product: Product | None = None) -> Json:
    """The resource of one line; `key` is its id. Without a product the medicine is named and not coded."""
    dispense = medication.dispense or frame.dispense
    made: Json = {"resourceType": "MedicationRequest", "id": key, "meta": {"profile": [REQUEST]}}
    if words := wording.posology(medication):
        made["extension"] = [{"url": RENDERED, "valueMarkdown": words}]
    made |= {
        "status": frame.status,
        "intent": "order",
        "medicationCodeableConcept": medicine(medication, product),
        "subject": {"reference": frame.subject},
    }
    made |= {"authoredOn": frame.authored} if frame.authored else {"_authoredOn": absent("unknown")}
    made |= {
        "requester": {"reference": frame.requester},
        "groupIdentifier": {"system": "urn:ietf:rfc:3986", "value": frame.group},
    }
    if notes := _notes(medication, dispense):
        made["note"] = [{"text": text} for text in notes]
    made["dosageInstruction"] = instructions(medication.dosage, dispense)
    if supply := _supply(dispense):
        made["dispenseRequest"] = supply
    if medication.substitution:
        made["substitution"] = _substitution(medication.substitution)
    return made


def medicine(medication: Medication, product: Product | None) -> Json:
    """The name with its strength and form; the codes of the product: CIS, UCD, ATC."""
    words = " ".join(
        part for part in (medication.name, wording.strengths(medication.strength), medication.form) if part
    )
    coding = []
    if product:
        coding.append({"system": SPECIALITE, "code": product.cis, "display": product.name})
        coding += [{"system": UCD, "code": code} for code in product.ucd]
    if atc := medication.atc or (product.atc if product else ""):
        coding.append({"system": ATC, "code": atc})
    text = {"text": words} if words else absent("unknown")
    return ({"coding": coding} if coding else {}) | text


def instructions(found: tuple[Dosage, ...], dispense: Dispense | None) -> list[Json]:
    """At least one. In town QSP is the length of the treatment: of one step that has no length of its own."""
    if not found:
        return [absent("unknown")]
    qsp = dispense.qsp if dispense else None
    stepwise = len({one.sequence for one in found}) > 1
    bounded = any(one.timing and one.timing.bounds for one in found)
    supplied = qsp if qsp and qsp.unit and not stepwise and not bounded else None
    return [dosages.write(one, supplied) for one in found]


def _notes(medication: Medication, dispense: Dispense | None) -> list[str]:
    """What has no element of its own: long-term disease, renewal without a count."""
    notes = [ALD] if medication.ald else []
    if dispense and dispense.repeats is None:
        if dispense.renew_for:
            notes.append(f"À renouveler pendant {wording.length(dispense.renew_for)}")
        elif dispense.renewable:
            notes.append("À renouveler")
    return notes


def _supply(dispense: Dispense | None) -> Json:
    """Not renewable is 0 repeats; a range of QSP has no place here and stays in the dosage."""
    made: Json = {}
    if dispense is None:
        return made
    if dispense.repeats is not None:
        made["numberOfRepeatsAllowed"] = dispense.repeats
    elif dispense.renewable is False:
        made["numberOfRepeatsAllowed"] = 0
    if dispense.quantity and dispense.quantity.value is not None:
        made["quantity"] = simple(dispense.quantity.value, dispense.quantity.unit)
    if dispense.qsp and dispense.qsp.value is not None and dispense.qsp.unit:
        made["expectedSupplyDuration"] = duration(dispense.qsp.value, dispense.qsp.unit)
    return made


def _substitution(found: Substitution) -> Json:
    made: Json = {"allowedBoolean": found.allowed}
    if found.reason:
        known = REASONS.get(found.reason)
        made["reason"] = {"text": f"{found.reason} : {known}" if known else found.reason}
    return made


# the way back -------------------------------------------------------------------------------------------------------


def read(resource: Json) -> Medication:
    """The line that a MedicationRequest says: name, ATC, dosages, supply, substitution.

    The strength and the form are part of the name there: they are left in it. A duration that is that of the supply
    is taken for QSP, which the dosages then don't repeat.
    """
    concept = resource.get("medicationCodeableConcept", {})
    codes = {coding.get("system"): coding.get("code") for coding in concept.get("coding", ())}
    found = [one for one in resource.get("dosageInstruction", ()) if one.keys() - {"extension"}]
    dispense = _read_supply(resource)
    qsp = dispense.qsp if dispense else None
    substitution = resource.get("substitution")
    return Medication(
        name=dosages.text_of(concept),
        atc=codes.get(ATC),
        dosage=tuple(_unsupplied(dosages.read(one), qsp) for one in found),
        dispense=dispense,
        substitution=_read_substitution(substitution) if substitution else None,
        ald=any(note.get("text") == ALD for note in resource.get("note", ())),
    )


def _unsupplied(found: Dosage, qsp: Quantity | None) -> Dosage:
    if qsp is None or found.timing is None or found.timing.bounds != qsp:
        return found
    rest = replace(found.timing, bounds=None)
    return replace(found, timing=rest if rest != type(rest)() else None)


def _read_supply(resource: Json) -> Dispense | None:
    asked = resource.get("dispenseRequest", {})
    repeats = asked.get("numberOfRepeatsAllowed")
    quantity, expected = asked.get("quantity"), asked.get("expectedSupplyDuration")
    made = Dispense(
        qsp=read_bounds({"boundsDuration": expected}) if expected else None,
        quantity=Quantity(value=float(quantity["value"]), unit=unit_of(quantity)) if quantity else None,
        repeats=repeats or None,
        renewable=None if repeats is None else repeats > 0,
    )
    return made if made != Dispense() else None


def _read_substitution(found: Json) -> Substitution:
    reason = dosages.text_of(found.get("reason"))
    code = reason.partition(" ")[0] if reason else ""
    return Substitution(bool(found.get("allowedBoolean")), code if code in REASONS else reason)
