"""Comparing a reading with its case: by meaning, field by field, and how bad a fault is."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from prescriptions import engine
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.alignment import align
from prescriptions.engine.evaluation.case import BadSet, Case, Span, read_set, write_case
from prescriptions.engine.evaluation.magnitude import magnitudes
from prescriptions.engine.evaluation.meaning import FIELDS, ITEMS, JOINT, wrong
from prescriptions.engine.evaluation.noise import altered
from prescriptions.engine.evaluation.ocr import compare as optical
from prescriptions.engine.evaluation.outcome import KINDS, judge
from prescriptions.engine.evaluation.reading import Reading, ReadMedication, reader
from prescriptions.engine.reference.starting import starter

READ = reader(starter())


def made(text: str) -> dict[str, Any]:
    return dict(engine.encode(engine.read_line(text).medication))


EQUAL = [
    ("1 cp matin et soir", "le soir : 1 cp ; le matin : 1 cp"),
    ("1 cp toutes les 24 h", "1 cp par jour"),
    ("1 cp le matin pendant 7 jours", "1 cp le matin pdt 1 semaine"),
    ("1 cp avant le petit déjeuner", "1 cp le matin avant le repas"),
]
DIFFERENT = [
    ("1 cp matin et soir", "2 cp matin et soir", {"dose", "daily"}),
    ("1 cp matin et soir", "1 cp matin", {"timing", "daily"}),
    ("1 cp matin et soir", "1 gél matin et soir", {"dose", "unit"}),
    ("1 cp le matin, 2 cp le soir", "2 cp le matin, 1 cp le soir", {"schedule"}),
    ("1 cp matin et soir si douleur", "1 cp matin et soir", {"need"}),
    ("1 cp matin et soir, maximum 4 par jour", "1 cp matin et soir, maximum 3 par jour", {"limit"}),
    ("1 cp le matin, QSP 28 jours", "1 cp le matin, QSP 7 jours", {"supply"}),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_shapes_differ_meaning_does_not(one: str, other: str) -> None:
    """The same order said in another shape is right."""
    assert wrong(made(one), made(other)) == []


@pytest.mark.parametrize(("one", "other", "fields"), DIFFERENT)
def test_what_differs_is_named(one: str, other: str, fields: set[str]) -> None:
    """What means something else is wrong in its own field."""
    assert fields <= set(wrong(made(one), made(other)))


def test_every_field_is_equal_to_itself() -> None:
    """Whatever a case expects, it expects nothing else."""
    for case in own.cases():
        assert wrong(case.expected, case.expected, case.scoring) == [], case.id


def test_fields_are_complete() -> None:
    """Each field has its items and rests on some kind of evidence."""
    assert set(ITEMS) == {*FIELDS, *JOINT} == set(KINDS)


def test_alignment() -> None:
    """Medicines are paired by name and in order; one that is left out and one that is too much are told."""
    expected = [{"name": name} for name in ("DOLIPRANE", "RAMIPRIL", "LASILIX")]
    got = [{"name": name} for name in ("DOLIPRANE", "LASILIX", "KARDEGIC")]
    assert align(expected, got) == [(expected[0], 0), (expected[1], None), (expected[2], 1), (None, 2)]
    assert align([], got[:1]) == [(None, 0)]


@pytest.mark.parametrize(
    ("wanted", "got", "factor"),
    [
        ("LEVOTHYROX 75 µg : 1 cp le matin", "LEVOTHYROX 75 mg : 1 cp le matin", 1000),
        ("1 cp le matin", "10 cp le matin", 10),
        ("DOLIPRANE 1 g : 1 cp le matin", "DOLIPRANE 1000 mg : 1 cp le matin", 0),
        ("1 cp le matin", "2 cp le matin", 0),
    ],
)
def test_tens_and_thousands(wanted: str, got: str, factor: int) -> None:
    """A dose or a strength ten or a thousand times off is told, in whatever unit; others aren't."""
    assert magnitudes(made(wanted), made(got)) == factor


def test_silence() -> None:
    """A wrong field keeps the confidence with which it was read; one that was left out has that of its line."""
    case = Case("1", "line", "1 cp matin et soir", made("2 cp matin et soir si douleur"))
    (line,) = judge(case, READ(case)).lines
    assert {"dose", "need"} <= set(line.wrong)
    assert line.sureness("dose") > 0.8
    assert line.sureness("need") == line.confidence


def test_codes() -> None:
    """The rank of the right code among the products that were proposed, and the levels that the best one shares."""
    from prescriptions.engine.evaluation.reading import Candidate

    case = Case("1", "line", "x", {"name": "X", "atc": "N02BE01", "cis": "2", "dosage": []})
    products = (Candidate("1", "N02BE51"), Candidate("2", "N02BE01"))
    (line,) = judge(case, Reading((ReadMedication({"name": "X", "atc": "N02BE51"}, (), products),), {})).lines
    assert (line.atc_level, line.atc_rank, line.cis_rank) == (4, 2, 2)


