"""Compare a reading with what a case expects, by meaning: FHIR-like shapes differ, events and amounts don't."""

from __future__ import annotations

import unicodedata
from typing import Any

DAYS = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}
MEALS = {f"{relation}{meal}": (moment, relation) for relation in ("AC", "C", "PC") for meal, moment in
         (("M", "MORN"), ("D", "NOON"), ("V", "EVE"))}  # fmt: skip
Json = dict[str, Any]


def plain(text: Any) -> str:
    decomposed = unicodedata.normalize("NFKD", str(text or "").lower().replace("œ", "oe"))
    letters = (c if c.isalnum() or c in "<>%.," else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


def ends(quantity: Json | None) -> tuple[float, float] | None:
    if not quantity:
        return None
    low, high = quantity.get("low", quantity.get("value")), quantity.get("high", quantity.get("value"))
    return round(float(low if low is not None else -1), 4), round(float(high if high is not None else -1), 4)


def in_days(quantity: Json | None) -> tuple[float, float] | None:
    found = ends(quantity)
    return (
        None
        if found is None or quantity is None
        else (round(found[0] * DAYS[quantity["unit"]], 2), round(found[1] * DAYS[quantity["unit"]], 2))
    )


def a_day(timing: Json) -> tuple[float, float] | None:
    """Administrations on an active day."""
    days = timing.get("dayOfWeek") or []
    if timing.get("frequency"):
        unit = DAYS[timing.get("periodUnit", "d")]
        if days and timing.get("periodUnit") == "wk":
            return (timing["frequency"] / 7,) * 2
        share = len(days) / 7 if days else 1
        period = timing.get("period", 1)
        return (
            share * timing["frequency"] / (timing.get("periodMax", period) * unit),
            share * timing.get("frequencyMax", timing["frequency"]) / (period * unit),
        )
    count = len(timing.get("timeOfDay") or ()) or sum(
        3 if code in ("AC", "C", "PC") else 1 for code in timing.get("when") or ()
    )
    if not count and not days:
        return None
    total = (count or 1) * (len(days) / 7 if days else 1)
    return total, total


def events(dosage: list[Json]) -> list[Any]:
    """(step, dose, moment, times a day) of every administration that is told apart."""
    found: list[Any] = []
    for one in dosage:
        timing = one.get("timing") or {}
        places: list[Any] = [
            MEALS.get(code, (None, code) if code in ("AC", "C", "PC") else (code, None))
            for code in timing.get("when") or ()
        ]
        places = places or [("@" + time[:5], None) for time in timing.get("timeOfDay") or ()] or [(None, None)]
        found += [(one.get("sequence", 1), ends(one.get("dose")), place) for place in places]
    return sorted(found, key=str)


def rates(dosage: list[Json]) -> Json:
    totals: Json = {}
    for one in dosage:
        count = a_day(one.get("timing") or {})
        key = str((one.get("sequence", 1), ends(one.get("dose"))))
        totals[key] = round(totals.get(key, 0.0) + (count[0] if count else 0.0), 3)
    return totals


def frame(one: Json) -> str:
    timing = one.get("timing") or {}
    most = one.get("maxDosePerPeriod")
    limit = (float(most["value"]), round(most["period"] * DAYS[most["periodUnit"]], 3)) if most else None
    return str((one.get("sequence", 1), in_days(timing.get("bounds")), bool(one.get("asNeeded")), limit,
                tuple(timing.get("cycleDays") or ()), tuple(timing.get("dayOfWeek") or ())))  # fmt: skip


def extras(one: Json) -> str:
    timing = one.get("timing") or {}
    rate, gap = one.get("rate"), one.get("minInterval")
    at_once = one.get("maxDosePerAdministration")
    return str((timing.get("count"), timing.get("duration"), timing.get("durationUnit"), timing.get("cycle"),
        timing.get("offset") or 0,
                (rate["value"], rate["unit"], rate["perUnit"]) if rate else None, in_days(gap),
                at_once and at_once["value"],
                plain(one.get("route")), plain(one.get("method")), plain(one.get("site"))))  # fmt: skip


def wrong_dosage(expected: list[Json], got: list[Json], scoring: str) -> list[str]:
    """The names of what differs."""
    wrong = []
    if sorted({frame(one) for one in expected}) != sorted({frame(one) for one in got}):
        wrong.append("frame")
    if scoring == "full" and (events(expected) != events(got) or rates(expected) != rates(got)):
        wrong.append("timing")
    if {extras(one) for one in expected} != {extras(one) for one in got}:
        wrong.append("extras")
    units = {(one.get("dose") or {}).get("unit") for one in expected}
    if None not in units and units != {(one.get("dose") or {}).get("unit") for one in got}:
        wrong.append("unit")
    for one in expected:
        reason = plain(one.get("asNeededFor"))[:6].rstrip("s")
        if reason and not any(reason in plain(other.get("asNeededFor")) for other in got):
            wrong.append("reason")
        kept = plain(" ".join(" ".join(other.get("additional", ())) for other in got))
        wrong += ["remark" for remark in one.get("additional", ()) if plain(remark)[:12] not in kept]
    return wrong


def wrong_medication(expected: Json, got: Json, scoring: str = "full") -> list[str]:
    """The names of every field that differs."""
    scoring = expected.get("scoring", scoring)
    wrong = wrong_dosage(expected["dosage"], got.get("dosage", []), scoring)
    accepted = [expected.get("atc"), *expected.get("accept_atc", ())]
    if expected.get("atc") and got.get("atc") not in accepted:
        wrong.append("atc")
    wrong += [name for name in ("name", "form") if expected.get(name) and plain(expected[name]) != plain(got.get(name))]
    unitless = expected.get("accept_strength_without_unit", False)
    if "name" in expected and strengths(expected, unitless) != strengths(got, unitless):
        wrong.append("strength")
    wrong += [
        name for name in ("dispense", "substitution", "ald") if (expected.get(name) or None) != (got.get(name) or None)
    ]
    daily = sorted(tuple(map(float, pair)) for pair in expected.get("dailyDose", {}).values())
    if "dailyDose" in expected and daily != sorted(
        tuple(map(float, pair)) for pair in got.get("dailyDose", {}).values()
    ):
        wrong.append("daily")
    return wrong


def strengths(medication: Json, unitless: bool) -> list[Any]:
    return [
        (one["value"], None if unitless else one.get("unit"), (one.get("per") or {}).get("value"))
        for one in medication.get("strength", ())
    ]
