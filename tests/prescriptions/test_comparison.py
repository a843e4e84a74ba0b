"""Reconciliation: what became of each line between two ordonnances."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prescriptions import engine
from prescriptions.engine.comparison import Change, Comparison, Item, Stopped, compare
from prescriptions.engine.comparison.compare import plain
from tests.prescriptions.test_cases import CASES


def items(text: str) -> list[Item]:
    found = engine.read_ordonnance(text).lines
    return [Item(number, line.medication) for number, line in enumerate(found, 1)]


def only(before: str, after: str, *stopped: Stopped) -> Change:
    [change] = compare(items(before), items(after), stopped).changes
    return change


@pytest.mark.parametrize(
    ("before", "after", "kind", "fields", "direction"),
    [
        ("KARDEGIC 75 mg : 1 sachet le midi", "Kardégic® 75 mg : 1 sachet à midi", "same", [], ""),
        ("DOLIPRANE 1 g : 1 cp toutes les 24 h", "DOLIPRANE 1 g : 1 cp par jour", "same", [], ""),
        ("LEVOTHYROX 75 µg : 1 cp le matin", "LEVOTHYROX 100 µg : 1 cp le matin", "changed", ["strength"], "up"),
        ("METFORMINE 1 g : 1 cp matin et soir", "METFORMINE 1 g : 1 cp le soir", "changed", ["frequency"], "down"),
        ("BISOPROLOL 5 mg : 1 cp le matin", "BISOPROLOL 10 mg : 1/2 cp le matin", "changed", ["strength", "dose"], ""),
        ("DOLIPRANE 1 g : 1 cp le soir", "DOLIPRANE 1 g : 1 cp le soir pendant 5 jours", "changed", ["duration"], ""),
        ("DOLIPRANE 1 g : 1 cp", "DOLIPRANE 1 g : 1 cp si douleur", "changed", ["need"], ""),
        ("DOLIPRANE 1 g : 1 cp le soir", "DAFALGAN 1 g : 1 cp le soir", "switched", [], ""),
    ],
)  # fmt: skip
def test_what_became_of_a_line(before: str, after: str, kind: str, fields: list[str], direction: str) -> None:
    """The same whatever the spelling, changed with the fields that are, switched within a substance; up or down."""
    change = only(before, after)
    assert (change.kind, [one.field for one in change.differences], change.direction) == (kind, fields, direction)


def test_before_and_after_are_words() -> None:
    """Each difference and the daily dose are told as they were and as they are."""
    change = only("METFORMINE 1 g : 1 cp matin et soir", "METFORMINE 1 g : 1 cp matin, midi et soir")
    [difference] = change.differences
    assert (difference.before, difference.after) == ("matin et soir", "matin, midi et soir")
    assert (change.daily_before, change.daily_after) == ("2 comprimés par jour", "3 comprimés par jour")
    assert change.before == "METFORMINE 1 g : 1 comprimé matin et soir"


def test_a_weekly_medicine_is_counted_by_the_week() -> None:
    """Four tablets on Monday are four a week, not a fraction a day."""
    change = only("METHOTREXATE 2,5 mg : 4 cp le lundi", "METHOTREXATE 2,5 mg : 6 cp le lundi")
    assert (change.daily_before, change.daily_after, change.direction) == (
        "4 comprimés par semaine", "6 comprimés par semaine", "up",
    )  # fmt: skip


def test_added_and_stopped() -> None:
    """A line that the second one lacks is stopped, one that the first one lacks is added."""
    found = compare(items("DOLIPRANE 1 g : 1 cp le soir"), items("KARDEGIC 75 mg : 1 sachet le midi"))
    assert [(change.kind, change.name, change.said) for change in found.changes] == [
        ("stopped", "DOLIPRANE", False), ("added", "KARDEGIC", False),
    ]  # fmt: skip


def test_a_stop_that_is_said() -> None:
    """« Arrêt : Ramipril » stops TRIATEC by its code; one of an unknown line is told; a contradiction is marked."""
    change = only("TRIATEC 5 mg : 1 cp le matin", "", Stopped("RAMIPRIL", "C09AA05"))
    assert (change.kind, change.said) == ("stopped", True)
    unknown = only("", "", Stopped("RAMIPRIL"))
    assert (unknown.kind, unknown.name, unknown.before_number) == ("stopped", "RAMIPRIL", None)
    both = only("RAMIPRIL 5 mg : 1 cp le matin", "RAMIPRIL 5 mg : 1 cp le matin", Stopped("Ramipril"))
    assert (both.kind, both.said) == ("same", True)


def test_a_class_is_a_hint() -> None:
    """Another substance of the same class is a switch that says so, and no daily dose is weighed against the other."""
    change = only("OMEPRAZOLE 20 mg : 1 gélule le soir", "PANTOPRAZOLE 40 mg : 1 cp le soir")
    assert (change.kind, change.by, change.direction) == ("switched", "class", "")


def test_known_substances_match_without_a_code() -> None:
    """Brand and generic meet by the substances of their products."""
    [before], [after] = items("DOLIPRANE 1 g : 1 cp"), items("KARDEGIC 75 mg : 1 sachet")
    first = Item(1, before.medication, ("paracétamol",))
    found = compare([first], [Item(1, after.medication, ("paracétamol",))])
    assert [(change.kind, change.by) for change in found.changes] == [("switched", "substance")]


def test_duplicates() -> None:
    """Two lines with one substance, or of one class, are named; unlike ones are not."""
    text = "DOLIPRANE 1 g : 1 cp\nDAFALGAN 500 mg : 1 cp\nOMEPRAZOLE 20 mg : 1 gél\nPANTOPRAZOLE 40 mg : 1 cp"
    assert [(one.first, one.by) for one in compare([], items(text)).duplicates] == [
        ("DOLIPRANE 1 g", "substance"), ("OMEPRAZOLE 20 mg", "class"),
    ]  # fmt: skip


def test_the_strength_decides_between_two_lines_of_one_name() -> None:
    """Two strengths of a medicine are matched each with its own, whatever their order."""
    before = "LEVOTHYROX 25 µg : 1 cp le matin\nLEVOTHYROX 75 µg : 1 cp le matin"
    after = "LEVOTHYROX 75 µg : 1 cp le matin\nLEVOTHYROX 25 µg : 1 cp le matin"
    assert {change.kind for change in compare(items(before), items(after)).changes} == {"same"}


medicines = st.lists(st.sampled_from([case["text"] for case in CASES if case["type"] == "line"]), max_size=5)


@settings(max_examples=40, deadline=None)
@given(medicines, medicines)
def test_no_line_is_lost_or_told_twice(before: list[str], after: list[str]) -> None:
    """Whatever is compared, each line of both stands in one change exactly."""
    old = [Item(number, engine.read_line(text).medication) for number, text in enumerate(before, 1)]
    new = [Item(number, engine.read_line(text).medication) for number, text in enumerate(after, 1)]
    found = compare(old, new)
    assert sorted(c.before_number for c in found.changes if c.before_number) == list(range(1, len(old) + 1))
    assert sorted(c.after_number for c in found.changes if c.after_number) == list(range(1, len(new) + 1))
    assert engine.decode(Comparison, engine.encode(found)) == found


@pytest.mark.parametrize("case", [case for case in CASES if case["type"] == "prescription"], ids=lambda c: c["id"])
def test_an_ordonnance_is_the_same_as_itself(case: dict[str, str]) -> None:
    """Compared with itself, nothing of an ordonnance has changed."""
    assert {change.kind for change in compare(items(case["text"]), items(case["text"])).changes} <= {"same"}


def test_names_are_compared_plain() -> None:
    """Accents, case and signs make no other medicine."""
    assert plain("Spéciafoldine®") == plain("SPECIAFOLDINE")
    assert plain(None) == ""
