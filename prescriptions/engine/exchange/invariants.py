"""Invariants, cardinalities and codes of FHIR R4 (4.0.1) for what a prescription is made of."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.exchange.codes import AT_MEALS, DAYS, TIMES, UCUM, WHEN
from prescriptions.engine.exchange.rules import Rule

Json = dict[str, Any]
STATUSES = frozenset({"active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"})
INTENTS = frozenset(
    {"proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option"}
)
BUNDLES = frozenset(
    {"document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset",
     "collection"}
)  # fmt: skip
ASKED = frozenset({"batch", "transaction", "history"})
ANSWERED = frozenset({"batch-response", "transaction-response", "history"})


def _needs(name: str, other: str) -> Any:
    return lambda found: name not in found or other in found


def _one_of(*names: str) -> Any:
    return lambda found: sum(name in found for name in names) <= 1


def _whole(found: Json, *names: str) -> bool:
    """positiveInt: a whole number from 1 on."""
    return all(
        isinstance(found[name], int) and not isinstance(found[name], bool) and found[name] > 0
        for name in names
        if name in found
    )


def _filled(value: Any) -> bool:
    """ele-1 and the JSON format: nothing empty, in no list either."""
    if isinstance(value, dict):
        return bool(value.keys() - {"id"}) and all(_filled(inner) for inner in value.values() if not _deep(inner))
    if isinstance(value, list):
        return bool(value) and all(_filled(inner) for inner in value if not _deep(inner))
    return value is not None and value != ""


def _deep(value: Any) -> bool:
    """Elements below are judged at their own place."""
    return isinstance(value, dict) and bool(value)


def _values(end: Json, *names: str) -> list[Any]:
    return [end[name]["value"] for name in names if "value" in end.get(name, {})]


def _ordered(values: list[Any]) -> bool:
    return values == sorted(values)


def _entries(bundle: Json) -> list[Json]:
    found: list[Json] = bundle.get("entry", [])
    return found


def _full_urls(bundle: Json) -> bool:
    seen = [
        (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
        for entry in _entries(bundle)
        if "fullUrl" in entry
    ]
    return len(seen) == len(set(seen))


def _resolves(bundle: Json) -> bool:
    """Each urn that a line refers to is in the bundle."""
    here = {entry.get("fullUrl") for entry in _entries(bundle)}
    said = [
        entry.get("resource", {}).get(name, {}).get("reference", "")
        for entry in _entries(bundle)
        for name in ("subject", "requester", "encounter")
    ]
    return all(one in here for one in said if one.startswith("urn:"))


RULES = (
    Rule("ele-1", "element", "All elements have a value or children.", _filled),
    Rule("ext-1", "extension", "An extension has a value or extensions, not both.",
        lambda e: ("extension" in e) != any(name.startswith("value") for name in e)),
    Rule("tim-1", "repeat", "A duration has a unit.", _needs("duration", "durationUnit")),
    Rule("tim-2", "repeat", "A period has a unit.", _needs("period", "periodUnit")),
    Rule("tim-4", "repeat", "A duration is not negative.", lambda r: r.get("duration", 0) >= 0),
    Rule("tim-5", "repeat", "A period is not negative.", lambda r: r.get("period", 0) >= 0),
    Rule("tim-6", "repeat", "A greatest period has a period.", _needs("periodMax", "period")),
    Rule("tim-7", "repeat", "A greatest duration has a duration.", _needs("durationMax", "duration")),
    Rule("tim-8", "repeat", "A greatest count has a count.", _needs("countMax", "count")),
    Rule("tim-9", "repeat", "An offset has a moment, and none that is at a meal.",
        lambda r: "offset" not in r or ("when" in r and not AT_MEALS & set(r["when"]))),
    Rule("tim-10", "repeat", "Clock times and moments are not together.", _one_of("timeOfDay", "when")),
    Rule("r4-bounds", "repeat", "One kind of bounds.", _one_of("boundsDuration", "boundsRange", "boundsPeriod")),
    Rule("r4-counts", "repeat", "Counts and frequencies are whole numbers from 1 on.",
        lambda r: _whole(r, "count", "countMax", "frequency", "frequencyMax")),
    Rule("r4-when", "repeat", "Moments are codes of event-timing.", lambda r: set(r.get("when", ())) <= WHEN),
    Rule("r4-days", "repeat", "Days are codes of days-of-week.", lambda r: set(r.get("dayOfWeek", ())) <= DAYS),
    Rule("r4-units", "repeat", "Units of time are codes of units-of-time.",
        lambda r: {r[name] for name in ("periodUnit", "durationUnit") if name in r} <= TIMES.keys()),
    Rule("r4-frequencies", "repeat", "The greatest frequency and period are not below the least.",
        lambda r: all(r.get(f"{name}Max", r.get(name, 0)) >= r.get(name, 0) for name in ("frequency", "period"))),
    Rule("r4-as-needed", "dosage", "One kind of “as needed”.", _one_of("asNeededBoolean", "asNeededCodeableConcept")),
    Rule("r4-dose", "dose", "One kind of dose.", _one_of("doseQuantity", "doseRange")),
    Rule("r4-rate", "dose", "One kind of rate.", _one_of("rateRatio", "rateRange", "rateQuantity")),
    Rule("qty-3", "quantity", "A code of a unit has its system.", _needs("code", "system")),
    Rule("sqty-1", "dose quantity", "No comparator in a simple quantity.", lambda q: "comparator" not in q),
    Rule("drt-1", "duration", "A duration has a UCUM code of time.",
        lambda q: "value" not in q or (q.get("system") == UCUM and q.get("code") in TIMES)),
    Rule("rng-2", "range", "The low end is not above the high end.", lambda r: _ordered(_values(r, "low", "high"))),
    Rule("rat-1", "ratio", "A ratio has both numbers, or none and an extension.",
        lambda r: ("numerator" in r) == ("denominator" in r) and ("numerator" in r or "extension" in r)),
    Rule("per-1", "period", "A period does not end before it starts.",
        lambda p: _ordered([p[name] for name in ("start", "end") if name in p])),
    Rule("r4-status", "request", "The status is a code of medicationrequest-status.",
        lambda r: r.get("status") in STATUSES),
    Rule("r4-intent", "request", "The intent is a code of medicationrequest-intent.",
        lambda r: r.get("intent") in INTENTS),
    Rule("r4-medication", "request", "One medicine, as a concept or as a reference.",
        lambda r: ("medicationCodeableConcept" in r) != ("medicationReference" in r)),
    Rule("r4-subject", "request", "A line has a subject.", lambda r: "subject" in r),
    Rule("r4-repeats", "supply", "The number of repeats is not negative.",
        lambda s: s.get("numberOfRepeatsAllowed", 0) >= 0),
    Rule("r4-substitution", "substitution", "A substitution says whether it is allowed.",
        lambda s: ("allowedBoolean" in s) != ("allowedCodeableConcept" in s)),
    Rule("r4-bundle", "bundle", "The type is a code of bundle-type.", lambda b: b.get("type") in BUNDLES),
    Rule("bdl-1", "bundle", "A total stands in search sets and histories only.",
        lambda b: "total" not in b or b.get("type") in {"searchset", "history"}),
    Rule("bdl-3", "bundle", "Entries have a request in batches, transactions and histories only.",
        lambda b: all(("request" in entry) == (b.get("type") in ASKED) for entry in _entries(b))),
    Rule("bdl-4", "bundle", "Entries have a response in responses and histories only.",
        lambda b: all(("response" in entry) == (b.get("type") in ANSWERED) for entry in _entries(b))),
    Rule("bdl-5", "entry", "An entry is a resource unless it has a request or a response.",
        lambda e: bool(e.keys() & {"resource", "request", "response"})),
    Rule("bdl-7", "bundle", "Each fullUrl is there once.", _full_urls),
    Rule("bdl-8", "entry", "A fullUrl is not that of one version.", lambda e: "/_history/" not in e.get("fullUrl", "")),
    Rule("r4-references", "bundle", "What a line refers to by urn is in the bundle.", _resolves),
)  # fmt: skip
