"""The grammar, line by line: what prescribers write, and the same said plainly."""

from __future__ import annotations

from pathlib import Path

import pytest

from prescriptions import engine
from prescriptions.engine import wording

DATA = Path(__file__).parent / "data"
POSOLOGY = (DATA / "posology.txt").read_text(encoding="utf-8")
MEDICINES = (DATA / "medicines.txt").read_text(encoding="utf-8")


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" | ")] for line in table.strip().splitlines()]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


@pytest.mark.parametrize(("written", "meant"), rows(POSOLOGY))
def test_posology(written: str, meant: str) -> None:
    """What is written means this."""
    assert wording.posology(engine.read_line(written).medication) == meant


@pytest.mark.parametrize("line", MEDICINES.strip().splitlines())
def test_medicine(line: str) -> None:
    """Name, strength, form, posology and dispensing of a line."""
    written, name, strength, form, posology, supply = [*cells(line), ""][:6]
    found = engine.read_line(written).medication
    assert (found.name, wording.strengths(found.strength), found.form or "") == (name, strength, form)
    assert wording.posology(found) == posology
    assert wording.supply(found.dispense, found.substitution, found.ald) == supply


AMBIGUOUS = [
    "1 cp par jour matin et soir", "2 cp par jour matin et soir", "1 cp x 3", "LEVOTHYROX 75 µg le matin",
    "SERESTA 50 : 1 cp le soir", "LEVOTHYROX 75 g 1 cp le matin", "S cp le soir", "DIGOXINE 025 mg 1 cp/j",
    "ZYXOVALIN 10 mg : 1 cp le soir", "1 cp 3 fois par jour matin et soir", "LEVOTHYROX 75 µg l cp le matin",
    "1 cp matin et 7 soleils", "DOLIPRANE 1.000 mg 3 fois par jour", "1.500 mg matin et soir",
    "TAREG 80 mg 1 cp le matin ou le soir", "1 cp le matin ou 2 cp le soir", "1 cp lundi ou jeudi",
    "1 cp soit le matin soit le soir", "1 cp avant ou après le repas",
    "LEVOTHYROX 100 µg les jours pairs et 125 µg les jours impairs", "1 cp par jour sauf lundi et jeudi 1/2 cp",
    "1 cp le soir, 2 cp les autres jours", "1 cp matin et un quart de plus", "1 cp ou 1 sachet matin et soir",
    "LYRICA 25 mg 1 gél/j pdt 3 j puis 2 gél/j pdt 3 j, puis 3/j", "2 gél/j pdt 3 j, 3/j",
    "KEPPRA 2 g/j 1 cp matin et soir",
    "1 sachet après les repas, au coucher", "1 cp au lever avant le repas",
    "BISOPROLOL 2,5 mg 1 cp matin au lieu du soir", "RAMIPRIL 5 mg 1 cp le soir (contre-indiqué)",
    "KARDEGIC 75 : arrêté", "MORPHINE 10 mg toutes les 4 heures + interdoses de 5 mg si douleur",
    "NEBIVOLOL 5 mg 1 cp quadrisécable : 1/4 cp par jour", "1 gél matin et soir, si insuffisant 2 gél matin et soir",
    "1 cp si agitation, renouvelable 1 fois", "1/2 cp M.", "1 cp lundi matin et jeudi soir",
    "AUGMENTIN 1 g max 4 g/j, max 20 g/semaine", "1 cp 3 fois par jour à 8h", "1 cp toutes les 6h toutes les 8h",
]  # fmt: skip


@pytest.mark.parametrize("written", AMBIGUOUS)
def test_doubt_is_said(written: str) -> None:
    """What can be read in two ways, or was mended, is marked to be checked, with a reason."""
    weakest = min(engine.read_line(written).evidence, key=lambda item: item.confidence)
    assert weakest.confidence < 0.8
    assert weakest.why


@pytest.mark.parametrize("written", ["1 cp matin et soir pendant 7 jours", "DOLIPRANE 1000 mg cp : 1 cp x3/j pdt 5 j"])
def test_plain_lines_raise_no_doubt(written: str) -> None:
    """What is said plainly is not marked: a page full of warnings warns of nothing."""
    assert min(item.confidence for item in engine.read_line(written).evidence) >= 0.8


@pytest.mark.parametrize(
    ("written", "daily"),
    [
        ("1 cp matin et soir", {"1|comprimé": (2, 2)}),
        ("1 à 2 cp 3 fois par jour", {"1|comprimé": (3, 6)}),
        ("1 g toutes les 4 à 6 heures", {"1|g": (4, 6)}),
        ("6 cp le lundi", {"1|comprimé": (0.8571, 0.8571)}),
        ("1 cp un jour sur 2", {"1|comprimé": (0.5, 0.5)}),
        ("3 cp/j pdt 3 j puis 2 cp/j", {"1|comprimé": (3, 3), "2|comprimé": (2, 2)}),
        ("1 patch toutes les 72 h", {"1|patch": (0.3333, 0.3333)}),
        ("1 cp si douleur", {}),
    ],
)
def test_daily_dose(written: str, daily: dict[str, tuple[float, float]]) -> None:
    """The daily dose follows from doses and rhythm; where the text gives no rhythm there is none."""
    assert engine.read_line(written).medication.daily_dose == daily
