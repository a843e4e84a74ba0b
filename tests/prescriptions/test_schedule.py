"""The plan de prise: what the text says, at its place in the day, and nothing else."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions import engine
from prescriptions.engine import paper, schedule, sharing
from prescriptions.engine.schedule import Entry, Plan, dates, pictures, words
from prescriptions.engine.schedule.sheet import sheet
from prescriptions.engine.schedule.speech import SPEECHES
from prescriptions.engine.schema import Quantity
from prescriptions.engine.words.units import TAKEN
from tests.prescriptions.test_cases import CASES

START = dt.date(2026, 11, 12)


def plan(text: str, language: str = "fr", *, start: dt.date | None = START, checked: bool = True) -> Plan:
    found = engine.read_ordonnance(text)
    entries = [
        Entry(number, line.medication, checked, sharing.unshared(line)) for number, line in enumerate(found.lines, 1)
    ]
    return schedule.build(entries, language, start=start, dispense=found.document.dispense)


def cells(made: Plan) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    [row] = [row for section in (*made.regular, *made.certain_days) for row in section.rows]
    return {key: [(cell.number, cell.unit, cell.details) for cell in found] for key, found in row.cells.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DOLIPRANE 1 g : 1 cp matin et soir", {
            "morning": [("1", "comprimé", ())], "evening": [("1", "comprimé", ())]}),
        ("SERESTA 50 mg : 1/2 cp au coucher", {"bedtime": [("1/2", "comprimé", ())]}),
        ("LANTUS : 12 UI à 22h", {"bedtime": [("12", "UI", ("à 22 h",))]}),
        ("LEVOTHYROX 75 µg : 1 cp 30 min avant le petit déjeuner", {
            "morning": [("1", "comprimé", ("30 min avant le petit déjeuner",))]}),
        ("METFORMINE 1 g : 2 cp le matin et 1 cp le soir", {
            "morning": [("2", "comprimés", ())], "evening": [("1", "comprimé", ())]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_doses_stand_at_their_part_of_the_day(text: str, expected: dict[str, list[object]]) -> None:
    """Moments and hours are columns; the hour and the meal stand beside the dose."""
    assert cells(plan(text)) == expected


def test_what_names_no_moment_stands_across() -> None:
    """« 3 fois par jour » is told in words over all columns: no moment is made up."""
    [section] = plan("PARACETAMOL 500 mg : 1 à 2 cp 3 fois par jour").regular
    assert section.rows[0].cells == {}
    assert section.rows[0].across == "1 à 2 comprimés, 3 fois par jour"


def test_a_taper_is_a_dated_calendar() -> None:
    """Each step begins when the one before ends; its days can be ticked."""
    text = "SOLUPRED 20 mg : 3 cp le matin pendant 3 jours puis 2 cp le matin pendant 1 semaine puis 1 cp le matin"
    [section] = plan(text).changing
    assert [row.dates for row in section.rows] == [
        "du 12 au 14 nov. 2026", "du 15 au 21 nov. 2026", "à partir du 22 nov. 2026",
    ]  # fmt: skip
    assert [box.label for box in section.rows[0].boxes] == ["jeu. 12 nov.", "ven. 13 nov.", "sam. 14 nov."]
    assert len(section.rows[1].boxes) == 7
    assert section.rows[2].boxes == ()


def test_without_a_start_there_are_no_dates() -> None:
    """Durations stay in words, and steps say that they follow."""
    text = "SOLUPRED 20 mg : 3 cp le matin pendant 3 jours puis 2 cp le matin"
    [section] = plan(text, start=None).changing
    assert [(row.step, row.length, row.dates) for row in section.rows] == [
        ("Étape 1", "pendant 3 jours", ""), ("Étape 2 : ensuite", "", ""),
    ]  # fmt: skip


def test_nothing_is_extrapolated() -> None:
    """« Diminuer de 5 mg » stays words, and after a range of days no date is known."""
    made = plan("SOLUPRED 20 mg : 3 cp le matin, diminuer de 5 mg tous les 3 jours")
    said = " ".join(words for section in (*made.regular, *made.changing, *made.certain_days)
                    for row in section.rows for words in row.remarks)  # fmt: skip
    assert "diminuer de 5 mg" in said
    [section] = plan("SOLUPRED 20 mg : 3 cp le matin pendant 3 à 5 jours puis 1 cp le matin").changing
    assert section.rows[1].dates == ""


def test_needs_have_their_limits_in_plain_words() -> None:
    """What is taken only if needed stands apart: for what, at most how much, how far apart."""
    made = plan("DOLIPRANE 1 g : 1 cp si douleur, max 4 cp par jour, espacés d'au moins 6 h")
    [need] = made.needs
    assert made.regular == ()
    assert (need.reason, need.dose, need.limits) == (
        "si douleur", "1 comprimé", ("au plus 4 comprimés par jour", "6 heures entre deux prises"),
    )  # fmt: skip
    [english] = plan("DOLIPRANE 1 g : 1 cp si douleur, max 4 cp par jour, espacés d'au moins 6 h", "en").needs
    assert english.limits == ("at most 4 tablets a day", "6 hours between two doses")


def test_days_of_the_week_and_every_few_days() -> None:
    """A weekly medicine names its day and shows the week; one of every few days lists the dates to come."""
    [weekly] = plan("METHOTREXATE 2,5 mg : 4 cp le lundi").certain_days
    assert weekly.rows[0].days == "seulement le lundi"
    assert [box.label for box in weekly.rows[0].week if box.on] == ["lun"]
    [patch] = plan("DUROGESIC 25 µg/h : 1 patch tous les 3 jours").certain_days
    assert [box.label for box in patch.rows[0].boxes][:3] == ["jeu. 12 nov.", "dim. 15 nov.", "mer. 18 nov."]


def test_a_cycle_says_its_first_dates() -> None:
    """21 days of 28: when it begins, when it pauses and when it begins again."""
    [section] = plan("PILULE : 1 cp le soir 21 jours sur 28").certain_days
    assert section.rows[0].days.startswith("21 jours sur 28")
    assert "du 12 nov. au 2 déc. 2026" in section.rows[0].days
    assert "reprise le 10 déc. 2026" in section.rows[0].days


def test_a_dose_for_the_day_is_not_said_to_be_taken_at_once() -> None:
    """« 2 cp/j » stays « 2 comprimés par jour », and who shares them is told to ask; a single one is once a day."""
    [row] = plan("DOLIPRANE 1 g : 2 cp/j").regular[0].rows
    assert row.across == "2 comprimés par jour"
    assert row.remarks[0].startswith("répartition dans la journée non écrite")
    [english] = plan("DOLIPRANE 1 g : 2 cp/j", "en").regular[0].rows
    assert english.across == "2 tablets a day"
    [once] = plan("DOLIPRANE 1 g : 2 cp 1 fois par jour").regular[0].rows
    assert (once.across, once.remarks) == ("2 comprimés, 1 fois par jour", ())


def test_a_dose_that_is_not_written_says_so() -> None:
    """A moment or a rhythm without a dose, and limits alone, are told as such and are to be checked."""
    moment = plan("DOLIPRANE : le soir").regular[0]
    assert (moment.rows[0].cells["evening"][0].number, moment.rows[0].cells["evening"][0].unit) == (
        "?", "dose non écrite",
    )  # fmt: skip
    rhythm = plan("DOLIPRANE : 3 fois par jour").regular[0]
    assert rhythm.rows[0].across == "dose non écrite, 3 fois par jour"
    limits = plan("DOLIPRANE : max 1 g/prise et 4 g/j").regular[0]
    assert limits.rows[0].across == "dose non écrite"
    assert moment.to_check
    assert rhythm.to_check
    assert limits.to_check


def test_days_of_a_month_have_no_dates() -> None:
    """Which days « 10 jours par mois » are isn't written: no pause is computed."""
    [section] = plan("UTROGESTAN 100 mg : 1 cp le soir, 10 jours par mois").certain_days
    assert section.rows[0].days == "10 jours par mois"


