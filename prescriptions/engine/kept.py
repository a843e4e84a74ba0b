"""Nothing is lost in silence: a number that is in no value, or a word that takes the order back, is a doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

from prescriptions.engine.grammar.amounts import NUMBER
from prescriptions.engine.grammar.parsing import Match
from prescriptions.engine.schema import Dosage, Evidence, Medication
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words.numbers import FRACTIONS

NUMBER_HEADS = NUMBER.heads or frozenset[str]()
OF_THE_NAME = frozenset({"medicine", "strength", "form", "route"})
WHOLE_DAY = 24.0
MEALS = frozenset({"AC", "C", "PC"})
SHARES = frozenset({round(share, 6) for share in FRACTIONS.values()} | {0.666667, 0.75})

TAKEN_BACK = frozenset({
    "arrete", "arretee", "stoppe", "stoppee", "suspendu", "suspendue", "interrompu", "interrompue", "indique",
    "indiquee", "lieu", "allergie", "recommencer", "contreindique",
})  # fmt: skip
"""`arrêté`, `contre-indiqué`, `au lieu de`, `recommencer le cycle`: what stands beside may be another order."""


def doubt_lost_numbers(medication: Medication, proofs: list[Evidence], tokens: Tokens) -> list[Evidence]:
    """The same evidence; less sure where a number of its words stands in no value of the medication."""
    if NUMBER_HEADS.isdisjoint(tokens.heads):
        return proofs
    kept = _kept(medication)
    begins = [tokens.reading.places[token.start] for token in tokens.list]
    starts = dict(zip(begins, range(len(begins)), strict=True))
    return [
        replace(proof, confidence=min(proof.confidence, 0.6), why="a number was not kept")
        if proof.kind not in OF_THE_NAME and proof.path != "detail" and not _keeps(proof, tokens, begins, starts, kept)
        else proof
        for proof in proofs
    ]


def doubt_what_is_taken_back(proofs: list[Evidence], tokens: Tokens, first: int, stop: int) -> list[Evidence]:
    """The same evidence of tokens [first, stop); less sure where a word among them may take it back."""
    if not any(token.text in TAKEN_BACK for token in tokens.list[first:stop]):
        return proofs
    return [
        replace(proof, confidence=min(proof.confidence, 0.6), why="a word may take it back")
        if proof.kind in ("medicine", "dose", "frequency")
        else proof
        for proof in proofs
    ]


def _keeps(proof: Evidence, tokens: Tokens, begins: list[int], starts: dict[int, int], kept: set[float]) -> bool:
    at = starts.get(proof.start, len(begins))
    while at < len(begins) and begins[at] < proof.end:
        number = NUMBER(tokens, at) if tokens.heads[at] in NUMBER_HEADS else None
        if number is None or _squared(tokens, at):
            at += 1
            continue
        if tokens.span(at, number.end)[1] > proof.end:
            number = Match(tokens.list[at].value or 0.0, at + 1)  # « 1 jour sur 2 et 1/4 cp »
        parts = {token.value for token in tokens.list[at : number.end] if token.value is not None}
        if not (
            _is_kept(number.value, kept)
            or (parts and all(_is_kept(part, kept) for part in parts))
            or (proof.kind == "dose" and any(round(number.value + share, 6) in kept for share in SHARES))
            or (number.value in SHARES and any(round(one % 1, 6) == number.value for one in kept))  # « un cp et demi »
        ):
            return False
        at = number.end
    return True


def _squared(tokens: Tokens, at: int) -> bool:
    """The 2 of `mg/m²`."""
    return (
        at > 1 and tokens.list[at].text == "2" and tokens.list[at - 1].text == "m" and tokens.list[at - 2].text == "/"
    )


def _is_kept(value: float, kept: set[float]) -> bool:
    return value in (0.0, 1.0) or round(value, 6) in kept


def _kept(medication: Medication) -> set[float]:
    """Every number of the values, the strengths aside, and what they amount to."""
    found: set[float] = set()
    _add_numbers((*medication.dosage, medication.dispense), found)
    found.update(round(value, 6) for ends in medication.daily_dose.values() for value in ends)
    for one in medication.dosage:
        found.update(_amounts_to(one))
    found.update(_days_of_steps(medication))
    return found


def _days_of_steps(medication: Medication) -> Iterator[float]:
    """The first and last day of each step: `2 cp J1 puis 1 cp de J2 à J5`."""
    last = 0.0
    for one in medication.dosage:
        bounds = one.timing.bounds if one.timing else None
        if bounds is None or bounds.value is None or bounds.unit != "d":
            return
        yield from (last + 1, last + bounds.value)
        last += bounds.value


def _amounts_to(one: Dosage) -> Iterator[float]:
    """The dose of all takes (`6 cp/j en 3 prises`), times of a limit or of hours, meals besides bedtime, two takes."""
    timing, dose, most = one.timing, one.dose, one.max_dose_per_period
    sizes = [size for size in (dose.value, dose.low, dose.high) if size] if dose else []
    if timing is not None:
        times = [count for count in (timing.frequency, timing.frequency_max, len(timing.when)) if count]
        yield from (round(size * count, 6) for size in sizes for count in times)
        yield float(len(timing.time_of_day))
        if timing.duration:
            yield WHOLE_DAY
        if timing.time_of_day:
            yield WHOLE_DAY / len(timing.time_of_day)
        if MEALS & set(timing.when) and timing.frequency:
            yield timing.frequency - len(timing.when) + 1
        if timing.period_unit == "d":
            yield WHOLE_DAY * (timing.period or 1)
    if one.min_interval is not None:
        yield 2.0
    if most is not None:
        yield from (round(most.value / size, 6) for size in sizes)
        yield WHOLE_DAY


def _add_numbers(value: Any, found: set[float]) -> None:
    """Every number inside a value, those in its words too."""
    kind = value.__class__
    if kind is str:
        found.update(_in_words(value))
    elif kind is float or kind is int:
        found.add(round(float(value), 6))
    elif kind is not bool:
        for inner in value if kind is tuple else _values(kind)(value):
            if inner is not None:
                _add_numbers(inner, found)


NUMERAL = re.compile(r"\d+(?:[.,]\d+)?")


@lru_cache(maxsize=4096)
def _in_words(text: str) -> frozenset[float]:
    return frozenset(round(float(digits.replace(",", ".")), 6) for digits in NUMERAL.findall(text))


@lru_cache(maxsize=32)
def _values(cls: Any) -> Callable[[Any], tuple[Any, ...]]:
    """The values of all fields that say something, in one go."""
    return attrgetter(*(one.name for one in fields(cls) if one.name != "sequence"))
