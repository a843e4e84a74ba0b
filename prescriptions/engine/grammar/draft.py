"""A dosage while its facts are being gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.amounts import Amount


class Proof(NamedTuple):
    """A field of the dosage and the tokens that it was read from."""

    name: str
    fact: f.Fact


@dataclass(slots=True)
class Draft:
    """What was said of one dose: see the facts of the same names."""

    sequence: int = 1
    amount: Amount | None = None
    frequency: f.Frequency | None = None
    takes: f.Takes | None = None
    moments: list[str] = field(default_factory=list)
    meals: list[f.Meal] = field(default_factory=list)
    clocks: list[str] = field(default_factory=list)
    days: tuple[str, ...] = ()
    bounds: f.Bounds | None = None
    count: int | None = None
    one_take: bool = False
    needed: bool = False
    reason: str | None = None
    limits: list[f.Limit] = field(default_factory=list)
    gap: f.Gap | None = None
    rate: f.Rate | None = None
    wear: f.Wear | None = None
    cycle: f.Cycle | None = None
    cycle_days: tuple[int, ...] = ()
    route: str | None = None
    site: str | None = None
    method: str | None = None
    first_day: bool = False
    nth_day: f.NthDay | None = None
    alternate: bool = False
    alone: bool = False
    remarks: list[str] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)

    def prove(self, name: str, fact: f.Fact) -> None:
        self.proofs.append(Proof(name, fact))

    @property
    def timed(self) -> bool:
        """Something says when or how often."""
        return bool(
            self.frequency or self.moments or self.meals or self.clocks or self.days or self.count or self.cycle
            or self.cycle_days or self.first_day or self.nth_day or self.alternate
        )  # fmt: skip

    @property
    def placed(self) -> bool:
        """Something says at which moment."""
        return bool(self.moments or self.meals or self.clocks or self.days or self.cycle_days)

    @property
    def empty(self) -> bool:
        return not (
            self.amount or self.timed or self.bounds or self.needed or self.limits or self.gap or self.rate or self.wear
            or self.route or self.method or self.remarks
        )  # fmt: skip

    @property
    def hollow(self) -> bool:
        """Only accompanies another dose: neither an amount nor a rhythm of its own."""
        return not (self.amount or self.timed or self.rate)


FIELD_OF: dict[type, str] = {
    f.Dose: "dose", f.Frequency: "timing", f.Takes: "timing", f.When: "timing", f.Meal: "timing", f.Clock: "timing",
    f.Days: "timing", f.Cycle: "timing", f.CycleDays: "timing", f.Once: "timing", f.FirstDay: "timing",
    f.NthDay: "timing",
    f.Alternate: "timing", f.Wear: "timing", f.Bounds: "bounds", f.Reason: "asNeeded", f.Limit: "maxDosePerPeriod",
    f.Gap: "minInterval", f.Rate: "rate", f.Place: "route", f.Method: "route", f.Slots: "timing", f.Taper: "dose",
    f.Remark: "additional", f.Stop: "additional",
}  # fmt: skip
"""The field of a dosage that a fact fills."""

KIND_OF = {
    "name": "medicine", "atc": "medicine", "strength": "strength", "form": "form", "dose": "dose", "rate": "dose",
    "timing": "frequency", "bounds": "duration", "asNeeded": "need", "maxDosePerPeriod": "limit",
    "maxDosePerAdministration": "limit", "minInterval": "limit", "route": "route", "dispense": "supply",
    "substitution": "supply", "ald": "supply", "additional": "remark",
}  # fmt: skip
"""How a field is shown."""


def put(draft: Draft, value: Any, tokens_text: str | None = None) -> None:
    """Fill the draft with a fact that needs no decision."""
    match value:
        case f.Dose(amount):
            draft.amount = amount
        case f.Frequency():
            draft.frequency = _join(draft.frequency, value)
        case f.Takes():
            draft.takes = value
        case f.When(codes):
            draft.moments.extend(code for code in codes if code not in draft.moments)
        case f.Meal():
            draft.meals.append(value)
        case f.Clock(times):
            draft.clocks.extend(time for time in times if time not in draft.clocks)
        case f.Days(days):
            draft.days = tuple(dict.fromkeys(draft.days + days))
        case f.Bounds():
            draft.bounds = draft.bounds or value
        case f.Once(number, take):
            draft.count, draft.one_take = number, take
        case f.NthDay():
            draft.nth_day = value
        case f.Reason():
            draft.needed = True
            draft.reason = draft.reason or tokens_text
        case f.Limit():
            draft.limits.append(value)
        case f.Gap():
            draft.gap = value
        case f.Rate():
            draft.rate = value
        case f.Wear():
            draft.wear = value
        case f.Cycle():
            draft.cycle = value
        case f.CycleDays(days):
            draft.cycle_days = tuple(sorted({*draft.cycle_days, *days}))
        case f.Place(site, route):
            draft.site = site or draft.site
            draft.route = draft.route if site and draft.route else route or draft.route
        case f.Method(route, method):
            draft.route, draft.method = route or draft.route, method
        case f.FirstDay():
            draft.first_day = True
        case f.Alternate():
            draft.alternate = True


def _join(before: f.Frequency | None, now: f.Frequency) -> f.Frequency:
    """`1 fois par jour … tous les jours`: what says more is kept."""
    if before is None:
        return now
    if before.said and not now.said:
        return before
    if now.said and not before.said:
        return now
    return before if before.unit != now.unit and before.unit == "d" and now.period == 1 else now
