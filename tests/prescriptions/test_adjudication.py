"""One line out of two readings of it: what is asked, and what comes of the answers."""

from __future__ import annotations

import pytest

from prescriptions import engine
from prescriptions.engine import agreement
from prescriptions.engine.adjudication import POSOLOGY, merged, questions


def line(text: str) -> engine.Line:
    return engine.read_ordonnance(text).lines[0]


ONE = "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours"
PAIRS = {
    "dose": "DOLIPRANE 1000 mg : 2 cp matin et soir pendant 5 jours",
    "timing": "DOLIPRANE 1000 mg : 1 cp le midi pendant 5 jours",
    "bounds": "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 7 jours",
    "asNeeded": "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours si douleur",
    "limits": "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours, maximum 4 g par jour",
    "strength": "DOLIPRANE 500 mg : 1 cp matin et soir pendant 5 jours",
    "supply": "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours QSP 1 mois",
}
"""What differs from ONE -> the other reading."""


@pytest.mark.parametrize("field", PAIRS)
def test_one_field_is_taken(field: str) -> None:
    """A field that differs is asked for alone; taken, both readings say the same; not taken, nothing has changed."""
    one, other = line(ONE), line(PAIRS[field])
    assert questions(one, other) == {field: [field]}
    assert agreement.differences(merged(one, other, [field]), other) == []
    assert merged(one, other, []) == one


def test_a_mix() -> None:
    """The dose of one with the duration of the other: no third value comes up, and the daily dose is counted anew."""
    one, other = line(ONE), line("DOLIPRANE 1000 mg : 2 cp matin et soir pendant 7 jours")
    assert list(questions(one, other)) == ["dose", "bounds"]
    made = merged(one, other, ["dose"])
    assert agreement.differences(made, line(PAIRS["dose"])) == []
    assert made.medication.daily_dose == other.medication.daily_dose
    assert {item.text for item in made.evidence if item.kind == "dose"} == {"2 cp"}


def test_other_doses_are_taken_together() -> None:
    """Where one reads more doses than the other, their fields can't be mixed: the posology is one question."""
    one, other = line(ONE), line("DOLIPRANE 500 mg : 1 cp le matin, 2 cp le soir pendant 5 jours")
    found = questions(one, other)
    assert list(found) == ["strength", POSOLOGY]
    assert set(found[POSOLOGY]) >= {"dose", "timing"}
    made = merged(one, other, [POSOLOGY])
    assert made.medication.dosage == other.medication.dosage
    assert made.medication.strength == one.medication.strength
