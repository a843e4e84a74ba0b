"""Doses in words, where no part of the day is named."""

from __future__ import annotations

from prescriptions.engine import wording
from prescriptions.engine.schedule.cells import moments_of
from prescriptions.engine.schedule.speech import French
from prescriptions.engine.schedule.words import ANY_MEAL, COLUMNS
from prescriptions.engine.schema import Dosage, Timing


def dose_across(dosage: Dosage, speech: French, *, moments: bool = False) -> str:
    """The dose with its rhythm in words, where no part of the day is named; `moments`: also where one is."""
    timing = dosage.timing or Timing()
    placed = list(moments_of(timing, speech))
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
