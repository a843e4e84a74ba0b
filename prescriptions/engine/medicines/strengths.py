"""Strengths of medicines: `1000 mg`, `1 g/125 mg`, `4000 UI/0,4 mL`, `0,05 %`, and bare numbers."""

from __future__ import annotations

from prescriptions.engine.grammar.amounts import MEASURE, SPELLED
from prescriptions.engine.grammar.parsing import (
    digits,
    either,
    entry,
    maybe,
    not_before,
    remembered,
    sequence,
    several,
    words,
)
from prescriptions.engine.schema import Quantity, Strength
from prescriptions.engine.words.units import STRENGTHS

VOLUME = either(entry("measured"), entry("time"), words("dose", "bouffee", "cp"))

SIZE = either(
    sequence(digits(), maybe(MEASURE), maybe(words("anti - xa", "axa", "anti xa"))),
    sequence(SPELLED, MEASURE, maybe(words("anti - xa"))),
)

PER = sequence(words("/", "par"), maybe(digits()), VOLUME).to(
    lambda p: Quantity(value=p[1] or 1.0, unit=p[2]) if p[2] not in ("d", "wk", "mo", "min") else None
)

STRENGTH = remembered(sequence(
    several(SIZE.to(lambda p: (p[0], p[1])), words("/", "+")), maybe(sequence(words("("), SIZE, words(")"))), maybe(PER)
).to(lambda p: _strengths(p[0], p[2])))  # fmt: skip


def _strengths(sizes: list[tuple[float, str | None]], per: Quantity | None) -> list[Strength] | None:
    unit = sizes[-1][1]
    if len(sizes) > 3:
        return None
    if len(sizes) == 2 and unit in ("mL", "µL") and sizes[0][1] not in (None, "mL"):
        return [Strength(sizes[0][0], sizes[0][1], Quantity(value=sizes[1][0], unit=unit))]
    if unit is None or unit.split("/")[0] not in STRENGTHS or (unit == "mL" and per is None) or "/" in unit:
        return None
    return [
        Strength(value, own or unit, per if place == len(sizes) - 1 else None)
        for place, (value, own) in enumerate(sizes)
    ]


RELEASED = sequence(
    digits(), MEASURE, words("/", "par"), digits(lambda value: 1 < value <= 168), words("h", "heures")
).to(lambda p: [Strength(p[0], p[1], Quantity(value=p[3], unit="h"))])
"""`15 mg/16 h`: what something worn gives off."""
BARE = sequence(several(digits(), words("/"))).to(
    lambda p: [Strength(value) for value in p[0]] if len(p[0]) <= 3 else None
)

TAKEN = sequence(not_before(words("de")), entry("taken"))
