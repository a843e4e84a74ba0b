"""The table of rules, and the reading of facts from left to right: at each word, the rule that reads furthest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any, cast

from prescriptions.engine.grammar import course, dispensing, limits, timing
from prescriptions.engine.grammar.amounts import AMOUNT, BARE, MEASURE, NUMBER, PACKED, RANGE, UNIT, Amount
from prescriptions.engine.grammar.facts import (
    Alternate,
    Clock,
    Days,
    Dose,
    Fact,
    Frequency,
    Limit,
    Meal,
    Pack,
    Reason,
    Remark,
    Slots,
    Span,
    Strength,
    When,
)
from prescriptions.engine.grammar.parsing import (
    Match,
    Parser,
    before,
    digits,
    either,
    entry,
    maybe,
    not_after,
    not_before,
    sequence,
    several,
    words,
)
from prescriptions.engine.tokens import Tokens

SLOT_MOMENTS = {
    3: ("MORN", "NOON", "EVE"),
    4: ("MORN", "NOON", "EVE", "HS"),
    5: ("MORN", "NOON", "AFT", "EVE", "HS"),
}


def _slots(parts: tuple[Any, ...]) -> Slots | None:
    unit_before, counts, unit_after = parts
    unit = unit_after or unit_before
    moments = SLOT_MOMENTS.get(len(counts))
    if moments is None or any(count.high > 200 for count in counts) or not any(count.low for count in counts):
        return None
    name = unit[0] if unit else None
    return Slots(tuple((moment, count._replace(unit=name)) for moment, count in zip(moments, counts, strict=True)))


SLOT = sequence(digits(lambda value: value <= 200), not_before(words("er"))).to(lambda p: Amount(p[0], p[0], None))
SHARE_SLOT = NUMBER.to(lambda value: Amount(value, value, None))
SLOTS = either(
    sequence(maybe(UNIT), several(SHARE_SLOT, words("-", "- -"), least=3), maybe(UNIT)).to(_slots),
    sequence(maybe(UNIT), several(SHARE_SLOT, words("+"), least=3), maybe(UNIT)).to(_slots),
    sequence(maybe(UNIT), several(SLOT, words("/"), least=3), maybe(UNIT)).to(_slots),
)


def _table(parts: list[tuple[str, Amount]]) -> Slots | None:
    if any(amount.high > 200 for _, amount in parts):
        return None
    unit = next((amount.unit for _, amount in reversed(parts) if amount.unit), None)
    return Slots(tuple((moment, amount._replace(unit=amount.unit or unit)) for moment, amount in parts))


MOMENT_LETTER = either(timing.ONE_MOMENT, sequence(timing.LETTER, before(words(":", "="))).to(lambda p: p[0]))
MOMENT_TABLE = several(
    sequence(MOMENT_LETTER, maybe(words(":", "=")), either(AMOUNT, BARE), not_before(either(words("h", "heures"), entry("time")))).to(
        lambda p: (p[0], p[2])
    ),
    maybe(words("-", ",", ";", "/", "|", "et", ".")), least=2,
).to(_table)  # fmt: skip

FOLLOWS = either(
    timing.WHEN, timing.CLOCK, timing.EATING, timing.EVERY, timing.DAYS_OF_WEEK, timing.ALTERNATE_MOMENT, timing.PHRASED,
    sequence(words("x", "fois"), RANGE, either(words("/"), words("fois", "par"))), sequence(words("-", ","), timing.ONE_MOMENT),
    timing.DINNER, timing.ONE_DAY_IN, dispensing.SITE,
    words("quotidien", "si besoin"), sequence(words("("), timing.ONE_MOMENT),
)  # fmt: skip
FOLLOWED = sequence(before(FOLLOWS), not_before(either(entry("time"), words("fois"))))
BARE_DOSE = sequence(
    not_after("x", "j", "/", "fois", "tous", "les", "toutes"),
    either(sequence(SHARE_SLOT, FOLLOWED).to(lambda p: p[0]), sequence(BARE, FOLLOWED).to(lambda p: p[0])),
).to(lambda p: Dose(p[1]) if p[1].high <= 300 and p[1].low > 0 else None)
"""`1 le matin`, `2 à 8h`: a dose without its unit."""
SINGLE_UNIT = sequence(UNIT, not_before(words("de")), before(either(timing.FREQUENCY, timing.WHEN, timing.CLOCK, timing.EATING))).to(
    lambda p: Dose(Amount(1, 1, p[0][0], p[0][1])) if p[0][0] not in ("mg", "g", "µg", "UI", "mL", "L", "%") else None
)
"""`bain de bouche 3x/j`, `application le soir`: one each time."""
APPLY = sequence(
    words("appliquer", "a appliquer", "application", "faire une application", "mettre une application", "masser", "badigeonner"),
    maybe(words("une fois", "localement")),
).to(lambda p: Dose(Amount(1, 1, "application")))  # fmt: skip


def _after_a_unit(tokens: Tokens, at: int) -> Match | None:
    """What stands before is counted: `1 cp de 500 mg`."""
    counted = at > 0 and any("taken" in tokens.lexemes[n] and n + tokens.lexemes[n]["taken"].length == at for n in range(max(0, at - 4), at))
    return Match(None, at) if counted else None


STRENGTH_OF = sequence(
    Parser(_after_a_unit, None, optional=True), words("de", "a", "dose a", "dosage", "dosee a", "doses a", "("), NUMBER, MEASURE, maybe(words(")"))
).to(lambda p: Strength(p[2], p[3]) if p[3] not in ("mL", "L") and (p[1] == "(") == (p[4] is not None) else None)
STEPPING = sequence(
    words("diminuer", "diminution", "a diminuer", "augmenter", "a augmenter", "reduire", "baisser", "puis diminuer", "puis augmenter",
          "augmentation", "puis reduire", "decroissance", "decroitre"),
    maybe(words("progressivement", "ensuite", "la dose", "la posologie", "progressive")),
    maybe(sequence(words("de", "par paliers de", "par palier de"), either(AMOUNT, BARE))),
    maybe(either(timing.EVERY, timing.PER_PERIOD)),
).gives(Remark())  # fmt: skip
"""`diminuer de 5 mg tous les 3 jours`: what the next doses are is left to be computed by a person."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, a parser whose value is a fact, and how sure such a reading is by itself."""

    name: str
    parser: Parser
    sure: float = 1.0
    why: str = ""


