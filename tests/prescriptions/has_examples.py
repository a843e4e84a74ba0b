"""The official posology examples (HAS, coded in FHIR by ANS and Interop'Santé) in our shape, to compare by meaning.

The file is no part of the project. Known looseness of its codings is met here: moments beside hours (HAS-15), a
minimum interval coded as `frequencyMax` in a period, rates for a dose given over some hours, dates instead of lengths.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from prescriptions.engine.evaluation.meaning import DAYS, MEALS, a_day

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
FILE = (
    Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared" / "data"))
    / "prescriptions"
    / "has_ans_fhir_examples.jsonl"
)
NO_POSOLOGY = ("METFORMINE® ou GLICLAZIDE", "METHOTREX® et LEDERFOLINE", "Paracetamol 2h après Sucralfate")
"""Texts that name medicines only: what the coding says of doses stands nowhere in them."""
KNOWN = {
    "HAS-16-Presc-Racecadotril": "countMax without count, and an offset of none for « au début du repas »",
    "HAS-30-1-Presc-Hydrocortisone": "when and timeOfDay together",
    "HAS-32-1-Presc-LOVENOX": "one week in the text, two in the coding",
    "Presc-BISOPROLOL-SANDOZ-DosesRationnelles": "one week in the text, three months in the coding",
    "HAS-8-2-Presc-Paracetamol": "« si température … » coded as a remark",
    "HAS-25-NOVORAPID": "conditions coded as remarks",
    "HAS-30-2-Presc-Cetirizine": "« par jour » is not coded",
    "HAS-19-Presc-Paracetamol": "the interval is coded as a maximum of one in four hours",
    "Presc-Methylpredinosolone-DosesEvolutives": "an hour that the text does not say",
    "Presc-Nicotine-15mgPar16h": "what the patch gives off is coded as its dose",
}
"""Where the coding says other than the text, or as another convention has it: no fault of a reading."""
UNITS = {
    "appln": "application", "gelule ou capsule molle": "gélule", "gélule ou capsule molle": "gélule", "u": "UI",
    "dispositif transdermique": "patch", "ui anti-xa": "UI", "comprimé": "comprimé", "ml": "mL", "dose_kg": "dose-kg",
    "récipient unidose": "unidose", "g": "g",
}  # fmt: skip
TIME = {"jour": "d", "jours": "d", "semaine": "wk", "semaines": "wk", "mois": "mo", "heure": "h", "heures": "h"}


def examples() -> Iterator[Json]:
    """Those whose text says a posology."""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        if not one["text"].startswith(NO_POSOLOGY):
            yield one


def name_of(one: Json) -> str:
    return str(one["id"]).replace("medicationrequest-", "")


def _unit(quantity: Json | None) -> str | None:
    written = str((quantity or {}).get("unit") or "")
    return UNITS.get(written.lower(), written.lower() if len(written) > 3 else written) or None


def _quantity(quantity: Json) -> Json:
    return {"value": quantity["value"], "unit": _unit(quantity)}


def _length(repeat: Json) -> Json | None:
    if bounds := repeat.get("boundsDuration"):
        return {"value": bounds["value"], "unit": TIME.get(bounds["unit"], bounds.get("code") or bounds["unit"])}
    period = repeat.get("boundsPeriod") or {}
    if "start" in period and "end" in period:
        first, last = (datetime.fromisoformat(period[end]) for end in ("start", "end"))
        return {"value": round((last - first).total_seconds() / 86400), "unit": "d"}
    return None


def dosage(fhir: Json) -> Json:
    """One FHIR R4 Dosage in our shape."""
    repeat = (fhir.get("timing") or {}).get("repeat") or {}
    timing = {key: repeat[key] for key in ("frequency", "frequencyMax", "period", "periodMax", "periodUnit", "when",
              "offset", "dayOfWeek", "duration", "durationUnit") if key in repeat}  # fmt: skip
    found: Json = {"sequence": fhir.get("sequence", 1), "timing": timing}
    if "frequencyMax" in timing and "frequency" not in timing and timing["periodUnit"] == "d":
        timing["frequency"] = 1  # « 1 à 2 applications par jour »
    elif "frequencyMax" in timing and "frequency" not in timing:
        found["minInterval"] = {
            "value": timing.get("period", timing.get("periodMax")),
            "unit": timing["periodUnit"],
        }
        for key in ("frequencyMax", "period", "periodMax", "periodUnit"):
            timing.pop(key, None)
    if "period" in timing and "frequency" not in timing:
        timing["frequency"] = 1
    if "timeOfDay" in repeat:
        timing.pop("when", None)
        timing["timeOfDay"] = [time[:5] for time in repeat["timeOfDay"]]
    if bounds := _length(repeat):
        timing["bounds"] = bounds
    for given in fhir.get("doseAndRate") or ():
        if "doseQuantity" in given:
            found["dose"] = _quantity(given["doseQuantity"])
        elif "doseRange" in given:
            ends = given["doseRange"]
            low, high = ends.get("low") or ends["high"], ends.get("high") or ends["low"]
            found["dose"] = {"low": low["value"], "high": high["value"], "unit": _unit(low)}
        elif "rateRatio" in given:
            over, under = given["rateRatio"]["numerator"], given["rateRatio"]["denominator"]
            found["dose"] = _quantity(over)
            timing.update(duration=under["value"], durationUnit=under["unit"])
    found["asNeeded"] = "asNeededCodeableConcept" in fhir or bool(fhir.get("asNeededBoolean"))
    if most := fhir.get("maxDosePerPeriod"):
        found["maxDosePerPeriod"] = most["numerator"]["value"]
    if most := fhir.get("maxDosePerAdministration"):
        found["maxDosePerAdministration"] = most["value"]
    return found


def _moments(timing: Json) -> list[Any]:
    codes = timing.get("when") or []
    moments = {MEALS[code][0] if code in MEALS else code for code in codes}
    return sorted(moments - ({"AC", "C", "PC"} if len(moments) > 1 else set())) or sorted(timing.get("timeOfDay") or [])


def _days(bounds: Json | None) -> float | None:
    high = (bounds or {}).get("high", (bounds or {}).get("value"))
    return None if bounds is None or high is None else float(high) * DAYS[bounds["unit"]]


def _steps(dosages: list[Json]) -> list[Any]:
    """(dose, moment) of every administration told apart, step by step."""
    found = []
    for one in dosages:
        dose = one.get("dose") or one.get("rate") or {}
        size = (dose.get("low", dose.get("value")), dose.get("high", dose.get("value")))
        found += [
            (tuple(None if end is None else round(float(end), 4) for end in size), moment)
            for moment in _moments(one.get("timing") or {}) or [None]
        ]
    return sorted(found, key=str)


def _a_day(dosages: list[Json]) -> dict[str, float]:
    """Times a day of each dose."""
    totals: dict[str, float] = {}
    for one in dosages:
        dose = one.get("dose") or {}
        count = a_day(one.get("timing") or {})
        key = str(round(float(dose.get("low", dose.get("value", 0)) or 0), 3))
        totals[key] = round(totals.get(key, 0.0) + (count[0] if count else 0.0), 3)
    return totals


def differences(expected: list[Json], got: list[Json]) -> list[str]:
    """The names of what an example says otherwise than the reading."""
    expected = [one for one in expected if one.get("dose") or one["timing"] or one.get("maxDosePerPeriod")]
    wrong = []
    if _steps(expected) != _steps(got):
        wrong.append("dose")
    if _a_day(expected) != _a_day(got):
        wrong.append("frequency")
    lengths = [{_days((one.get("timing") or {}).get("bounds")) for one in many} for many in (expected, got)]
    if not all(any(one == other or (None not in (one, other) and abs(one - other) <= max(1.0, other * 0.05))  # type: ignore[operator]
               for other in lengths[1]) for one in lengths[0]):  # fmt: skip
        wrong.append("bounds")
    if any(one.get("asNeeded") for one in expected) != any(one.get("asNeeded") for one in got):
        wrong.append("asNeeded")
    for name in ("maxDosePerPeriod", "maxDosePerAdministration"):
        most = [
            {(one[name]["value"] if isinstance(one.get(name), dict) else one.get(name)) for one in many}
            for many in (expected, got)
        ]
        if most[0] != most[1]:
            wrong.append(name)
    gaps = [{(one.get("minInterval") or {}).get("value") for one in many} for many in (expected, got)]
    if gaps[0] != gaps[1]:
        wrong.append("minInterval")
    return wrong
