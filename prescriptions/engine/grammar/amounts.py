"""Numbers, ranges and amounts: `1/2`, `un et demi`, `2 à 3`, `1 cp 1/2`, `500 mg`, `1 dose de 12 kg`."""

from __future__ import annotations

from typing import Any, NamedTuple

from prescriptions.engine.grammar.parsing import (
    Match,
    Parser,
    digits,
    either,
    entry,
    maybe,
    not_before,
    remembered,
    sequence,
    words,
)
from prescriptions.engine.grammar.starts import END, Start
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import numbers


class Range(NamedTuple):
    """A number, or the two ends between which one chooses."""

    low: float
    high: float


class Amount(NamedTuple):
    """How much of what; `weight` is the kilogram mark of a dose syringe."""

    low: float
    high: float
    unit: str | None
    weight: float | None = None


def _spelled(tokens: Tokens, at: int) -> Match | None:
    taken: list[str] = []
    best: Match | None = None
    place = at
    while place < len(tokens.list) and len(taken) < 7:
        text = tokens.list[place].text
        if text == "-" and taken and tokens.glued(place):
            place += 1
            continue
        if text not in numbers.WORDS and text != "et":
            break
        taken.append(text)
        place += 1
        if (value := numbers.spelled(taken)) is not None:
            best = Match(float(value), place)
    return best


SPELLED = remembered(Parser(_spelled, Start(dict.fromkeys(numbers.WORDS, frozenset({*numbers.WORDS, "-", "et", END})))))
HOURS = words("h", "heure", "heures", "min", "minutes", "mn")
INTEGER = digits(lambda value: value == int(value) and value < 1000)
SMALL = digits(lambda value: value == int(value) and 1 <= value <= 9)

SHARE = either(
    sequence(SMALL, words("/"), digits(lambda value: value in (2, 3, 4, 5, 6, 8))).to(
        lambda parts: round(parts[0] / parts[2], 6) if parts[0] < parts[2] else None
    ),
    sequence(maybe(either(SMALL, SPELLED), 1.0), maybe(words("-")), entry("share")).to(
        lambda parts: round(parts[0] * parts[2], 6)
    ),
    sequence(words("la", "le"), entry("share")).to(lambda parts: round(parts[1], 6)),
)
"""Less than one: `1/2`, `un quart`, `trois quarts`, `la moitié`."""

AND_SHARE = sequence(
    maybe(words("et", "+", "et un", "et une")),
    SHARE,
    not_before(either(HOURS, words("-", "+"), sequence(words("/"), digits()))),
).to(lambda parts: parts[1])
AND_SHARE_AFTER = sequence(AND_SHARE, not_before(either(entry("taken"), entry("measured"), words("de")))).to(
    lambda parts: parts[0]
)
"""After the unit: `1 cp et demi`, but not the second dose of `1/2 cp et 3/4 cp`."""

SAID_TWICE = either(
    sequence(digits(), words("("), SPELLED, words(")")).to(lambda p: p[0] if p[0] == p[2] else None),
    sequence(SPELLED, words("("), digits(), words(")")).to(lambda p: p[0] if p[0] == p[2] else None),
)
"""`1 (un)`, `sept (7)`: the same number in figures and in words."""
SAID_AGAIN = sequence(words("("), SPELLED, words(")")).to(lambda parts: parts[1])
"""After what is counted: `14 jours (quatorze)`."""
WHOLE = either(SAID_TWICE, digits(), SPELLED)
NUMBER = remembered(
    either(SHARE, sequence(WHOLE, AND_SHARE).to(lambda p: p[0] + p[1] if p[0] == int(p[0]) else None), WHOLE)
)

TO = words("a", "ou", "-", "/ -")
RANGE = remembered(
    either(
        sequence(NUMBER, TO, NUMBER).to(lambda p: Range(p[0], p[2]) if p[0] < p[2] else None),
        sequence(words("entre"), NUMBER, words("et"), NUMBER).to(lambda p: Range(p[1], p[3]) if p[1] < p[3] else None),
        sequence(words("de"), NUMBER, words("a"), NUMBER).to(lambda p: Range(p[1], p[3]) if p[1] < p[3] else None),
        NUMBER.to(lambda value: Range(value, value)),
    )
)

OF = maybe(words("de", "d '", "du"))
PER_KILO = sequence(words("/", "par"), words("kg", "kilo", "kilos")).gives(True)
PER_AREA = sequence(words("/", "par"), words("m"), digits(lambda value: value == 2)).gives(True)
MEASURE = sequence(entry("measured"), maybe(either(PER_KILO.gives("/kg"), PER_AREA.gives("/m²")), "")).to(
    lambda parts: parts[0] + parts[1]
)
WEIGHT = sequence(
    either(words("dose", "doses", "dose -", "doses -"), words("graduation")),
    maybe(words("-", "/", "par")),
    either(
        words("kg", "kilo", "poids").gives(0.0),
        sequence(
            maybe(
                words(
                    "de", "pour", "correspondant a la graduation de", "correspondant a la graduation",
                    "a la graduation",
                    "graduation", "jusqu ' a la graduation", "pour un poids de",
                )
            ),
            digits(),
            words("kg", "kilos"),
        ).to(lambda parts: parts[1]),
    ),
).to(lambda parts: ("dose", parts[2] or None))  # fmt: skip
DRAWN_UP = ("pipette", "mesurette", "seringue", "cuillère-mesure", "dose")
GRADUATED = sequence(
    entry("taken"), maybe(words("de", "pour", "graduee a", "a la graduation", "graduation")), digits(),
    words("kg", "kilos", "kilo"),
).to(lambda p: (p[0], p[2]) if p[0] in DRAWN_UP else None)  # fmt: skip
"""`1 pipette de 10 kg`: what is drawn up to the mark of a weight."""
UNIT = remembered(
    either(
        WEIGHT,
        GRADUATED,
        sequence(entry("taken"), PER_KILO).to(lambda parts: (f"{parts[0]}/kg", None)),
        sequence(entry("taken"), not_before(words("/ kg"))).to(lambda parts: (parts[0], None)),
        MEASURE.to(lambda unit: (unit, None)),
    )
)
"""(unit, weight on a dose syringe)"""


def _amount(parts: tuple[Any, ...]) -> Amount:
    count, _, (unit, weight), more = parts
    return Amount(round(count.low + more, 6), round(count.high + more, 6), unit, weight)


AMOUNT = remembered(
    either(
        sequence(RANGE, OF, UNIT, maybe(AND_SHARE_AFTER, 0.0)).to(_amount),
        sequence(SHARE, words("d ' un", "d ' une", "de", "-"), UNIT).to(lambda p: Amount(p[0], p[0], p[2][0], p[2][1])),
    )
)
"""A number with its unit."""

BARE = RANGE.to(lambda count: Amount(count.low, count.high, None))
PACKED = sequence(RANGE, maybe(words("petit", "petite", "grande", "grand")), entry("pack")).to(
    lambda parts: Amount(parts[0].low, parts[0].high, parts[2])
)