RULES: tuple[Rule, ...] = (
    Rule("slots", SLOTS, 0.97),
    Rule("table of moments", MOMENT_TABLE, 0.97),
    Rule("taper", course.TAPER, 0.95),
    Rule("dose", AMOUNT.to(Dose)),
    Rule("dose without a unit", BARE_DOSE, 0.85, "no unit"),
    Rule("one of a unit", SINGLE_UNIT, 0.9, "number understood"),
    Rule("application", APPLY, 0.95),
    Rule("rate", course.RATE),
    Rule("frequency", timing.FREQUENCY),
    Rule("number a day", timing.COUNT_PER, 0.8, "no unit"),
    Rule("times without a period", timing.BARE_TIMES, 0.7, "period understood"),
    Rule("shared among takes", timing.SHARED),
    Rule("moments", timing.WHEN),
    Rule("one moment in", timing.ALTERNATE_MOMENT),
    Rule("phrased moment", timing.PHRASED.to(lambda code: When((code,)))),
    Rule("meal", timing.EATING),
    Rule("at table", timing.AT_TABLE),
    Rule("named meal", timing.DINNER, 0.9),
    Rule("hours", timing.CLOCK),
    Rule("days of the week", timing.DAYS_OF_WEEK),
    Rule("duration", course.DURATION),
    Rule("bare duration", course.BARE_DURATION, 0.85, "duration understood"),
    Rule("first day", course.FIRST_DAY),
    Rule("first day in words", course.ORDINAL),
    Rule("cycle", course.CYCLE),
    Rule("days of a cycle", course.CYCLE_DAYS),
    Rule("then", course.THEN),
    Rule("stop", course.STOP),
    Rule("in turns", course.ALTERNATE),
    Rule("once", course.ONCE),
    Rule("over", course.OVER),
    Rule("worn", course.WORN),
    Rule("changed", course.CHANGE),
    Rule("gap", course.GAP),
    Rule("limit", limits.LIMITS),
    Rule("supply", dispensing.SUPPLY),
    Rule("packs", dispensing.PACKS),
    Rule("renewal", dispensing.RENEWAL),
    Rule("no substitution", dispensing.SUBSTITUTION),
    Rule("ALD", dispensing.ALD),
    Rule("route", dispensing.ROUTE, 0.98),
    Rule("slow injection", dispensing.SLOWLY),
    Rule("slow injection in words", dispensing.SLOW_IV),
    Rule("site", dispensing.SITE),
    Rule("strength", STRENGTH_OF, 0.95),
    Rule("stepping", STEPPING, 0.7, "kept as text"),
)


def _index() -> tuple[dict[str, tuple[Rule, ...]], tuple[Rule, ...]]:
    by_head: dict[str, list[Rule]] = defaultdict(list)
    anywhere = tuple(rule for rule in RULES if rule.parser.heads is None)
    for rule in RULES:
        for head in rule.parser.heads or ():
            by_head[head].append(rule)
    return {head: tuple(rules) for head, rules in by_head.items()}, anywhere


BY_HEAD, ANYWHERE = _index()


def best_at(tokens: Tokens, at: int) -> Fact | None:
    """The rule that reads furthest from here."""
    if at in tokens.memory:
        return cast("Fact | None", tokens.memory[at])
    best: Fact | None = None
    for rule in BY_HEAD.get(tokens.heads[at], ()) + ANYWHERE:
        found = rule.parser.run(tokens, at)
        if found is None or found.end == at:
            continue
        if best is None or found.end > best.last:
            best = Fact(found.value, at, found.end, rule.sure, rule.why)
    tokens.memory[at] = best
    return best


