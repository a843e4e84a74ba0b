"""What the reading of an ordonnance gives: plain values, and for each the place and the certainty of its reading."""

from __future__ import annotations

from dataclasses import dataclass, field

Daily = dict[str, tuple[float, float]]
"""`"sequence|unit"` -> least and most on a day of treatment."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount (`value`) or a range (`low`, `high`) of a unit; `weight_kg` is the mark of a dose syringe."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    weight_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Strength:
    """Quantity of active substance, in one unit of the product or `per` something (0.4 mL, 1 h)."""

    value: float
    unit: str | None = None
    per: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    on: float
    on_unit: str
    every: float
    every_unit: str


@dataclass(frozen=True, slots=True)
class Timing:
    """When and how often, in the terms of FHIR R4 Timing.repeat; `offset` is in minutes."""

    frequency: float | None = None
    frequency_max: float | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str | None = None
    when: tuple[str, ...] = ()
    offset: int | None = None
    time_of_day: tuple[str, ...] = ()
    day_of_week: tuple[str, ...] = ()
    bounds: Quantity | None = None
    count: int | None = None
    duration: float | None = None
    duration_unit: str | None = None
    cycle: Cycle | None = None
    cycle_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """No more than `value` units in a period."""

    value: float
    unit: str | None
    period: float
    period_unit: str


@dataclass(frozen=True, slots=True)
class Rate:
    value: float
    unit: str
    per: float
    per_unit: str


@dataclass(frozen=True, slots=True)
class Dosage:
    """One step of a posology. Equal `sequence`: at the same time; the next one starts where this ends."""

    sequence: int = 1
    dose: Quantity | None = None
    rate: Rate | None = None
    timing: Timing | None = None
    as_needed: bool = False
    as_needed_for: str | None = None
    max_dose_per_period: Limit | None = None
    max_dose_per_administration: Quantity | None = None
    min_interval: Quantity | None = None
    route: str | None = None
    method: str | None = None
    site: str | None = None
    additional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispense:
    qsp: Quantity | None = None
    quantity: Quantity | None = None
    repeats: int | None = None
    renewable: bool | None = None
    renew_for: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Substitution:
    allowed: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Medication:
    """One line of an ordonnance in the shape of the published cases."""

    name: str | None = None
    strength: tuple[Strength, ...] = ()
    form: str | None = None
    atc: str | None = None
    dosage: tuple[Dosage, ...] = ()
    dispense: Dispense | None = None
    substitution: Substitution | None = None
    ald: bool = False
    daily_dose: Daily = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value stands in the original text, how sure its reading is (0 to 1), and why it is not surer.

    `path` names the value (`name`, `dosage.0.dose`); `kind` groups what is shown alike (medicine, dose, frequency…).
    """

    path: str
    kind: str
    start: int
    end: int
    text: str
    confidence: float = 1.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A medicine with its posology, the part of the text it was read from, and the evidence for each value."""

    start: int
    end: int
    text: str
    medication: Medication
    evidence: tuple[Evidence, ...] = ()

    @property
    def confidence(self) -> float:
        """That of the weakest reading."""
        return min((item.confidence for item in self.evidence), default=0.0)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the text that is no medicine: `kind` is header, patient, date, section, stopped, other or unread."""

    kind: str
    start: int
    end: int
    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What holds for the whole document: dates in ISO form; RPPS (11 figures) and FINESS (9) as they are printed."""

    date: str | None = None
    patient_weight_kg: float | None = None
    dispense: Dispense | None = None
    patient_birth_date: str | None = None
    prescriber: str | None = None
    prescriber_rpps: str | None = None
    finess: str | None = None


@dataclass(frozen=True, slots=True)
class Ordonnance:
    """A whole text: its lines, and everything else that stands in it. No character is in neither."""

    document: Head
    lines: tuple[Line, ...]
    passages: tuple[Passage, ...]
