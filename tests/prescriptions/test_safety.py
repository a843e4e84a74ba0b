"""Plausibility of doses: what is above usual, what was misread by ten or a thousand, what must never pass."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from prescriptions.engine import read_line, read_ordonnance, safety
from prescriptions.engine.reference import starting
from prescriptions.engine.reference.product import Product, Substance
from prescriptions.engine.safety import never_events
from prescriptions.engine.safety.alert import MISREADINGS
from prescriptions.engine.safety.amounts import convert
from prescriptions.engine.safety.usual import ANY, ROUTES, table, usual
from prescriptions.engine.schema import Strength
from tests.prescriptions.test_cases import LINES, WHOLE

IN_A_LINE = [
    ("DOLIPRANE 1000 mg : 1 cp x4/j", []),
    ("DOLIPRANE 1000 mg : 2 cp x4/j", ["above_usual"]),
    ("DOLIPRANE 1000 mg : 2 cp si douleur, maximum 4 cp par jour", ["above_single"]),
    ("DOLIPRANE 1 mg : 1 cp x3/j", ["thousandth"]),
    ("AMLODIPINE 5 mg : 1 cp le matin", []),
    ("AMLODIPINE 50 mg : 1 cp le matin", ["strength_implausible"]),
    ("AMLODIPINE 5 mg : 1 cp le matin, 10 cp le soir", ["ten_times"]),
    ("LEVOTHYROX 75 µg : 1 cp le matin", []),
    ("LEVOTHYROX 75 mg : 1 cp le matin", ["strength_implausible"]),
    ("LEVOTHYROX : 75 mg le matin", ["thousand_times"]),
    ("PREVISCAN 20 mg : 1 cp le soir", []),
    ("PREVISCAN 20 mg : 20 cp le soir", ["ten_times", "many_units"]),
    ("DIGOXINE 0,25 mg : 1 cp par jour", []),
    ("DIGOXINE 2,5 mg : 1 cp par jour", ["strength_implausible"]),
    ("LANTUS : 20 UI le soir", []),
    ("LANTUS : 20 mL le soir", ["not_in_units"]),
    ("LANTUS : 2000 UI le soir", ["ten_times"]),
    ("METHOTREXATE 2,5 mg : 6 cp en 1 prise le LUNDI", []),
    ("METHOTREXATE 2,5 mg : 6 cp par jour", ["not_weekly", "above_usual"]),
    ("METHOTREXATE 2,5 mg : 4 cp le lundi et le mardi", ["not_weekly"]),
    ("FOSAMAX 70 mg : 1 cp par semaine", []),
    ("DUROGESIC 25 µg/h : 1 patch toutes les 72 h", []),
    ("DUROGESIC 25 µg/h : 2 patchs toutes les 72 h", ["patches_stacked"]),
    ("DUROGESIC 25 µg/h : 1 patch par jour", ["patch_too_early"]),
    ("COLCHICINE 1 mg : 1 cp 3 fois par jour", ["goes_on"]),
    ("COLCHICINE 1 mg : 1 cp 3 fois par jour pendant 1 jour", []),
    ("OMEPRAZOLE 20 mg gélule : 20 gouttes le matin", ["unit_implausible"]),
    ("PARACETAMOL : 15 mg/kg toutes les 6 heures", []),
    ("PARACETAMOL : 150 mg/kg toutes les 6 heures", ["ten_times"]),
]


@pytest.mark.parametrize(("text", "codes"), IN_A_LINE, ids=[text for text, _codes in IN_A_LINE])
def test_line(text: str, codes: list[str]) -> None:
    """A usual dose raises nothing; one that can't be, or that must not, raises its alert and no other."""
    assert [alert.code for alert in safety.check_line(read_line(text))] == codes


def test_the_worked_cases_are_quiet() -> None:
    """None of the worked cases, all usual doses, is taken for a misreading."""
    alerts = [alert for case in LINES for alert in safety.check_line(read_line(case["text"]))]
    for case in WHOLE:
        found = read_ordonnance(case["text"])
        patient = safety.Patient(found.document.patient_weight_kg)
        alerts += [alert for each in safety.check(found.lines, patient) for alert in each]
    assert [alert for alert in alerts if alert.is_misreading] == []


def test_what_was_computed_from_what() -> None:
    """An alert holds the dose, the times a day, the strength and where it is from, the sum and the usual maximum."""
    (alert,) = safety.check_line(read_line("DOLIPRANE 1000 mg : 2 cp x4/j"))
    assert alert.path == "dosage.0.dose"
    assert alert.facts == {
        "dose": 2.0, "dose_unit": "comprimé", "times": 4.0, "strength": 1000.0, "strength_unit": "mg", "from": "line",
        "computed": 8000.0, "unit": "mg", "most": 4000.0, "days": 1, "substance": "paracétamol", "who": "adult",
        "factor": 2.0,
    }  # fmt: skip


def product(*strengths: tuple[float, str]) -> list[Product]:
    return [
        Product(str(place), "", "", substances=(Substance("x", strength=Strength(value, unit)),))
        for place, (value, unit) in enumerate(strengths)
    ]