def test_what_is_not_sure_is_marked() -> None:
    """An unchecked line marks itself and the sheet, a dose that was not read says so, a reviewed plan is clean."""
    assert plan("DOLIPRANE 1 g : 1 cp le soir").to_check is False
    assert plan("DOLIPRANE 1 g : 1 cp le soir", checked=False).regular[0].to_check
    unread = plan("DOLIPRANE 1 g").regular[0]
    assert unread.to_check
    assert unread.rows[0].across == "Dose non lue\u00a0: voir l’ordonnance"
    assert schedule.build([], reviewed=False).to_check
    assert schedule.build([]).is_empty


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_case_has_a_plan(case: dict[str, str], language: str) -> None:
    """Each medicine of each case stands on the sheet once at least, with a picture that there is, and its words."""
    made = plan(case["text"], language)
    found = engine.read_ordonnance(case["text"])
    sections = (*made.regular, *made.changing, *made.certain_days)
    assert {one.number for one in (*sections, *made.needs)} == set(range(1, len(found.lines) + 1))
    for section in sections:
        for row in section.rows:
            assert row.cells or row.across
            assert row.across_picture in {"", *pictures.DRAWN}
            assert {cell.picture for held in row.cells.values() for cell in held} <= pictures.DRAWN.keys()
    for line in found.lines:
        for dosage in line.medication.dosage:
            for text in dosage.additional:
                assert text in str(made)


