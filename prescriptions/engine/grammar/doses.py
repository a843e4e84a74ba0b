"""Doses without the usual words: `1-0-1`, `Matin : 2`, a number before its moment, an act that is one dose."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.grammar import dispensing, starts, timing
from prescriptions.engine.grammar.amounts import AMOUNT, BARE, MEASURE, NUMBER, PACKED, RANGE, UNIT, Amount
from prescriptions.engine.grammar.facts import (
    Dose,
    Once,
    Remark,
    Slots,
    Strength,
)
from prescriptions.engine.grammar.parsing import (
    BOUNDARY,
    Match,
    Parser,
    before,
    check,
    digits,
    either,
    entry,
    maybe,
    not_after,
    not_before,
    remembered,
    sequence,
    several,
    words,
)
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words.units import MASSES

SLOT_MOMENTS = {
    3: ("MORN", "NOON", "EVE"),
    4: ("MORN", "NOON", "EVE", "HS"),
    5: ("MORN", "NOON", "AFT", "EVE", "HS"),
}


def _slots(parts: tuple[Any, ...]) -> Slots | None:
    _, unit_before, counts, unit_after, *legend = parts
    unit = unit_after or unit_before
    moments = legend[0] if legend and legend[0] else SLOT_MOMENTS.get(len(counts))
    if moments is not None and len(moments) != len(counts):
        return None
    most = 10_000 if unit and unit[0] in MASSES else 200
    if moments is None or any(count.high > most for count in counts) or not any(count.low for count in counts):
        return None
    name = unit[0] if unit else None
    return Slots(tuple((moment, count._replace(unit=name)) for moment, count in zip(moments, counts, strict=True)))


SLOT = sequence(digits(lambda value: value <= 200), not_before(words("er"))).to(lambda p: Amount(p[0], p[0], None))

WEIGHED = frozenset({"mg", "g", "µg"})
"""`100/25/200 mg` is the strength of three substances."""
SHARE_SLOT = NUMBER.to(lambda value: Amount(value, value, None))


def _alone(tokens: Tokens, at: int) -> bool:
    return not (at > 1 and tokens.texts[at - 1] in ("-", "/", "+") and tokens.heads[at - 2] == "#")


ALONE = check(_alone)
"""Four of the six numbers of `6-5-4-3-2-1` are no table of moments."""
TITLE = sequence(UNIT, maybe(words(":"))).to(lambda p: p[0])
DASH = words("-", "- -")
LEGEND = sequence(words("("), several(timing.ONE_MOMENT, maybe(timing.LINK), least=3), words(")")).to(lambda p: p[1])
"""`1-0-1 (matin-midi-soir)`: which moments the slots are."""


def _each_counted(parts: tuple[Any, ...]) -> Slots | None:
    """Every slot with its unit, the same one; a zero may do without."""
    units = {unit[0] for count, unit in parts[1] if unit}
    if len(units) != 1 or any(unit is None for count, unit in parts[1] if count.high):
        return None
    return _slots((None, None, [count for count, _ in parts[1]], (*units, None)))


SLOTS = remembered(either(
    sequence(ALONE, maybe(TITLE), several(SHARE_SLOT, DASH, least=3), maybe(UNIT), maybe(LEGEND)).to(_slots),
    sequence(ALONE, several(sequence(SHARE_SLOT, maybe(UNIT)), DASH, least=3)).to(_each_counted),
    sequence(ALONE, maybe(UNIT), several(SHARE_SLOT, words("+"), least=3), maybe(UNIT)).to(_slots),
    sequence(ALONE, maybe(UNIT), several(SLOT, words("/"), least=3), maybe(UNIT)).to(
        lambda p: None if p[3] and p[3][0] in WEIGHED else _slots(p)
    ),
    sequence(ALONE, several(SHARE_SLOT, words("|"), least=3)).to(lambda p: _slots((None, None, p[1], None))),
))  # fmt: skip


def _table(parts: list[tuple[str, Amount]]) -> Slots | None:
    if any(amount.high > 200 for _, amount in parts):
        return None
    unit = next((amount.unit for _, amount in reversed(parts) if amount.unit), None)
    return Slots(tuple((moment, amount._replace(unit=amount.unit or unit)) for moment, amount in parts))


MOMENT_LETTER = either(timing.ONE_MOMENT, sequence(timing.LETTER, before(words(":", "="))).to(lambda p: p[0]))

PAIRS = several(
    sequence(MOMENT_LETTER, maybe(words(":", "=")), either(AMOUNT, BARE), not_before(either(words("h", "heures"),
        entry("time")))).to(
        lambda p: (p[0], p[2])
    ),
    maybe(words("-", ",", ";", "/", "|", "et", ".")), least=2,
).to(_table)  # fmt: skip


A_DOSE = either(AMOUNT, BARE)


def _ends_a_dose(tokens: Tokens, at: int) -> bool:
    """A number ends here, or a number with its unit."""
    found = (A_DOSE(tokens, first) for first in range(max(0, at - 5), at))
    return any(match is not None and match.end == at for match in found)


def _moment_table(tokens: Tokens, at: int) -> Match | None:
    """Moments with their doses after them: not `1/4 matin 1/4 midi 1/2 soir`, where each dose stands before."""
    found = PAIRS(tokens, at)
    if found is None or (timing.ONE_MOMENT(tokens, found.end) and _ends_a_dose(tokens, at)):
        return None
    return found


MOMENT_TABLE = Parser(_moment_table, PAIRS.start, PAIRS.needs)

FOLLOWS = either(
    timing.WHEN, timing.CLOCK, timing.EATING, timing.EVERY, timing.DAYS_OF_WEEK, timing.ALTERNATE_MOMENT,
    timing.PHRASED,
    sequence(words("x", "fois"), RANGE, either(words("/"), words("fois", "par"))), sequence(words("-", ",", "/"),
        timing.ONE_MOMENT),
    timing.DINNER, timing.ONE_DAY_IN, dispensing.SITE,
    words("quotidien", "si besoin"), sequence(words("("), timing.ONE_MOMENT),
)  # fmt: skip

FOLLOWED = sequence(before(FOLLOWS), not_before(either(entry("time"), words("fois"))))

BARE_DOSE = sequence(
    not_after("x", "j", "/", "fois", "tous", "les", "toutes"),
    either(sequence(SHARE_SLOT, FOLLOWED).to(lambda p: p[0]), sequence(BARE, FOLLOWED).to(lambda p: p[0])),
).to(lambda p: Dose(p[1]) if p[1].high <= 300 and (p[1].low > 0 or p[1].high == 0) else None)
"""`1 le matin`, `2 à 8h`: a dose without its unit."""

SO_MANY_DOSES = either(
    sequence(digits(lambda v: 1 <= v <= 8), words("x", "fois", "*"), AMOUNT, timing.PER_PERIOD).to(
        lambda p: (Dose(p[2]), timing.so_often(p[0], p[3]))
    ),
    sequence(digits(lambda v: 1 <= v <= 8), words("x", "fois", "*", "prises de", "prises d '"), AMOUNT,
        not_before(timing.PER_PERIOD)).to(
        lambda p: (Dose(p[2]), timing.so_often(p[0], (1.0, None, "d"), bare=True))
    ),
    sequence(RANGE, words("prises de", "prises d '", "injections de", "administrations de"), AMOUNT,
        timing.PER_PERIOD).to(lambda p: (Dose(p[2]), timing.so_often(p[0].low, p[3]))),
)  # fmt: skip
"""`3 x 500 mg/j`: three times five hundred."""

FLASK = sequence(PACKED, before(either(timing.FREQUENCY, timing.WHEN, timing.CLOCK, timing.EATING))).to(
    lambda p: Dose(p[0]) if p[0].unit == "flacon" else None
)
"""`1 flacon par jour`: taken, and not handed over."""

SINGLE_UNIT = sequence(
    UNIT, not_before(words("de")), before(either(timing.FREQUENCY, timing.WHEN, timing.CLOCK, timing.EATING))
).to(lambda p: Dose(Amount(1, 1, p[0][0], p[0][1])) if p[0][0] not in ("mg", "g", "µg", "UI", "mL", "L", "%") else None)
"""`bain de bouche 3x/j`, `application le soir`: one each time."""

ROMAN = {
    "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "x": 10, "xii": 12, "xv": 15, "xx": 20, "xxv": 25,
    "xxx": 30, "xl": 40, "x x": 20, "x x x": 30, "x x v": 25,
}  # fmt: skip
"""Drops are counted in Roman figures; an x is also the sign of `3 x 2`, so that `xx` may come as two words."""

ROMAN_DROPS = sequence(
    not_after("x"), either(*(words(figure).gives(count) for figure, count in ROMAN.items())), UNIT
).to(lambda p: Dose(Amount(p[1], p[1], "goutte")) if p[2][0] == "goutte" else None)
"""`XV gouttes`."""

APPLY = sequence(
    words("appliquer", "a appliquer", "application", "faire une application", "mettre une application", "masser",
        "badigeonner", "etaler", "a etaler", "en application", "en applications", "tartiner", "frictionner"),
    maybe(words("une fois", "localement")), not_before(AMOUNT),
).to(lambda p: Dose(Amount(1, 1, "application")))  # fmt: skip


def _after_a_unit(tokens: Tokens, at: int) -> bool:
    """What stands before is counted: `1 cp de 500 mg`."""
    return any(
        "taken" in tokens.lexemes[n] and n + tokens.lexemes[n]["taken"].length == at for n in range(max(0, at - 4), at)
    )


STRENGTH_OF = sequence(
    check(_after_a_unit),
    either(
        sequence(words("de", "a", "dose a", "dosage", "dosee a", "doses a"), NUMBER, MEASURE),
        sequence(words("("), NUMBER, MEASURE, words(")")),
    ),
).to(lambda p: Strength(p[1][1], p[1][2]) if p[1][2] not in ("mL", "L") else None)


def _after_a_unit_and_route(tokens: Tokens, at: int) -> bool:
    routed = at and (route := tokens.lexemes[at - 1].get("route")) and route.length == 1
    return _after_a_unit(tokens, at - 1 if routed else at)


ONLY_ONE = sequence(check(_after_a_unit_and_route), words("unique")).gives(Once())
"""`1 injection unique`, `1 injection IM unique`."""

ONE_LETTER = sequence(
    check(_after_a_unit), timing.LONE_LETTER, before(BOUNDARY)
).to(lambda p: p[1])  # fmt: skip
"""`1/2 cp M.`: in the morning, likely."""

REMOVED = sequence(
    words("a retirer", "retirer", "a enlever", "enlever", "a oter", "oter", "retrait", "et retirer", "et enlever"),
    maybe(words("le patch", "l '", "le")),
    either(timing.WHEN, timing.CLOCK, timing.PHRASED, sequence(words("apres", "au bout de"), RANGE, entry("time"))),
).gives(Remark())  # fmt: skip
"""`à retirer au coucher`: no time to take anything."""

INTO = words("dans", "dilue dans", "diluee dans", "a diluer dans", "dilues dans", "diluer dans", "a dissoudre dans")
WORDS_OF_A_DILUENT = 5


def _diluent(tokens: Tokens, at: int) -> Match | None:
    """What is taken in so much of something else: the volume is no dose of the medicine."""
    opening = INTO(tokens, at)
    if opening is None:
        return None
    for place in range(opening.end, min(opening.end + WORDS_OF_A_DILUENT, len(tokens))):
        if tokens.list[place].text in (",", ";", ".", "|", ":"):
            return None
        volume = AMOUNT(tokens, place)
        if volume is not None:
            return Match(Remark(), volume.end) if volume.value.unit in ("mL", "L") else None
    return None


DILUENT = Parser(_diluent, starts.seen(INTO.start), INTO.needs)
"""`dans 100 mL de G5`."""

STEPPING = sequence(
    words("diminuer", "diminution", "a diminuer", "augmenter", "a augmenter", "reduire", "baisser", "puis diminuer",
        "puis augmenter", "augmentation", "puis reduire", "decroissance", "decroitre", "en diminuant", "en augmentant",
        "en reduisant", "en baissant", "degressif", "degressive", "majorer", "retirer", "enlever"),
    maybe(words("progressivement", "ensuite", "la dose", "la posologie", "progressive")),
    maybe(sequence(maybe(words("de", "par paliers de", "par palier de")), either(AMOUNT, BARE))),
    maybe(either(timing.EVERY, timing.PER_PERIOD)),
).gives(Remark())  # fmt: skip
"""`diminuer de 5 mg tous les 3 jours`: what the next doses are is left to be computed by a person."""
