"""The rules of R4 and of the French guide: each finds what breaks it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from prescriptions import engine
from prescriptions.engine.exchange import fhir, guide, invariants, rules

GOOD = fhir.write(
    engine.read_ordonnance(
        "Le 12/11/2026\nDOLIPRANE 1 g : 1 à 2 cp toutes les 6 heures PO pendant 5 jours, max 4 cp par jour\n"
        "LEVOTHYROX 75 µg : 1 cp le matin 30 min avant le petit déjeuner QSP 3 mois, non substituable (MTE)"
    ),
    "urn:uuid:6b1f2c9e-0f5e-4d0a-9a39-1a0c3f1f6c11",
)
LINE = ("entry", 2, "resource")
DOSAGE = (*LINE, "dosageInstruction", 0)
REPEAT = (*DOSAGE, "timing", "repeat")
GIVEN = (*DOSAGE, "doseAndRate", 0)
BOUNDS = (*REPEAT, "boundsDuration")
GONE = object()

BROKEN: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("ele-1", (*DOSAGE, "site"), {}),
    ("ele-1", (*DOSAGE, "additionalInstruction"), []),
    ("ext-1", (*LINE, "extension", 0, "extension"), [{"url": "x", "valueCode": "y"}]),
    ("tim-1", (*REPEAT, "duration"), 2),
    ("tim-2", (*REPEAT, "periodUnit"), GONE),
    ("tim-4", (*REPEAT, "duration"), -1),
    ("tim-5", (*REPEAT, "period"), -1),
    ("tim-6", (*REPEAT, "period"), GONE),
    ("tim-7", (*REPEAT, "durationMax"), 2),
    ("tim-8", (*REPEAT, "countMax"), 2),
    ("tim-9", (*REPEAT, "offset"), 30),
    ("tim-10", (*REPEAT, "when"), ["MORN"]),
    ("r4-bounds", (*REPEAT, "boundsPeriod"), {"start": "2026-01-01"}),
    ("r4-counts", (*REPEAT, "frequency"), 0.5),
    ("r4-when", (*REPEAT, "when"), ["LUNCH"]),
    ("r4-days", (*REPEAT, "dayOfWeek"), ["lundi"]),
    ("r4-units", (*REPEAT, "periodUnit"), "jour"),
    ("r4-frequencies", (*REPEAT, "periodMax"), 1),
    ("r4-as-needed", (*DOSAGE, "asNeededBoolean"), True),
    ("r4-dose", (*GIVEN, "doseQuantity"), {"value": 1}),
    ("r4-rate", (*GIVEN, "rateQuantity"), {"value": 1}),
    ("qty-3", (*BOUNDS, "system"), GONE),
    ("sqty-1", (*GIVEN, "doseRange", "low", "comparator"), "<"),
    ("drt-1", (*BOUNDS, "code"), "jours"),
    ("rng-2", (*GIVEN, "doseRange", "low", "value"), 9),
    ("rat-1", (*DOSAGE, "maxDosePerPeriod", "denominator"), GONE),
    ("per-1", (*REPEAT, "boundsPeriod"), {"start": "2026-02-01", "end": "2026-01-01"}),
    ("r4-status", (*LINE, "status"), "open"),
    ("r4-intent", (*LINE, "intent"), GONE),
    ("r4-medication", (*LINE, "medicationCodeableConcept"), GONE),
    ("r4-subject", (*LINE, "subject"), GONE),
    ("r4-repeats", (*LINE, "dispenseRequest"), {"numberOfRepeatsAllowed": -1}),
    ("r4-substitution", ("entry", 3, "resource", "substitution", "allowedBoolean"), GONE),
    ("r4-bundle", ("type",), "bag"),
    ("bdl-1", ("total",), 3),
    ("bdl-3", ("type",), "transaction"),
    ("bdl-4", ("type",), "history"),
    ("bdl-5", ("entry", 1, "resource"), GONE),
    ("bdl-7", ("entry", 1, "fullUrl"), GOOD["entry"][0]["fullUrl"]),
    ("bdl-8", ("entry", 1, "fullUrl"), "https://exemple.fr/Patient/1/_history/2"),
    ("r4-references", ("entry", 0, "fullUrl"), "urn:uuid:other"),
    ("fr-authored", (*LINE, "authoredOn"), GONE),
    ("fr-requester", (*LINE, "requester"), GONE),
    ("fr-dosage", (*LINE, "dosageInstruction"), GONE),
    ("fr-rendered", (*LINE, "extension", 0), {"url": GOOD["entry"][2]["resource"]["extension"][0]["url"],
        "valueString": "x"}),
    ("fr-patient-instruction", (*DOSAGE, "patientInstruction"), "avec de l'eau"),
    ("fr-med-smpl-quant-1", (*GIVEN, "doseRange", "low", "system"), "http://snomed.info/sct"),
    ("fr-med-smpl-quant-2", (*GIVEN, "doseRange", "low", "code"), GONE),
    ("fr-ucum", BOUNDS, {"value": 1, "system": "http://unitsofmeasure.org", "code": "{jour}"}),
    ("fr-route", (*DOSAGE, "route", "coding", 0, "system"), "http://snomed.info/sct"),
    ("fr-medication-code", (*LINE, "medicationCodeableConcept"), {"text": "DOLIPRANE"}),
    ("fr-group", (*LINE, "groupIdentifier"), GONE),
]  # fmt: skip
"""(rule, where the good bundle is changed, into what)"""


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    bundle: Any = deepcopy(GOOD)
    at = bundle
    for step in path[:-1]:
        at = at.setdefault(step, {}) if isinstance(at, dict) else at[step]
    if value is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    if path[-1] == "offset":
        at["when"] = ["CM"]
    if path[-1] == "when" and value == ["MORN"]:
        at["timeOfDay"] = ["08:00:00"]
    if path[-1] == "periodMax":
        at["periodMax"] = 1
    if path[-1] == "period" and value is GONE:
        at["periodMax"] = 8
    if path[-1] == "asNeededBoolean":
        at["asNeededCodeableConcept"] = {"text": "douleur"}
    if path[-1] == "rateQuantity":
        at["rateRatio"] = {"numerator": {"value": 1}, "denominator": {"value": 1}}
    return dict(bundle)


def test_a_good_bundle_has_no_error() -> None:
    """Only that the medicines are named and not coded is said of it."""
    assert {one.rule for one in rules.check(GOOD)} == {"fr-medication-code"}
    assert {one.severity for one in rules.check(GOOD)} == {"warning"}


@pytest.mark.parametrize(("rule", "path", "value"), BROKEN, ids=[f"{at} {one[0]}" for at, one in enumerate(BROKEN)])
def test_each_rule_finds_its_fault(rule: str, path: tuple[str | int, ...], value: Any) -> None:
    """A good bundle with one change breaks the rule that forbids it, and says where and what."""
    found = [one for one in rules.check(changed(path, value)) if one.rule == rule]
    assert found, rule
    assert all(one.path and one.text for one in found)


def test_every_rule_is_tried() -> None:
    """No rule stands in the tables that no fault above breaks, and no two have the same id."""
    ids = [one.id for one in invariants.RULES + guide.RULES]
    assert len(ids) == len(set(ids))
    assert set(ids) == {rule for rule, _path, _value in BROKEN}
