"""Amounts, rhythms, limits and dates in plain words of a language."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from prescriptions.engine import wording
from prescriptions.engine.schedule.words import (
    AT_MEALS,
    DAYS,
    HEADINGS,
    LANGUAGES,
    MONTHS,
    PERIODS,
    PLURALS,
    SAID,
    UNITS,
)
from prescriptions.engine.schema import Dosage, Quantity, Timing
from prescriptions.engine.words.units import TAKEN


class French:
    """French: that of `engine/wording.py`, with limits said as to a patient."""

    code = "fr"

    def word(self, pair: tuple[str, str]) -> str:
        return pair[LANGUAGES.index(self.code)]

    def said(self, key: str) -> str:
        return self.word(SAID[key])

    def headings(self) -> dict[str, str]:
        return {key: self.word(pair) for key, pair in HEADINGS.items()}

    def number(self, value: float, unit: str | None) -> str:
        """Halves and quarters of what is counted, decimals of what is measured."""
        counted = unit is None or unit in TAKEN
        return wording.number(value) if counted else wording.plain_number(value)

    def unit(self, name: str | None, count: float) -> str:
        return wording.unit(name, count) if name else ""

    def span(self, low: str, high: str) -> str:
        return f"{low} à {high}"

    def counted(self, quantity: Quantity) -> tuple[str, str]:
        """(`1 à 2`, `comprimés`)."""
        unit = quantity.unit
        if quantity.value is not None:
            number, most = self.number(quantity.value, unit), quantity.value
        elif quantity.low is None or quantity.high is None:
            most = quantity.high or quantity.low or 0.0
            number = self.number(most, unit)
        else:
            number = self.span(self.number(quantity.low, unit), self.number(quantity.high, unit))
            most = quantity.high
        named = self.unit(unit, most)
        return number, f"{named} ({self.device(quantity.weight_kg)})".strip() if quantity.weight_kg else named

    def device(self, kilos: float) -> str:
        return f"graduation {wording.plain_number(kilos)} kg"

    def amount(self, quantity: Quantity | None) -> str:
        return " ".join(part for part in self.counted(quantity) if part) if quantity else ""

    def time(self, quantity: Quantity | None) -> str:
        return wording.length(quantity)

    def length(self, quantity: Quantity | None) -> str:
        return f"{self.said('for')} {text}" if (text := self.time(quantity)) else ""

    def every(self, timing: Timing) -> str:
        """How often, without moments, days or hours: `3 fois par jour`, `toutes les 6 heures`."""
        return wording.rhythm(replace(timing, when=(), time_of_day=(), day_of_week=(), cycle=None, cycle_days=()))

    def cycle(self, timing: Timing) -> str:
        return wording.rhythm(Timing(cycle=timing.cycle, cycle_days=timing.cycle_days))

    def meals(self, relation: str, offset: int | None) -> str:
        words = self.word(AT_MEALS[relation])
        return f"{offset} min {words}" if offset else words

    def days(self, days: tuple[str, ...]) -> str:
        names = [DAYS[day][0] for day in days]
        return f"seulement le {self.listed(names)}" if names else ""

    def listed(self, names: list[str]) -> str:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {self.said('and')} {names[-1]}"

    def hour(self, time: str) -> str:
        return f"à {int(time[:2])} h" + (f" {time[3:5]}" if time[3:5] != "00" else "")

    def need(self, reason: str | None) -> str:
        return f"si {reason}" if reason else "si besoin"

    def limits(self, dosage: Dosage) -> tuple[str, ...]:
        """`au plus 4 comprimés par jour`, `au plus 1 g par prise`, `6 heures entre deux prises`."""
        told = []
        if most := dosage.max_dose_per_period:
            counted = self.amount(Quantity(value=most.value, unit=most.unit))
            told.append(f"{self.said('at most')} {counted} {self.within(most.period, most.period_unit)}")
        if dosage.max_dose_per_administration:
            amount = self.amount(dosage.max_dose_per_administration)
            told.append(f"{self.said('at most')} {amount} {self.said('at a time')}")
        if dosage.min_interval:
            told.append(f"{self.time(dosage.min_interval)} {self.said('between')}")
        return tuple(told)

    def within(self, period: float, unit: str) -> str:
        if period == 1 or (period, unit) == (24, "h"):
            return f"par {'jour' if unit == 'h' and period == 24 else wording.period(unit, 1)}"
        return f"en {wording.plain_number(period)} {wording.period(unit, period)}"

    def place(self, dosage: Dosage) -> str:
        return wording.route(dosage)

    def date(self, day: dt.date) -> str:
        first = "1er" if day.day == 1 else str(day.day)
        return f"{first} {MONTHS[day.month - 1][0]} {day.year}"

    def from_to(self, first: dt.date, last: dt.date) -> str:
        return f"le {self.date(first)}" if first == last else f"du {self.part(first, last)} au {self.date(last)}"

    def part(self, first: dt.date, last: dt.date) -> str:
        """The first day of a span, without the month and the year that it shares with the last."""
        words = self.date(first).split(" ")
        shared = (first.year == last.year) + ((first.year, first.month) == (last.year, last.month))
        return " ".join(words[: len(words) - shared])

    def onwards(self, first: dt.date) -> str:
        return f"à partir du {self.date(first)}"

    def step(self, place: int, dated: bool) -> str:
        return f"Étape {place}" if dated or place == 1 else f"Étape {place} : ensuite"

    def short_day(self, day: dt.date) -> str:
        return f"{list(DAYS.values())[day.weekday()][0][:3]}. {day.day} {MONTHS[day.month - 1][0]}"

    def supply(self, quantity: Quantity | None) -> str:
        """QSP: what is handed over lasts so long."""
        return f"{self.said('supply for')} {text}" if (text := self.time(quantity)) else ""

    def initial(self, day: str) -> str:
        return DAYS[day][0][:3]

    def pause(self, again: dt.date) -> str:
        return f"puis pause, reprise le {self.date(again)}"


class English(French):
    """English, for who reads it better; what was written in free words stays French."""

    code = "en"

    def number(self, value: float, unit: str | None) -> str:
        return super().number(value, unit).replace(",", ".")

    def unit(self, name: str | None, count: float) -> str:
        if not name:
            return ""
        single = UNITS.get(name, name)
        if count <= 1 or name not in UNITS:
            return single
        return PLURALS.get(single, f"{single}s")

    def span(self, low: str, high: str) -> str:
        return f"{low} to {high}"

    def device(self, kilos: float) -> str:
        return f"mark {wording.plain_number(kilos).replace(',', '.')} kg"

    def time(self, quantity: Quantity | None) -> str:
        if quantity is None or quantity.unit is None:
            return ""
        if quantity.value is not None:
            return f"{self.number(quantity.value, 'd')} {PERIODS[quantity.unit][quantity.value > 1]}"
        high = quantity.high or quantity.low or 0.0
        if quantity.low is None:
            return f"{self.number(high, 'd')} {PERIODS[quantity.unit][high > 1]} at most"
        return f"{self.number(quantity.low, 'd')} to {self.number(high, 'd')} {PERIODS[quantity.unit][1]}"

    def every(self, timing: Timing) -> str:
        said = [self._frequency(timing), "as a single dose" if timing.count else ""]
        if timing.duration and timing.duration_unit:
            how = "leave on for" if timing.duration_unit == "h" else "over"
            said.append(f"{how} {self.time(Quantity(value=timing.duration, unit=timing.duration_unit))}")
        return ", ".join(part for part in said if part)

    def _frequency(self, timing: Timing) -> str:
        if not timing.frequency or not timing.period or not timing.period_unit:
            return ""
        times = self.number(timing.frequency, "d")
        if timing.frequency_max:
            times = self.span(times, self.number(timing.frequency_max, "d"))
        single, several = PERIODS[timing.period_unit]
        span = self.number(timing.period, "d")
        if timing.period_max:
            span = self.span(span, self.number(timing.period_max, "d"))
        every = f"every {single}" if span == "1" else f"every {span} {several}"
        if times == "1":
            return "once a day" if every == "every day" else every
        often = {"2": "twice"}.get(times, f"{times} times")
        return f"{often} a {single}" if span == "1" and single != "hour" else f"{often} {every}"

    def cycle(self, timing: Timing) -> str:
        said = []
        if cycle := timing.cycle:
            on = self.time(Quantity(value=cycle.on, unit=cycle.on_unit))
            every = self.time(Quantity(value=cycle.every, unit=cycle.every_unit))
            said.append(f"{on} out of {every}")
        said += [f"day {day}" for day in timing.cycle_days]
        return ", ".join(said)

    def days(self, days: tuple[str, ...]) -> str:
        names = [DAYS[day][1] for day in days]
        return f"on {self.listed(names)} only" if names else ""

    def hour(self, time: str) -> str:
        return f"at {time}"

    def need(self, reason: str | None) -> str:
        return f"if: {reason}" if reason else "if needed"

    def within(self, period: float, unit: str) -> str:
        if (period, unit) == (24, "h"):
            return "a day"
        return f"a {PERIODS[unit][0]}" if period == 1 else f"in {self.number(period, 'd')} {PERIODS[unit][1]}"

    def date(self, day: dt.date) -> str:
        return f"{day.day} {MONTHS[day.month - 1][1]} {day.year}"

    def from_to(self, first: dt.date, last: dt.date) -> str:
        return f"on {self.date(first)}" if first == last else f"{self.part(first, last)} to {self.date(last)}"

    def onwards(self, first: dt.date) -> str:
        return f"from {self.date(first)} on"

    def step(self, place: int, dated: bool) -> str:
        return f"Step {place}" if dated or place == 1 else f"Step {place}: then"

    def short_day(self, day: dt.date) -> str:
        return f"{list(DAYS.values())[day.weekday()][1][:3]} {day.day} {MONTHS[day.month - 1][1]}"

    def initial(self, day: str) -> str:
        return DAYS[day][1][:3]

    def pause(self, again: dt.date) -> str:
        return f"then a break, again on {self.date(again)}"


SPEECHES: dict[str, French] = {"fr": French(), "en": English()}
