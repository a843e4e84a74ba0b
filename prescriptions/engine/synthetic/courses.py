"""Courses of several doses or steps: what the table's longer codes draw (tapers, insulin schemes, loading doses)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from prescriptions.engine.schema import Dosage, Quantity, Timing

Course = tuple[Dosage, ...]
Drawn = Callable[[str, Quantity, random.Random], Course]


def times(dose: Quantity, factor: float) -> Quantity:
    """The dose that many times over."""
    return replace(dose, value=round((dose.value or 0.0) * factor, 6))


def days(text: str) -> Quantity:
    """`5d`, `2wk` as a length."""
    unit = text.lstrip("0123456789")
    return Quantity(value=float(text.removesuffix(unit)), unit=unit)


def taper(told: str, dose: Quantity, chance: random.Random) -> Course:
    """`3>2>1:5d`: so many times the dose, each for so long."""
    factors, length = told.split(":")
    daily = chance.choice((Timing(when=("MORN",)), Timing(frequency=1.0, period=1.0, period_unit="d")))
    return tuple(
        Dosage(sequence=step, dose=times(dose, float(factor)), timing=replace(daily, bounds=days(length)))
        for step, factor in enumerate(factors.split(">"), 1)
    )


def titrate(told: str, dose: Quantity, chance: random.Random) -> Course:
    """Half of it for one or two weeks, then the whole."""
    weeks = Quantity(value=float(chance.choice((1, 2))), unit="wk")
    daily = chance.choice((Timing(when=("MORN",)), Timing(frequency=1.0, period=1.0, period_unit="d")))
    return (
        Dosage(sequence=1, dose=times(dose, 0.5), timing=replace(daily, bounds=weeks)),
        Dosage(sequence=2, dose=dose, timing=daily),
    )


def loading(told: str, dose: Quantity, chance: random.Random) -> Course:
    """`2:chaque selle liquide`: twice at first, then once each time it happens."""
    factor, reason = told.split(":")
    return (
        Dosage(sequence=1, dose=times(dose, float(factor)), timing=Timing(count=1)),
        Dosage(sequence=2, dose=dose, as_needed=True, as_needed_for=reason.removeprefix("chaque ")),
    )


def azithro(told: str, dose: Quantity, chance: random.Random) -> Course:
    """Twice on the first day, then once a day for four days."""
    daily = Timing(frequency=1.0, period=1.0, period_unit="d")
    return (
        Dosage(sequence=1, dose=times(dose, 2), timing=replace(daily, bounds=days("1d"))),
        Dosage(sequence=2, dose=dose, timing=replace(daily, bounds=days("4d"))),
    )


def dermo(told: str, dose: Quantity, chance: random.Random) -> Course:
    """Every evening for a week, then every other evening."""
    first, then = chance.choice((("7d", "15d"), ("10d", "14d"), ("5d", "10d")))
    return (
        Dosage(sequence=1, dose=dose, timing=Timing(when=("EVE",), bounds=days(first))),
        Dosage(
            sequence=2, dose=dose,
            timing=Timing(frequency=1.0, period=2.0, period_unit="d", when=("EVE",), bounds=days(then)),
        ),
    )  # fmt: skip


def drops(told: str, dose: Quantity, chance: random.Random) -> Course:
    """Four times a day, then three, then two, a week each."""
    return tuple(
        Dosage(
            sequence=step, dose=dose,
            timing=Timing(frequency=float(5 - step), period=1.0, period_unit="d", bounds=days("7d")),
        )
        for step in (1, 2, 3)
    )  # fmt: skip


def slots(told: str, dose: Quantity, chance: random.Random) -> Course:
    """Unlike doses morning and evening, perhaps at noon too."""
    shares = chance.choice(((2, 0, 1), (1, 0, 2), (1, 1, 2), (2, 1, 1)))
    return tuple(
        Dosage(dose=times(dose, factor), timing=Timing(when=(moment,)))
        for factor, moment in zip(shares, ("MORN", "NOON", "EVE"), strict=True)
        if factor
    )


def sleep(told: str, dose: Quantity, chance: random.Random) -> Course:
    """Half in the morning and at noon, the whole at bedtime."""
    return (
        Dosage(dose=times(dose, 0.5), timing=Timing(when=("MORN", "NOON"))),
        Dosage(dose=dose, timing=Timing(when=("HS",))),
    )


def insulin(told: str, dose: Quantity, chance: random.Random) -> Course:
    """`ac` before each meal, `2` morning and evening; units about the drawn dose."""
    moments = {"ac": ("ACM", "ACD", "ACV"), "2": ("MORN", "EVE")}[told]
    near = [float(max(2, round((dose.value or 0) + chance.choice((-2, 0, 0, 2, 4))))) for _ in moments]
    return tuple(
        Dosage(dose=replace(dose, value=amount), timing=Timing(when=(moment,)))
        for amount, moment in zip(near, moments, strict=True)
    )


COURSES: dict[str, Drawn] = {
    "taper": taper, "titrate": titrate, "loading": loading, "azithro": azithro, "dermo": dermo, "drops": drops,
    "slots": slots, "sleep": sleep, "insulin": insulin,
}  # fmt: skip


def course(code: str, dose: Quantity, chance: random.Random) -> Course | None:
    """What `taper:3>2>1:5d` and its like draw; None where the code is a plain rhythm."""
    name, _, told = code.partition(":")
    drawn = COURSES.get(name)
    return drawn(told, dose, chance) if drawn and dose.value is not None else None
