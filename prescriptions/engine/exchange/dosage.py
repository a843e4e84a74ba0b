"""A dosage as FHIR `Dosage`, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prescriptions.engine import wording
from prescriptions.engine.exchange import quantities, timing
from prescriptions.engine.exchange.codes import EDQM, NEEDS, ROUTES, SNOMED, route_of
from prescriptions.engine.schema import Dosage, Quantity, Timing

Json = dict[str, Any]


def write(dosage: Dosage, supplied: Quantity | None = None) -> Json:
    """One `dosageInstruction`. `supplied` (QSP) is the duration where the dosage itself has none."""
    rhythm = dosage.timing
    if supplied is not None and (rhythm is None or rhythm.bounds is None):
        rhythm = replace(rhythm or Timing(), bounds=supplied)
    said = timing.said(rhythm, dosage.min_interval)
    made: Json = {"sequence": dosage.sequence}
    if words := [*dosage.additional, *said.words, *_most_once(dosage)]:
        made["additionalInstruction"] = [{"text": text} for text in words]
    if said.repeat:
        made["timing"] = {"repeat": said.repeat}
    if dosage.as_needed_for:
        made["asNeededCodeableConcept"] = _need(dosage.as_needed_for)
    elif dosage.as_needed:
        made["asNeededBoolean"] = True
    if dosage.site:
        made["site"] = {"text": dosage.site}
    if dosage.route:
        made["route"] = route(dosage.route)
    if dosage.method:
        made["method"] = {"text": dosage.method}
    given: Json = {}
    if dosage.dose:
        given |= quantities.dose(dosage.dose)
    if dosage.rate:
        given["rateRatio"] = quantities.rate(dosage.rate)
    if given:
        made["doseAndRate"] = [given]
    if dosage.max_dose_per_period:
        made["maxDosePerPeriod"] = quantities.limit(dosage.max_dose_per_period)
    most = dosage.max_dose_per_administration
    if most and most.value is not None:
        made["maxDosePerAdministration"] = quantities.simple(most.value, most.unit)
    return made


def _most_once(dosage: Dosage) -> list[str]:
    """A most that is a range has no place in R4."""
    most = dosage.max_dose_per_administration
    return [f"maximum {wording.amount(most)} par prise"] if most and most.value is None else []


def _need(reason: str) -> Json:
    code = NEEDS.get(reason.casefold())
    made: Json = {"coding": [{"system": SNOMED, "code": code, "display": reason}]} if code else {}
    return made | {"text": reason}


def route(name: str) -> Json:
    """EDQM first, as the guide binds it, then SNOMED CT; a route that isn't in the tables is text."""
    if name not in ROUTES:
        return {"text": name}
    edqm, snomed = ROUTES[name]
    display = f"Voie {name}"
    coding = [{"system": EDQM, "code": edqm, "display": display}]
    if snomed:
        coding.append({"system": SNOMED, "code": snomed})
    return {"coding": coding, "text": display}


def read(instruction: Json) -> Dosage:
    """The dosage that a `dosageInstruction` says; words that it holds beside are kept in `additional`."""
    repeat = instruction.get("timing", {}).get("repeat", {})
    rhythm, gap = timing.read(repeat)
    given = (instruction.get("doseAndRate") or [{}])[0]
    need = instruction.get("asNeededCodeableConcept")
    most = instruction.get("maxDosePerAdministration")
    within = instruction.get("maxDosePerPeriod")
    words = [text for one in instruction.get("additionalInstruction", ()) if (text := text_of(one))]
    return Dosage(
        sequence=instruction.get("sequence", 1),
        dose=quantities.read_dose(given),
        rate=quantities.read_rate(given["rateRatio"]) if "rateRatio" in given else None,
        timing=rhythm,
        as_needed=bool(need or instruction.get("asNeededBoolean")),
        as_needed_for=_without_if(text_of(need)),
        max_dose_per_period=quantities.read_limit(within) if within else None,
        max_dose_per_administration=Quantity(value=float(most["value"]), unit=quantities.unit_of(most))
        if most
        else None,
        min_interval=gap,
        route=_route(instruction.get("route")),
        method=text_of(instruction.get("method")),
        site=text_of(instruction.get("site")),
        additional=tuple(words),
    )


def _without_if(reason: str | None) -> str | None:
    """« Si douleur » is needed for « douleur »."""
    return reason[3:] if reason and reason.casefold().startswith("si ") else reason


def _route(concept: Json | None) -> str | None:
    for coding in (concept or {}).get("coding", ()):
        if ours := route_of(coding.get("code", "")):
            return ours
    return text_of(concept)


def text_of(concept: Json | None) -> str | None:
    """The words of a CodeableConcept: its text, else the name of its first code."""
    if not concept:
        return None
    names = [coding.get("display") for coding in concept.get("coding", ())]
    return concept.get("text") or next((name for name in names if name), None)