def test_both_languages_have_all_words() -> None:
    """No heading, column, unit or picture is missing in one of them."""
    assert SPEECHES.keys() == set(words.LANGUAGES)
    for pair in (*words.HEADINGS.values(), *words.MEALS.values(), *words.AT_MEALS.values(), *words.DAYS.values()):
        assert len(pair) == 2
        assert all(pair)
    assert TAKEN.keys() <= words.UNITS.keys()
    assert set(words.PICTURES.values()) | set(words.OF_FORM.values()) <= pictures.DRAWN.keys()
    assert {picture for picture, _french, _english in words.COLUMNS.values()} <= pictures.DRAWN.keys()


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 60))
def test_steps_of_days_and_months(day: dt.date, count: int) -> None:
    """Days add up; a month later is the same day, or the last one of a shorter month; ranges and hours move nothing."""
    assert dates.after(day, Quantity(value=count, unit="d")) == day + dt.timedelta(days=count)
    later = dates.after(day, Quantity(value=count, unit="mo"))
    assert later is not None
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == count
    assert later.day <= day.day
    for other in (None, Quantity(low=1, high=2, unit="d"), Quantity(value=4, unit="h"), Quantity(value=0.5, unit="d")):
        assert dates.after(day, other) is None


def test_the_sheet_of_paper() -> None:
    """A PDF for archives, with the same bytes each time; markup in a name is words on it."""
    made = plan('DOLIPRANE 1 g : 1 cp le soir\n#image("x") *gras* 10 mg : 1 cp si #panic() douleur', checked=False)
    first = paper.pdf("schedule", sheet(made), 0)
    assert first.startswith(b"%PDF")
    assert first == paper.pdf("schedule", sheet(made), 0)
    assert b"pdfaid" in first or b"pdfuaid" in first or b"/StructTreeRoot" in first


def test_pictures_are_plain_drawings() -> None:
    """A pictogram holds shapes only, no script, no address, no text; each is mute for a screen reader."""
    for name in pictures.DRAWN:
        drawn = pictures.svg(name)
        assert set(re.findall(r"<([a-z]+)", drawn)) <= {"svg", "path", "circle", "rect", "ellipse"}
        assert 'aria-hidden="true"' in drawn
    with pytest.raises(KeyError):
        pictures.svg("unicorn")
