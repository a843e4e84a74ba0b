"""What the grammar can read in a line, one small value for each thing said."""

from __future__ import annotations

from typing import NamedTuple

from prescriptions.engine.grammar.amounts import Amount


class Span(NamedTuple):
    """Tokens [first, last)."""

    first: int
    last: int


class Dose(NamedTuple):
    amount: Amount


class Slots(NamedTuple):
    """One amount for each moment: `1-0-1`, `Matin : 2 - Soir : 1`."""

    parts: tuple[tuple[str, Amount], ...]


class Taper(NamedTuple):
    """Amounts that follow each other, each for the same time: `4-3-2-1 par paliers de 3 jours`."""

    amounts: tuple[Amount, ...]
    length: tuple[float, str]


class Frequency(NamedTuple):
    """`times` to `most` times in `period` to `longest` units; `said` unless the text only says `par jour`."""

    times: float
    most: float
    period: float
    unit: str
    longest: float | None = None
    said: bool = True
    bare: bool = False
    """The period, or what is counted, is understood."""
    counts_units: bool = False
    """`3/j`: three units a day, whatever the unit is."""


class Takes(NamedTuple):
    """`en 3 prises`: the dose that was said is shared among so many."""

    number: float


class When(NamedTuple):
    codes: tuple[str, ...]


class Meal(NamedTuple):
    """Relation to meals (AC, C, PC), their suffixes (M, D, V; none for all), minutes apart, times a day.

    `besides`: the moments said with them are moments more.
    """

    relation: str
    meals: tuple[str, ...] = ()
    offset: int | None = None
    times: float | None = None
    besides: bool = False


class Clock(NamedTuple):
    times: tuple[str, ...]


class Days(NamedTuple):
    days: tuple[str, ...]


class OtherDays(NamedTuple):
    """The days of the week that were not named before."""


class Bounds(NamedTuple):
    """`daily`: of each of these days, where no rhythm is written."""

    low: float | None
    high: float | None
    unit: str
    daily: bool = False


class Once(NamedTuple):
    """A single dose; `take`: all of it at one time, which says nothing of how often where a rhythm is written."""

    number: int = 1
    take: bool = False


class Reason(NamedTuple):
    """As needed, and for what: the tokens of the reason."""

    span: Span | None = None


class Limit(NamedTuple):
    """No more than this in a period; without a period, at a time."""

    amount: Amount
    period: float | None = None
    unit: str = "d"
    times: bool = False


class Gap(NamedTuple):
    """The least time between two doses."""

    value: float
    unit: str


class Rate(NamedTuple):
    value: float
    unit: str
    per: float
    per_unit: str


class Wear(NamedTuple):
    """How long each administration lasts."""

    value: float
    unit: str


class Cycle(NamedTuple):
    on: float
    on_unit: str
    every: float
    every_unit: str


class CycleDays(NamedTuple):
    days: tuple[int, ...]


class Place(NamedTuple):
    site: str | None
    route: str | None


class Method(NamedTuple):
    route: str | None
    method: str


class Then(NamedTuple):
    pass


class Stop(NamedTuple):
    pass


class FirstDay(NamedTuple):
    pass


class NthDay(NamedTuple):
    """The days of a treatment from `first` to `last`: `le 2e jour`, `du 2e au 5e jour`."""

    first: int
    last: int


class Alternate(NamedTuple):
    """Doses that take turns from one day to the next."""


class Supply(NamedTuple):
    """QSP: enough for this long."""

    value: float
    unit: str


class Pack(NamedTuple):
    value: float
    unit: str


class Renewal(NamedTuple):
    allowed: bool
    repeats: int | None = None
    length: tuple[float, str] | None = None


class Substitution(NamedTuple):
    reason: str | None = None


class Ald(NamedTuple):
    pass


class Remark(NamedTuple):
    """Said in words that have no code: kept as they are."""


class Strength(NamedTuple):
    value: float
    unit: str | None
    per: tuple[float, str] | None = None


class Fact(NamedTuple):
    """A value read from tokens [first, last), how sure the reading is, and why it is not surer."""

    value: NamedTuple
    first: int
    last: int
    sure: float = 1.0
    why: str = ""
