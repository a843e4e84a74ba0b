"""The official posology examples, where their file is at hand; sentences of the same kinds of our own everywhere."""

from __future__ import annotations

import pytest

from prescriptions import engine
from prescriptions.engine import wording
from tests.prescriptions import has_examples

LEAST_EXACT = 55
SURE = 0.8


@pytest.mark.skipif(not has_examples.FILE.is_file(), reason="the official examples are not at hand")
def test_official_examples() -> None:
    """So many are read exactly; of the others, all that differ for no known reason are marked to be checked."""
    exact, silent = 0, []
    for one in has_examples.examples():
        line = engine.read_line(one["text"].replace("\n", " "))
        expected = [has_examples.dosage(dosage) for dosage in one["dosageInstruction"]]
        found = has_examples.differences(expected, engine.encode(line.medication).get("dosage", []))
        exact += not found
        if found and has_examples.name_of(one) not in has_examples.KNOWN and line.confidence >= SURE:
            silent.append((has_examples.name_of(one), found))
    assert silent == []
    assert exact >= LEAST_EXACT


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12 000 UI anti-Xa (soit 170 UI anti-Xa/kg), 1 fois/jour - voie sous-cutanée",
         "12000 UI 1 fois par jour, voie sous-cutanée, soit 170 UI anti-Xa/kg"),
        ("3/4 cpr par jour (trois-quart de comprimé)", "3/4 comprimé 1 fois par jour, trois-quart de comprimé"),
        ("dix milligrammes par jour pendant sept jours", "10 mg 1 fois par jour, pendant 7 jours"),
        ("1 gélule à 7h, 12h et 18h", "1 gélule à 7 h, 12 h et 18 h"),
        ("1 patch à 7h, toutes les 72h, pendant 9j", "1 patch toutes les 72 heures, à 7 h, pendant 9 jours"),
        ("4 g dans 100 mL de G5 en 20 min toutes les 6h pendant 3j",
         "4 g toutes les 6 heures, en 20 minutes, pendant 3 jours, dans 100 mL, de G5"),
        ("1/3 cpr à 7h et 2/3 à 18h per os, pendant 1 semaine",
         "1/3 comprimé à 7 h, pendant 1 semaine, voie orale ; 2/3 comprimé à 18 h, pendant 1 semaine, voie orale"),
        ("1 emplâtre par jour à 20 h, à laisser pendant 12h", "1 emplâtre à 20 h, à laisser 12 heures"),
        ("1 comprimé par jour. Si difficulté à avaler, écraser le comprimé",
         "1 comprimé 1 fois par jour, Si difficulté à avaler, écraser le comprimé"),
        ("1 comprimé matin et 1 comprimé soir, au cours ou à la fin des repas",
         "1 comprimé le matin ; 1 comprimé le soir, au cours ou à la fin des repas"),
    ],
)  # fmt: skip
def test_sentences_of_the_same_kinds(written: str, meant: str) -> None:
    """What is written means this."""
    assert wording.posology(engine.read_line(written).medication) == meant
