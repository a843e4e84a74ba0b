"""What a plan de prise is made of: every word of it is here, whoever draws it adds none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from prescriptions.engine.schema import Medication


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to plan. `checked`: a person has validated it; what isn't is marked."""

    number: int
    medication: Medication
    checked: bool = True
    unshared: frozenset[int] = frozenset()
    """Places of the dosages whose dose is for the whole day, however it is shared."""


@dataclass(frozen=True, slots=True)
class Column:
    """A part of the day."""

    key: str
    label: str
    picture: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One dose at one part of the day: `1/2`, `comprimé`; `details` are the hour and the meal."""

    number: str
    unit: str
    picture: str
    details: tuple[str, ...] = ()
    meal: str = ""
    """`before`, `with`, `after`, or nothing."""


@dataclass(frozen=True, slots=True)
class Box:
    """A day to tick, or a day of the week; `on`: that day is meant."""

    label: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A step of a medicine. `across` stands over all parts of the day where the text names none of them."""

    step: str
    cells: dict[str, tuple[Cell, ...]]
    across: str
    across_picture: str
    days: str
    week: tuple[Box, ...]
    length: str
    dates: str
    boxes: tuple[Box, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A medicine with its steps."""

    number: int
    name: str
    strength: str
    form: str
    rows: tuple[Row, ...]
    to_check: bool


@dataclass(frozen=True, slots=True)
class Need:
    """A medicine that is taken only if needed."""

    number: int
    name: str
    strength: str
    form: str
    reason: str
    dose: str
    picture: str
    rhythm: str
    limits: tuple[str, ...]
    length: str
    remarks: tuple[str, ...]
    to_check: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole sheet. `words` are its headings, by key."""

    language: str
    start: dt.date | None
    columns: tuple[Column, ...]
    regular: tuple[Section, ...]
    changing: tuple[Section, ...]
    certain_days: tuple[Section, ...]
    needs: tuple[Need, ...]
    stopped: tuple[str, ...]
    reviewed: bool
    words: dict[str, str]

    @property
    def is_empty(self) -> bool:
        return not (self.regular or self.changing or self.certain_days or self.needs or self.stopped)

    @property
    def to_check(self) -> bool:
        """Something on the sheet has not been checked by a person."""
        sections = (*self.regular, *self.changing, *self.certain_days)
        marked = [one.to_check for one in sections] + [one.to_check for one in self.needs]
        return not self.reviewed or any(marked)
