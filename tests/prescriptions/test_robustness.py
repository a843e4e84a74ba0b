"""Whatever is typed or misread: a reading comes back, and a dose that nobody is asked to check stands in the text."""

from __future__ import annotations

import random
import re

import pytest

from prescriptions import engine
from tests.fuzz import lines

SURE = 0.8
DOSES = ["5", "50", "75", "100", "0,5", "2,5", "0.25", "10", "1000", "1 000", "1,5", "12", "125", "20"]
UNITS = ["mg", "g", "µg", "UI", "mL", "gouttes", "cp"]
RHYTHMS = ["matin et soir", "3 fois par jour", "toutes les 8 heures", "le soir", "par jour pendant 5 jours"]
NOISE = {
    "0": ["O", "o", "Q", "", "00", " 0", "0 "], "1": ["l", "I", "i", "|", "", "11"], "5": ["S", "", "55", "6"],
    "2": ["Z", "", "22"], "7": ["1", ""], ",": [".", "", " ", ", ", ",0"], ".": [",", "", " "],
    "m": ["rn", "n", "", "µ"], "g": ["q", "9", ""], "µ": ["u", "", "m", "p", "µ "], "c": ["e", "("], "U": ["0", "V"],
    " ": ["", "  ", ".", ","], "p": ["q", "n"],
}  # fmt: skip
"""What a scanner, a fax or a hurried hand makes of a character."""
WRITTEN = re.compile(
    r"(?<![\w.,])(\d{1,3}(?: \d{3})+|\d+(?:[.,]\d+)?)\s*(gouttes?|mg|mcg|µg|ug|ui|u|ml|cp|l|g)", re.IGNORECASE
)
SAME = {"goutte": ("goutte", "gouttes"), "comprimé": ("cp",), "µg": ("µg", "ug", "mcg"), "ui": ("ui", "u"),
        "ml": ("ml",), "l": ("l",), "mg": ("mg",), "g": ("g",)}  # fmt: skip


def noisy(text: str, rng: random.Random) -> str:
    """One or two characters of the text misread."""
    for _ in range(rng.choice((1, 1, 2))):
        places = [place for place, character in enumerate(text) if character in NOISE]
        place = rng.choice(places)
        text = text[:place] + rng.choice(NOISE[text[place]]) + text[place + 1 :]
    return text


def stands_in(value: float, unit: str, text: str) -> bool:
    """The text has this very number before this very unit."""
    for digits, written in WRITTEN.findall(text):
        if float(digits.replace(" ", "").replace(",", ".")) == value and written.lower() in SAME[unit.lower()]:
            return True
    return False


def test_a_sure_dose_stands_in_the_text() -> None:
    """Noise in a number or a unit is read as it is written, or marked: never is a dose made up in silence."""
    rng = random.Random(20261130)
    for _ in range(2_000):
        clean = f"{rng.choice(DOSES)} {rng.choice(UNITS)} {rng.choice(RHYTHMS)}"
        text = noisy(clean, rng)
        line = engine.read_line(text)
        if line.confidence < SURE:
            continue
        for one in line.medication.dosage:
            if one.dose and one.dose.value is not None and one.dose.unit and one.dose.unit.lower() in SAME:
                assert stands_in(one.dose.value, one.dose.unit, text), (clean, text, one.dose)


@pytest.mark.parametrize(
    ("written", "dose"),
    [(".5 mg le soir", 0.5), ("1,000 mg matin et soir", 1.0), ("1.500 mg le soir", 1.5), ("5O mg le soir", 50.0),
     ("025 mg le soir", 25.0), ("l0 mg le soir", 10.0), ("O,5 mg le soir", 0.5), ("1O0 mg le soir", 100.0),
     ("2 500 mg le soir", 2500.0), ("lO mg le soir", 10.0)],
)  # fmt: skip
def test_a_mended_number_is_marked(written: str, dose: float) -> None:
    """A number with a lost zero, a letter in it, or a point or space that may mark thousands is read, and marked."""
    line = engine.read_line(written)
    assert line.medication.dosage[0].dose is not None
    assert line.medication.dosage[0].dose.value == dose
    assert line.confidence < SURE


def test_mutated_lines() -> None:
    """Thousands of mutated lines are read without failing, in time that grows with their length only."""
    report = lines.run(20261130, 1_500)
    assert report.failed == []
    assert report.slow == []
