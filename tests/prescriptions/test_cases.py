"""The worked cases of the field's reference: text, and the structure that pharmacists expect of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from prescriptions import engine
from tests.prescriptions.scoring import wrong_medication

CASES = [json.loads(line) for line in (Path(__file__).parent / "data" / "cases.jsonl").read_text().splitlines()]
LINES = [case for case in CASES if case["type"] == "line"]
WHOLE = [case for case in CASES if case["type"] == "prescription"]


@pytest.mark.parametrize("case", LINES, ids=lambda case: f"{case['id']} {case['text'][:40]}")
def test_line(case: dict[str, Any]) -> None:
    """Every field of the line is as the case says, by meaning."""
    got = engine.encode(engine.read_line(case["text"]).medication)
    assert wrong_medication(case["expected"], got, case["scoring"]) == [], got


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: f"{case['id']} {case['category']}")
def test_prescription(case: dict[str, Any]) -> None:
    """All medicines, in order, and what is stopped; the head has what the case names."""
    got = engine.summary(engine.read_ordonnance(case["text"]))
    expected = case["expected"]
    assert got["document"].items() >= expected["document"].items()
    assert [one["name"] for one in got["medications"]] == [one["name"] for one in expected["medications"]]
    for wanted, found in zip(expected["medications"], got["medications"], strict=True):
        assert wrong_medication(wanted, found) == [], found
    assert got.get("stopped", []) == expected.get("stopped", [])


def test_the_comparison_sees_faults() -> None:
    """The scorer itself: a dose ten times too high, a lost moment and another duration are found."""
    case = next(case for case in LINES if case["id"] == "L003")
    for text, fault in (("10 gélules matin et soir pendant 10 jours", "dose"), ("1 gélule matin pendant 10 jours",
        "timing"),
                        ("1 gélule matin et soir pendant 10 semaines", "duration"),
                        ("1 cp matin et soir pendant 10 jours", "unit")):  # fmt: skip
        assert fault in wrong_medication(case["expected"], engine.encode(engine.read_line(text).medication))
