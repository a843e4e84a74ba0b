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
        for key, details, meal in moments_of(dosage.timing or Timing(), speech):
            found.setdefault(key, []).append(Cell(number, unit, picture, details, meal))
    return {key: tuple(found[key]) for key in COLUMNS if key in found}


def moments_of(timing: Timing, speech: French) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(part of the day, hour or meal in words, relation to the meal), clock times after moments."""
    beside = {ANY_MEAL[code] for code in timing.when if code in ANY_MEAL}
    for code in timing.when:
        if code not in MOMENTS:
            continue
        key, meal = MOMENTS[code]
        details = [speech.word(NIGHT[code])] if code in NIGHT else []
        if meal:
            details.append(meal_of(meal, key, timing.offset, speech))
        elif len(beside) == 1:
            meal = next(iter(beside))
            details.append(meal_of(meal, "", timing.offset, speech))
        yield key, tuple(details), meal
    for time in timing.time_of_day:
        key = next(part for until, part in HOURS if int(time[:2]) < until)
        yield key, (speech.hour(time),), ""


def meal_of(relation: str, part: str, offset: int | None, speech: French) -> str:
    words = speech.word(MEALS[relation, part])
    return f"{offset} min {words}" if offset and relation != "with" else words


def picture_of(medication: Medication, dose: Quantity | None) -> str:
    """What the dose looks like: by its unit, else by the form of the medicine; broken tablets are drawn broken."""
    drawn = PICTURES.get(dose.unit or "", "") if dose else ""
    if drawn == "tablet" and dose and dose.value in HALVES:
        return HALVES[dose.value]
    if drawn:
        return drawn
    form = medication.form or ""
    return next((picture for word, picture in OF_FORM.items() if word in form), "box")