def test_strength_of_the_product() -> None:
    """A strength that no product of the name has is told with the nearest one; units are converted first."""
    line = read_line("LEVOTHYROX 57 µg : 1 cp le matin")
    (alert,) = safety.check_line(line, products=product((50, "µg"), (75, "µg")))
    assert (alert.code, alert.facts["near"]) == ("strength_unknown", 50.0)
    assert safety.check_line(read_line("DOLIPRANE 1 g : 1 cp x3/j"), products=product((1000, "mg"))) == ()


def test_the_product_tells_the_strength() -> None:
    """Without a written strength the product's is counted, unless the name stands for several strengths."""
    line = read_line("DOLIPRANE : 2 cp x4/j")
    (alert,) = safety.check_line(line, products=product((1000, "mg")))
    assert (alert.code, alert.facts["from"]) == ("above_usual", "product")
    assert safety.check_line(line, products=product((500, "mg"), (1000, "mg"))) == ()


def test_per_kilogram() -> None:
    """A child's dose is compared per kilogram of the weight on the ordonnance; a syringe's mark must be near it."""
    line = read_line("DOLIPRANE 500 mg : 1 cp x4/j")
    assert safety.check_line(line, safety.Patient(weight_kg=30)) == ()
    (alert,) = safety.check_line(line, safety.Patient(weight_kg=12))
    assert (alert.code, alert.facts["most"], alert.facts["kilograms"]) == ("dose_per_kg", 960.0, 12)
    marked = read_line("DOLIPRANE 2,4 % : 1 dose 12 kg toutes les 6 heures")
    assert [one.code for one in safety.check_line(marked, safety.Patient(weight_kg=20))] == ["weight_mark"]
    assert safety.check_line(marked, safety.Patient(weight_kg=12)) == ()


def test_two_lines() -> None:
    """The same substance twice is seen through associations; pairs that are forbidden are a danger."""
    text = (
        "DOLIPRANE 1000 mg : 1 cp x3/j\nLAMALINE : 1 gélule matin et soir\n"
        "COLCHICINE 1 mg : 1 cp par jour\nCLARITHROMYCINE 500 mg : 1 cp matin et soir"
    )
    found = safety.check(read_ordonnance(text).lines)
    assert [[alert.code for alert in each] for each in found] == [[], ["twice"], [], ["pair"]]
    assert found[1][0].facts["name"] == "DOLIPRANE"
    assert found[3][0].level == "danger"


def test_on_purpose() -> None:
    """Prolonged morphine with rapid morphine as needed is noted, no more."""
    text = "SKENAN LP 30 mg : 1 gél matin et soir\nACTISKENAN 10 mg : 1 gél si douleur toutes les 4 h"
    (alert,) = [alert for each in safety.check(read_ordonnance(text).lines) for alert in each]
    assert (alert.code, alert.level) == ("twice", "note")


def test_a_misreading_is_doubted() -> None:
    """The value that is likelier misread falls below the threshold; the others keep their confidence."""
    found = read_ordonnance("AMLODIPINE 5 mg : 10 cp le matin\nDOLIPRANE 1 g : 1 cp x3/j")
    judged = safety.judged(found)
    doubts = [(item.path, item.why) for item in judged.lines[0].evidence if item.confidence < 0.8]
    assert ("dosage.0.dose", "implausible dose or strength") in doubts
    assert judged.lines[1] == found.lines[1]


def test_the_table_is_sound() -> None:
    """Each row has a known unit, route and patient, a single dose within its total, and a code once for each."""
    rows = [row for rows in table().values() for row in rows]
    assert len(table()) >= 250
    assert len({(row.atc, row.route, row.who) for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"[A-Z]\d\d[A-Z]([A-Z](\d\d)?)?", row.atc), row
        assert row.route in {ANY, *ROUTES.values(), "transdermique"}, row
        assert row.who in ("adult", "child"), row
        assert row.unit.endswith("/kg") == (row.who == "child"), row
        assert 0 < (row.single or row.total) <= row.total, row
        assert row.days in (1, 7, 14, 28, 30), row
        assert convert(1, row.unit.partition("/")[0], row.unit.partition("/")[0]) == 1, row


def test_the_table_covers_what_is_prescribed() -> None:
    """Of ten boxes of systemic medicines that pharmacies hand over, nine have a usual maximum."""
    local = re.compile(r"^(A01|D|S|G01|G02|G03A[AC]|R01|A06A[AGX]|B05|C05|P03|A12AX|.{5}$|.{3,4}$)")
    boxes: Counter[str] = Counter()
    for product in starting.starter().products:
        if product.atc and not local.match(product.atc):
            boxes[product.atc] += round(product.weight)
    missing = {atc: count for atc, count in boxes.items() if usual(atc, None, child=False) is None}
    assert sum(missing.values()) <= boxes.total() / 10, missing


def test_every_rule_is_checked() -> None:
    """Each row of the never events names a check that exists; each misreading is a code that a check gives."""
    assert {rule.name for rule in never_events.rules()} == {*never_events.LINE_RULES, "pair"}
    assert {rule.level for rule in never_events.rules()} <= set(safety.LEVELS)
    assert {code for _text, codes in IN_A_LINE for code in codes} | {"strength_unknown"} >= MISREADINGS