def read_facts(tokens: Tokens, first: int = 0, last: int | None = None) -> list[Fact]:
    """Every fact of tokens [first, last), in order; what no rule reads is left between them."""
    stop = len(tokens) if last is None else last
    facts: list[Fact] = []
    at = first
    while at < stop:
        fact = read_reason(tokens, at, stop) or best_at(tokens, at)
        if fact is None or fact.last > stop:
            at += 1
            continue
        if tokens.repaired(fact.first, fact.last):
            fact = replace(fact, sure=min(fact.sure, 0.75), why="misspelt word mended")
        facts.extend(_several(fact))
        at = fact.last
    return facts


def _several(fact: Fact) -> list[Fact]:
    """A rule may say more than one thing: several limits, or a frequency with its moment."""
    value = fact.value
    if type(value) is tuple:
        if isinstance(value[0], Limit):
            return [replace(fact, value=limit) for limit in value]
        code, days = value
        return [replace(fact, value=Frequency(1, 1, days, "d")), replace(fact, value=When((code,)))]
    return [fact]


# the reason of what is taken as needed ------------------------------------------------------------------------------

ENDS_A_REASON = (Dose, Slots, Frequency, When, Clock, Limit, Days, Meal, Alternate, Pack)
STOPS = frozenset({",", ";", ".", "|", ")", "(", ":", "\n", "-", "puis", "max", "maximum", "maxi", "et"})
COMPARED = either(
    sequence(
        maybe(words("superieure a", "superieur a", "superieure ou egale a", "superieur ou egal a", "inferieure a", "inferieur a", "au dessus de",
                    "a partir de", "inferieur ou egal a")),
        maybe(several(words(">", "<", "=", "> ="), maybe(words("="))), []), digits(), maybe(words("/")), maybe(digits()),
        maybe(sequence(maybe(words("°")), words("c", "degres", "mmhg", "g / l", "g / dl", "mmol / l", "mg / dl", "%", "g", "bpm", "cm", "°",
                                                "° c", "kg"))),
    ).to(lambda p: p if p[0] or p[1] else None),
)  # fmt: skip
STOPPING = frozenset({"stop", "arret", "arreter", "interrompre", "suspendre"})
"""`STOP si nausées` is no reason to take it."""
OR_NOT = frozenset({"si", "et", "ou"})


def read_reason(tokens: Tokens, at: int, stop: int) -> Fact | None:
    """`si douleur ou fièvre > 38,5`: the words up to a sign or to something that another rule reads."""
    if tokens.list[at].text in STOPPING:
        condition = read_reason(tokens, at + 1, stop) if at + 1 < stop and tokens.list[at + 1].text in ("si", "en") else None
        return replace(condition, value=Remark(), first=at, sure=0.9, why="kept as text") if condition else None
    needed = limits.NEEDED.run(tokens, at)
    if needed is not None:
        return Fact(Reason(), at, needed.end)
    because = limits.BECAUSE.run(tokens, at)
    if because is None or because.end >= stop:
        return None
    opening = str(because.value)
    if opening in ("des", "s '", "devant", "pour les") and not _complaint(tokens, because.end):
        return None
    end = _reason_end(tokens, because.end, stop)
    if end == because.end:
        return None
    return Fact(Reason(Span(because.end, end)), at, end, 0.95)


def _complaint(tokens: Tokens, at: int) -> bool:
    from prescriptions.engine.words.vocabulary import COMPLAINTS

    complaints = COMPLAINTS.split()
    return at < len(tokens) and any(token.text in complaints for token in tokens.list[at : at + 3])


def _reason_end(tokens: Tokens, first: int, stop: int) -> int:
    at = first
    while at < stop:
        token = tokens.list[at]
        compared = COMPARED.run(tokens, at)
        if compared is not None and at > first:
            at = compared.end
            continue
        if token.text == "et" and at + 1 < stop and _complaint(tokens, at + 1):
            at += 1
            continue
        if token.text == "-" and tokens.glued(at) and at + 1 < stop and tokens.glued(at + 1) and at > first:
            at += 1
            continue
        if token.text in STOPS or token.kind == "number":
            break
        if token.text not in OR_NOT and at > first and _ends_here(tokens, at):
            break
        at += 1
    while at > first and tokens.list[at - 1].text in ("et", "ou", "de", "a", "le", "la", "en", "par"):
        at -= 1
    return at


def _ends_here(tokens: Tokens, at: int) -> bool:
    if limits.NEEDED.run(tokens, at):
        return True
    fact = best_at(tokens, at)
    if fact is None:
        return False
    one_word = fact.last == at + 1 and tokens.list[at].text in ("dose", "doses", "mesure", "pression", "gouttes", "application")
    return not one_word


__all__ = ["PACKED", "Match", "read_facts"]
