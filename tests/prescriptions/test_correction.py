"""Corrections in words: what is said of a reading is read back as the same, and nothing else is taken."""

from __future__ import annotations

import pytest

from prescriptions import engine
from prescriptions.engine import wording
from prescriptions.engine.correction import NotUnderstood, correct
from tests.prescriptions.test_cases import CASES

LINE = "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours si douleur"


def fields(line: engine.Line) -> list[tuple[str, str]]:
    """Every field that can be corrected, with the words it is shown in."""
    read = line.medication
    found = [("strength", wording.strengths(read.strength)), ("form", read.form or ""),
             ("supply", wording.supply(read.dispense, read.substitution, read.ald))]  # fmt: skip
    if read.name:
        found.append(("name", read.name))
    for place, one in enumerate(read.dosage):
        at = f"dosage.{place}"
        found += [(f"{at}.dose", wording.amount(one.dose) or wording.rate(one)), (f"{at}.timing",
            wording.rhythm(one.timing)),
                  (f"{at}.bounds", wording.length(one.timing.bounds if one.timing else None)), (f"{at}.asNeeded",
                      wording.need(one)),
                  (f"{at}.limits", wording.limits(one)), (f"{at}.route", wording.route(one)),
                  (f"{at}.additional", " ; ".join(one.additional))]  # fmt: skip
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_words_are_read_back(case: dict[str, str]) -> None:
    """A person who confirms the words of a field as they stand changes nothing."""
    for line in (engine.read_line(case["text"]), *engine.read_ordonnance(case["text"]).lines):
        for path, words in fields(line):
            assert correct(line, path, words, engine.starter()).medication == line.medication, (path, words)


@pytest.mark.parametrize(
    ("path", "words", "said"),
    [
        ("dosage.0.dose", "1/2 comprimé", "1/2 comprimé matin et soir, pendant 5 jours, si douleur"),
        ("dosage.0.timing", "toutes les 6 h", "1 comprimé toutes les 6 heures, pendant 5 jours, si douleur"),
        ("dosage.0.bounds", "2 semaines", "1 comprimé matin et soir, pendant 2 semaines, si douleur"),
        ("dosage.0.bounds", "", "1 comprimé matin et soir, si douleur"),
        ("dosage.0.asNeeded", "", "1 comprimé matin et soir, pendant 5 jours"),
        (
            "dosage.0.limits",
            "max 4 g/j, espacer de 6 h",
            (
                "1 comprimé matin et soir, pendant 5 jours, si douleur, maximum 4 g par jour, "
                "espacer les prises de 6 heures"
            ),
        ),
        ("dosage.0.route", "per os", "1 comprimé matin et soir, pendant 5 jours, si douleur, voie orale"),
        (
            "dosage.0.additional",
            "avec un verre d'eau",
            "1 comprimé matin et soir, pendant 5 jours, si douleur, avec un verre d'eau",
        ),
    ],
)
def test_one_field(path: str, words: str, said: str) -> None:
    """A correction changes its field and no other; the daily dose follows."""
    line = correct(engine.read_line(LINE), path, words, engine.starter())
    assert wording.posology(line.medication) == said
    assert all(item.confidence == 1 for item in line.evidence if item.why == "corrected")


def test_name_brings_its_code() -> None:
    """Another medicine has another ATC code; a name that isn't in the list has none."""
    line = engine.read_line(LINE)
    assert correct(line, "name", "efferalgan", engine.starter()).medication.atc == "N02BE01"
    assert correct(line, "name", "ramipril", engine.starter()).medication.atc == "C09AA05"
    unknown = correct(line, "name", "Fictivol", engine.starter()).medication
    assert (unknown.name, unknown.atc) == ("FICTIVOL", None)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("dosage.0.dose", "matin"), ("dosage.0.dose", "beaucoup"), ("dosage.0.dose", "1 cp 2 gélules"),
        ("dosage.0.timing", "3 cp"),
        ("dosage.0.timing", "quand il faut"), ("dosage.0.bounds", "matin"), ("dosage.0.bounds", "7"), ("strength",
            "fort"),
        ("form", "truc"), ("name", ""), ("supply", "3 fois"), ("dosage.0.asNeeded", "7 jours"), ("dosage.0.dose",
            "1" * 301),
    ],
)  # fmt: skip
def test_other_words_are_refused(path: str, words: str) -> None:
    """Words that don't say what the field is for are not taken, and nothing is guessed."""
    with pytest.raises(NotUnderstood):
        correct(engine.read_line(LINE), path, words, engine.starter())


@pytest.mark.parametrize(
    "path", ["dosage.3.dose", "dosage.0.price", "dosage.x.dose", "price", "dosage.0", "dosage.-1.dose", ""]
)
def test_unknown_fields(path: str) -> None:
    """A field that isn't there can't be corrected."""
    with pytest.raises((KeyError, ValueError)):
        correct(engine.read_line(LINE), path, "1 cp", engine.starter())