def test_documents() -> None:
    """A document is right when its medicines, its head and what is stopped are, in that order and nothing else."""
    case = next(case for case in own.cases() if case.type == "prescription" and case.expected.get("stopped"))
    reading = READ(case)
    assert judge(case, reading).is_exact
    more = Reading((*reading.medications, ReadMedication({"name": "PLACEBO"})), reading.document, reading.stopped)
    assert not judge(case, more).is_exact
    assert judge(case, Reading(reading.medications, {}, ())).document_wrong == ("document.date", "stopped")


def test_spans() -> None:
    """Spans count strictly by their offsets and leniently by what they overlap."""
    text = "DOLIPRANE 1 g : 1 cp le matin"
    spans = (Span("medicine", 0, 9), Span("strength", 10, 11))
    counts = judge(Case("1", "line", text, made(text), spans=spans), READ(Case("1", "line", text, {}))).span_counts
    assert counts["medicine"] == ((1, 0, 0), (1, 0, 0))
    assert counts["strength"] == ((0, 1, 1), (1, 0, 0))


def test_optical() -> None:
    """Characters, words, lines, digits and micro signs of a page against its text."""
    text = "LEVOTHYROX 75 µg\n1 cp le matin\nDOLIPRANE 1 g"
    got = optical(text, "1 cp le matin\nLEVOTHYROX 75 ug\nDOLIPRANE 1 g")
    assert (got.lines, got.exact_lines) == (3, 2)
    assert (got.digit_lines, got.exact_digits) == (3, 3)
    assert (got.micros, got.micros_kept) == (1, 0)
    same = optical(text, text)
    assert (same.character_errors, same.word_errors, same.exact_lines) == (0, 0, 3)


GOOD = {"id": "1", "text": "1 cp le matin", "expected": {"dosage": []}}


def test_a_set_is_read_or_refused_whole() -> None:
    """Every fault of a set is told with its line; nothing of it is taken."""
    bad = [
        "not json", json.dumps([]), json.dumps({"id": 1}), json.dumps(GOOD | {"type": "page"}),
        json.dumps(GOOD | {"expected": {"dosage": "1"}}), json.dumps(GOOD | {"spans": [{"kind": "dose", "start": 9}]}),
        json.dumps(GOOD), json.dumps(GOOD), json.dumps(GOOD | {"scoring": "half"}),
    ]  # fmt: skip
    with pytest.raises(BadSet) as caught:
        read_set(bad)
    assert [(fault.line, fault.code) for fault in caught.value.faults] == [
        (1, "not_json"), (2, "not_object"), (3, "missing"), (4, "type"), (5, "expected"), (6, "spans"), (8, "twice"),
        (9, "scoring"),
    ]  # fmt: skip
    with pytest.raises(BadSet):
        read_set(["", " "])


ODD: tuple[Any, ...] = ("x", 5, None, [], {}, [1], {"value": "a"}, True, -1, float("inf"))
INNER = ("frequency", "frequencyMax", "period", "periodMax", "periodUnit", "when", "timeOfDay", "dayOfWeek", "bounds",
         "count", "cycle", "cycleDays", "offset", "duration")  # fmt: skip
MIDDLE = ("sequence", "dose", "timing", "rate", "maxDosePerPeriod", "minInterval", "additional", "asNeededFor", "route")
OUTER = ("name", "atc", "strength", "form", "dosage", "dispense", "substitution", "ald", "dailyDose", "accept_atc")


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_a_set_takes_can_be_judged(odd: Any) -> None:
    """A value of another kind than expected is refused with its line, or compared: it never breaks a run."""
    timing, dose = {"frequency": 1, "period": 1, "periodUnit": "d"}, {"value": 1, "unit": "comprimé"}
    plans = [
        *({"dosage": [{"dose": dose, "timing": timing | {name: odd}}]} for name in INNER),
        *({"dosage": [{"dose": dose, "timing": timing, name: odd}]} for name in MIDDLE),
        *({"dosage": [{"dose": dose, "timing": timing}], name: odd} for name in OUTER),
    ]
    for plan in plans:
        with suppress(BadSet):
            (case,) = read_set([json.dumps(GOOD | {"expected": {"name": "DOLIPRANE"} | plan})])
            assert judge(case, READ(case)).lines


def test_a_case_is_written_as_it_is_read() -> None:
    """What is written of a set is read back as the same set."""
    cases = own.noisy()
    assert read_set(json.dumps(write_case(case)) for case in cases) == cases


def test_noise() -> None:
    """The same seed alters the same letters; a digit becomes a letter like it, never another digit."""
    text = "LEVOTHYROX 75 µg : 1 comprimé le matin à jeun pendant 30 jours " * 20
    once = altered(text, 0.1, Random(1))
    assert once == altered(text, 0.1, Random(1))
    assert once != text
    assert set(filter(str.isdigit, once)) <= set(filter(str.isdigit, text)) | {"1"}
    assert altered(text, 0, Random(1)) == text
