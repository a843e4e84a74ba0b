"""From lines to the plan. It says what the text says: a taper in words stays words, a range gives no date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypedDict

from prescriptions.engine import wording
from prescriptions.engine.schedule import dates
from prescriptions.engine.schedule.across import dose_across, is_for_the_day
from prescriptions.engine.schedule.cells import cells_of, picture_of
from prescriptions.engine.schedule.plan import Box, Column, Entry, Need, Plan, Row, Section
from prescriptions.engine.schedule.speech import SPEECHES, French
from prescriptions.engine.schedule.words import ALWAYS, COLUMNS, DAYS
from prescriptions.engine.schema import Dispense, Dosage, Medication, Quantity, Timing

LONGEST = 21
"""Days of a step that are still ticked one by one."""
COMING = 8
"""Days to come that are listed of a treatment without an end."""


def build(
    entries: Iterable[Entry], language: str = "fr", *, start: dt.date | None = None, stopped: Sequence[str] = (),
    dispense: Dispense | None = None, reviewed: bool = True,
) -> Plan:  # fmt: skip
    """The sheet in a language; without a start it has durations and no dates. Raises KeyError for another language.

    `dispense` is what holds for the whole ordonnance.
    """
    speech = SPEECHES[language]
    groups: dict[str, list[Section]] = {"regular": [], "changing": [], "certain_days": []}
    needs: list[Need] = []
    for entry in entries:
        dosages = [_as_written(one, place in entry.unshared) for place, one in enumerate(entry.medication.dosage)]
        given = [one for one in dosages if not one.as_needed]
        needs += [_need(entry, one, speech) for one in dosages if one.as_needed]
        if given or not dosages:
            qsp = (entry.medication.dispense or dispense or Dispense()).qsp
            groups[_kind(given)].append(_section(entry, given, qsp, start, speech))
    sections = [section for found in groups.values() for section in found]
    used = {key for section in sections for row in section.rows for key in row.cells}
    columns = tuple(
        Column(key, speech.word((french, english)), picture)
        for key, (picture, french, english) in COLUMNS.items()
        if key in used | ALWAYS
    )
    parts = {name: tuple(found) for name, found in groups.items()}
    return Plan(
        language=language, start=start, columns=columns, needs=tuple(needs), stopped=tuple(stopped),
        reviewed=reviewed, words=speech.headings(), **parts,
    )  # fmt: skip


def _as_written(dosage: Dosage, unshared: bool) -> Dosage:
    """A dose for the whole day is said «par jour», not once a day."""
    timing = dosage.timing
    return replace(dosage, timing=replace(timing, frequency=None)) if unshared and timing else dosage


def _kind(given: Sequence[Dosage]) -> str:
    if len({one.sequence for one in given}) > 1:
        return "changing"
    return "certain_days" if any(_is_rare(one.timing) for one in given) else "regular"


def _is_rare(timing: Timing | None) -> bool:
    """Not on every day: some days of the week, a cycle, every few days, one single time."""
    if timing is None:
        return False
    named = timing.day_of_week or timing.cycle or timing.cycle_days or timing.count
    return bool(named) or _gap(timing) > 1 or timing.period_unit in ("wk", "mo", "a")


def _gap(timing: Timing) -> float:
    """Days between two doses, 0 where it is less than a day or not told in days."""
    days = {"d": 1.0, "h": 1 / 24, "wk": 7.0}.get(timing.period_unit or "", 0.0)
    gap = (timing.period or 0.0) * days if timing.frequency == 1 and timing.period_max is None else 0.0
    return gap if gap == int(gap) else 0.0


def _section(
    entry: Entry, given: Sequence[Dosage], qsp: Quantity | None, start: dt.date | None, speech: French
) -> Section:
    """The steps of a medicine, each from the day on which the one before ends."""
    rows: list[Row] = []
    by_step = [list(found) for _step, found in groupby(sorted(given, key=lambda d: d.sequence), lambda d: d.sequence)]
    several = len(by_step) > 1
    day = start
    for place, dosages in enumerate(by_step, 1):
        alike = groupby(dosages, lambda one: _frame(one.timing))
        step = speech.step(place, day is not None) if several else ""
        made = [_row(entry.medication, list(found), day, step, speech) for _frame_, found in alike]
        rows += made
        bounds = [one.timing.bounds if one.timing else None for one in dosages]
        ends = {dates.after(day, each) for each in bounds} if day else set()
        day = ends.pop() if len(ends) == 1 else None
    if not rows:
        rows = [_unread(speech)]
    if len(rows) == 1 and not rows[0].length:
        rows = [replace(rows[0], length=speech.supply(qsp))]
    doubtful = not given or any(one.dose is None and one.rate is None for one in given)
    return Section(**_named(entry), rows=tuple(rows), to_check=not entry.checked or doubtful)


class Named(TypedDict):
    number: int
    name: str
    strength: str
    form: str


def _named(entry: Entry) -> Named:
    medication = entry.medication
    return {
        "number": entry.number,
        "name": medication.name or "?",
        "strength": wording.strengths(medication.strength).replace(" ", "\u00a0"),
        "form": medication.form or "",
    }


def _frame(timing: Timing | None) -> Timing | None:
    """What two doses of a step must have in common to stand in one row: all but their moments."""
    return replace(timing, when=(), time_of_day=(), offset=None) if timing else None


def _row(medication: Medication, dosages: list[Dosage], day: dt.date | None, step: str, speech: French) -> Row:
    timing = dosages[0].timing or Timing()
    cells = cells_of(medication, dosages, speech)
    across = [words for one in dosages if (words := dose_across(one, speech))]
    rest = _rest(timing, dosages, bool(cells), speech)
    unshared = [speech.headings()["unshared"] for one in dosages if is_for_the_day(one.timing)]
    notes = [part for one in dosages for part in (*one.additional, *speech.limits(one), _place(one, speech))]
    beyond = dates.after(day, timing.bounds) if day else None
    return Row(
        step=step,
        cells=cells,
        across=" ; ".join(across),
        across_picture=picture_of(medication, dosages[0].dose) if across else "",
        days=", ".join(
            part for part in (speech.days(timing.day_of_week), _cycle(timing, day, speech), rest[0]) if part
        ),
        week=_week(timing, speech),
        length=speech.length(timing.bounds),
        dates=_dates(day, beyond, bool(step), speech),
        boxes=_boxes(timing, day, beyond, bool(step), speech),
        remarks=tuple(dict.fromkeys(part for part in (*rest[1], *unshared, *notes) if part)),
    )


def _rest(timing: Timing, dosages: list[Dosage], placed: bool, speech: French) -> tuple[str, list[str]]:
    """(how often, where it isn't every day; what else the rhythm says) beside the moments that stand in columns."""
    if not placed:
        return "", []
    if _is_rare(timing):
        return speech.every(timing), []
    count = sum(len(one.timing.when) + len(one.timing.time_of_day) for one in dosages if one.timing)
    agrees = timing.frequency in (None, count, 1 if len(dosages) > 1 else count) and timing.frequency_max is None
    told = replace(timing, frequency=None, frequency_max=None) if agrees else timing
    return "", [speech.every(told)]


def _place(dosage: Dosage, speech: French) -> str:
    """Where and how it is given; by mouth goes without saying."""
    return speech.place(replace(dosage, route=None) if dosage.route == "orale" else dosage)


def _cycle(timing: Timing, day: dt.date | None, speech: French) -> str:
    words = speech.cycle(timing)
    cycle = timing.cycle
    if cycle is None or day is None or cycle.every_unit not in dates.DAYS:
        return words  # of «10 jours par mois» no day is the first
    stops = dates.after(day, Quantity(value=cycle.on, unit=cycle.on_unit))
    again = dates.after(day, Quantity(value=cycle.every, unit=cycle.every_unit))
    if stops is None or again is None or stops >= again:
        return words
    return f"{words} ({speech.from_to(day, stops - dt.timedelta(days=1))}, {speech.pause(again)})"


def _week(timing: Timing, speech: French) -> tuple[Box, ...]:
    if not timing.day_of_week:
        return ()
    return tuple(Box(speech.initial(day), day in timing.day_of_week) for day in DAYS)


def _dates(day: dt.date | None, beyond: dt.date | None, stepwise: bool, speech: French) -> str:
    """From when to when; what goes on from the start of the treatment on says nothing, but as a step."""
    if day is None or not (beyond or stepwise):
        return ""
    return speech.from_to(day, beyond - dt.timedelta(days=1)) if beyond else speech.onwards(day)


def _boxes(
    timing: Timing, day: dt.date | None, beyond: dt.date | None, stepwise: bool, speech: French
) -> tuple[Box, ...]:
    """Days to tick: each day of a short step, or the days to come of what is taken every few days."""
    if day is None or timing.day_of_week or timing.cycle or timing.cycle_days:
        return ()
    gap = int(_gap(timing))
    if gap > 1:
        last = beyond or day + dt.timedelta(days=gap * COMING)
        found = dates.days_of(day, last)[::gap][:LONGEST]
    elif stepwise and beyond and (beyond - day).days <= LONGEST:
        found = dates.days_of(day, beyond)
    else:
        return ()
    return tuple(Box(speech.short_day(one)) for one in found)


def _unread(speech: French) -> Row:
    return Row("", {}, speech.headings()["unclear"], "box", "", (), "", "", (), ())


def _need(entry: Entry, dosage: Dosage, speech: French) -> Need:
    timing = dosage.timing or Timing()
    return Need(
        **_named(entry),
        reason=speech.need(dosage.as_needed_for),
        dose=speech.amount(dosage.dose) or wording.rate(dosage),
        picture=picture_of(entry.medication, dosage.dose),
        rhythm=dose_across(replace(dosage, dose=None, rate=None), speech, moments=True),
        limits=speech.limits(dosage),
        length=speech.length(timing.bounds),
        remarks=tuple(part for part in (*dosage.additional, _place(dosage, speech)) if part),
        to_check=not entry.checked,
    )
