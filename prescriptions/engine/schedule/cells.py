"""Doses at the parts of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prescriptions.engine import wording
from prescriptions.engine.schedule.plan import Cell
from prescriptions.engine.schedule.speech import French
from prescriptions.engine.schedule.words import (
    ANY_MEAL,
    COLUMNS,
    HOURS,
    MEALS,
    MOMENTS,
    NIGHT,
    OF_FORM,
    PICTURES,
)
from prescriptions.engine.schema import Dosage, Medication, Quantity, Timing

HALVES = {0.25: "quarter", 0.5: "half", 0.75: "three-quarters"}


def cells_of(medication: Medication, dosages: Sequence[Dosage], speech: French) -> dict[str, tuple[Cell, ...]]:
    """Part of the day -> the doses then, in the order of the day."""
    found: dict[str, list[Cell]] = {}
    for dosage in dosages:
        unread = ("?", speech.headings()["no_dose"])
        number, unit = (
            speech.counted(dosage.dose) if dosage.dose else (wording.rate(dosage), "") if dosage.rate else unread
        )
        picture = picture_of(medication, dosage.dose)
        for key, details, meal in _moments(dosage.timing or Timing(), speech):
            found.setdefault(key, []).append(Cell(number, unit, picture, details, meal))
    return {key: tuple(found[key]) for key in COLUMNS if key in found}


def _moments(timing: Timing, speech: French) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(part of the day, hour or meal in words, relation to the meal), clock times after moments."""
    beside = {ANY_MEAL[code] for code in timing.when if code in ANY_MEAL}
    for code in timing.when:
        if code not in MOMENTS:
            continue
        key, meal = MOMENTS[code]
        details = [speech.word(NIGHT[code])] if code in NIGHT else []
        if meal:
            details.append(_meal(meal, key, timing.offset, speech))
        elif len(beside) == 1:
            meal = next(iter(beside))
            details.append(_meal(meal, "", timing.offset, speech))
        yield key, tuple(details), meal
    for time in timing.time_of_day:
        key = next(part for until, part in HOURS if int(time[:2]) < until)
        yield key, (speech.hour(time),), ""


def _meal(relation: str, part: str, offset: int | None, speech: French) -> str:
    words = speech.word(MEALS[relation, part])
    return f"{offset} min {words}" if offset and relation != "with" else words


def dose_across(dosage: Dosage, speech: French, *, moments: bool = False) -> str:
    """The dose with its rhythm in words, where no part of the day is named; `moments`: also where one is."""
    timing = dosage.timing or Timing()
    placed = list(_moments(timing, speech))
    if placed and not moments:
        return ""
    dose = speech.amount(dosage.dose) or wording.rate(dosage) or ("" if moments else speech.headings()["no_dose"])
    if is_for_the_day(timing):
        dose = f"{dose} {speech.within(1, 'd')}"
    said = [dose, speech.every(timing)]
    if moments:
        said += [_told(key, details, speech) for key, details, _relation in placed]
    said += [speech.meals(ANY_MEAL[code], timing.offset) for code in timing.when if code in ANY_MEAL and not placed]
    return ", ".join(part for part in said if part)


def is_for_the_day(timing: Timing | None) -> bool:
    """Whether the dose is that of a day, in how many times not being said."""
    return timing is not None and timing.frequency is None and (timing.period, timing.period_unit) == (1, "d")


def _told(key: str, details: tuple[str, ...], speech: French) -> str:
    _picture, french, english = COLUMNS[key]
    return details[0] if details else speech.word((french, english)).lower()


def picture_of(medication: Medication, dose: Quantity | None) -> str:
    """What the dose looks like: by its unit, else by the form of the medicine; broken tablets are drawn broken."""
    drawn = PICTURES.get(dose.unit or "", "") if dose else ""
    if drawn == "tablet" and dose and dose.value in HALVES:
        return HALVES[dose.value]
    if drawn:
        return drawn
    form = medication.form or ""
    return next((picture for word, picture in OF_FORM.items() if word in form), "box")
