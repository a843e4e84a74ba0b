"""The table of rules, and the reading of facts from left to right: at each word, the rule that reads furthest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from prescriptions.engine.grammar import course, days, dispensing, limits, timing
from prescriptions.engine.grammar.amounts import AMOUNT
from prescriptions.engine.grammar.doses import (
    APPLY,
    BARE_DOSE,
    DILUENT,
    FLASK,
    MOMENT_TABLE,
    ONE_LETTER,
    ONLY_ONE,
    REMOVED,
    ROMAN_DROPS,
    SINGLE_UNIT,
    SLOTS,
    SO_MANY_DOSES,
    STEPPING,
    STRENGTH_OF,
)
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
    When,
)
from prescriptions.engine.grammar.parsing import (
    Choices,
    Parser,
    digits,
    either,
    maybe,
    sequence,
    several,
    words,
)
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words.lexicon import is_word
from prescriptions.engine.words.units import ACTS


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
    Rule("so many doses", SO_MANY_DOSES, 0.9),
    Rule("flask", FLASK, 0.9),
    Rule("diluted in", DILUENT, 0.9, "kept as text"),
    Rule("taken off", REMOVED, 0.9, "kept as text"),
    Rule("a single one", ONLY_ONE),
    Rule("drops in Roman figures", ROMAN_DROPS, 0.95),
    Rule("dose without a unit", BARE_DOSE, 0.85, "no unit"),
    Rule("one of a unit", SINGLE_UNIT, 0.9, "number understood"),
    Rule("application", APPLY, 0.95),
    Rule("rate", course.RATE),
    Rule("rate of a day", course.ALL_DAY_LONG),
    Rule("frequency", timing.FREQUENCY),
    Rule("how often not", timing.NEVER, 0.95, "kept as text"),
    Rule("number a day", timing.COUNT_PER, 0.8, "no unit"),
    Rule("times without a period", timing.BARE_TIMES, 0.7, "period understood"),
    Rule("once", course.ONCE),
    Rule("shared among takes", timing.SHARED),
    Rule("moments", timing.WHEN),
    Rule("one letter", ONE_LETTER, 0.7, "read from unsure words"),
    Rule("one moment in", timing.ALTERNATE_MOMENT),
    Rule("phrased moment", timing.PHRASED.to(lambda code: When((code,)))),
    Rule("round the clock", timing.ROUND_THE_CLOCK, 0.95, "kept as text"),
    Rule("meal", timing.EATING),
    Rule("some time before bed", timing.BEFORE_BED, 0.9, "kept as text"),
    Rule("relation to meals left open", timing.AT_OR_AFTER, 0.7, "one or the other"),
    Rule("meals and another moment", timing.MEALS_AND_MOMENT, 0.95),
    Rule("at table", timing.AT_TABLE),
    Rule("named meal", timing.DINNER, 0.9),
    Rule("hours", timing.CLOCK),
    Rule("days of the week", timing.DAYS_OF_WEEK),
    Rule("moments of days", timing.DAYS_AND_MOMENTS, 0.6, "one or the other"),
    Rule("even or odd days", days.EVEN_OR_ODD, 0.75, "which of the days is kept as text"),
    Rule("other days", days.OTHERS),
    Rule("one time or the other", timing.CHOICE, 0.7, "one or the other"),
    Rule("duration", course.DURATION),
    Rule("bare duration", course.BARE_DURATION, 0.85, "duration understood"),
    Rule("first day", course.FIRST_DAY),
    Rule("first day in words", course.ORDINAL),
    Rule("following days", course.FOLLOWING),
    Rule("week of a treatment", course.NTH_WEEK, 0.9),
    Rule("day of a treatment", course.NTH_DAY, 0.9),
    Rule("cycle", course.CYCLE),
    Rule("days of a cycle", course.CYCLE_DAYS),
    Rule("then", course.THEN),
    Rule("stop", course.STOP),
    Rule("in turns", course.ALTERNATE),
    Rule("over", course.OVER),
    Rule("worn", course.WORN),
    Rule("changed", course.CHANGE),
    Rule("repeated on a day", course.REPEATED_ON, 0.75, "kept as text"),
    Rule("gap", course.GAP),
    Rule("limit", limits.LIMITS),
    Rule("supply", dispensing.SUPPLY),
    Rule("packs", dispensing.PACKS),
    Rule("delivery", dispensing.DELIVERY, 0.9, "kept as text"),
    Rule("size of a pack", dispensing.PACK_OF, 0.9, "kept as text"),
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


CHOICES = Choices([(rule.parser, rule) for rule in RULES])


def best_at(tokens: Tokens, at: int) -> Fact | None:
    """The rule that reads furthest from here."""
    if at in tokens.memory:
        return cast("Fact | None", tokens.memory[at])
    value: Any = None
    end, by, missing = at, None, tokens.missing
    for needs, rule in CHOICES[tokens.pairs[at]]:
        if not needs & missing:
            found = rule.parser.run(tokens, at)
            if found is not None and found[1] > end:
                (value, end), by = found, rule
    best = tokens.memory[at] = Fact(value, at, end, by.sure, by.why) if by else None
    return best


def _follows_letters(tokens: Tokens, at: int) -> bool:
    """`Z5 mg`: a number with unknown letters, or a lone point, right before it may have lost its first figures."""
    if tokens.list[at].kind != "number" or not tokens.glued(at):
        return False
    before = tokens.list[at - 1]
    if before.kind == "word":
        return not is_word(before.text) or (len(before.text) == 1 and before.text not in ("x", "j", "h", "à", "a"))
    return (
        before.text in (".", ",", "'", "~", "_") and at > 1 and tokens.glued(at - 1) and len(tokens.texts[at - 2]) < 3
    )


EXCEPT = frozenset({"sauf", "excepte", "hormis", "hors", "sans", "pas"})


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
            fact = fact._replace(sure=min(fact.sure, 0.75), why="misspelt word mended")
        if tokens.twofold(fact.first, fact.last):
            fact = fact._replace(sure=min(fact.sure, 0.6), why="the point may mark thousands")
        if isinstance(fact.value, (Dose, Slots, Limit)) and (
            _follows_letters(tokens, fact.first) or tokens.headed_by_zero(fact.first, fact.last)
        ):
            fact = fact._replace(sure=min(fact.sure, 0.6), why="a figure may be misread")
        if fact.why == "number understood" and isinstance(fact.value, Dose) and fact.value.amount.unit not in ACTS:
            fact = fact._replace(sure=min(fact.sure, 0.7))  # « S cp le soir »: the number may be lost
        if isinstance(fact.value, Dose) and fact.value.amount.high == 0:
            fact = fact._replace(sure=min(fact.sure, 0.5), why="a dose of nothing")
        if fact.first > first and tokens.list[fact.first - 1].text in EXCEPT:
            fact = fact._replace(sure=min(fact.sure, 0.5), why="it may be an exception")
        if _is_alternative(tokens, fact, first):
            fact = fact._replace(sure=min(fact.sure, 0.7), why="one or the other")
        facts.extend(_several(fact))
        at = fact.last
    return days.tell_others(facts)


def _is_alternative(tokens: Tokens, fact: Fact, first: int) -> bool:
    """An « ou » that no rule reads stands before it, or « soit » before a time: it may be instead of what was said."""
    before = tokens.list[fact.first - 1].text if fact.first > first else ""
    return before == "ou" or (before == "soit" and isinstance(fact.value, (When, Clock, Meal, Days)))


def _several(fact: Fact) -> list[Fact]:
    """A rule may say more than one thing: several limits, or a frequency with its moment."""
    value = fact.value
    if type(value) is tuple:
        if not isinstance(value[0], str):
            return [fact._replace(value=one) for one in value]
        code, period = value
        return [fact._replace(value=Frequency(1, 1, period, "d")), fact._replace(value=When((code,)))]
    return [fact]


# the reason of what is taken as needed ------------------------------------------------------------------------------

ENDS_A_REASON = (Dose, Slots, Frequency, When, Clock, Limit, Days, Meal, Alternate, Pack)
STOPS = frozenset({",", ";", ".", "|", ")", "(", ":", "\n", "-", "puis", "max", "maximum", "maxi", "et"})
MEASURED_IN = maybe(
    sequence(maybe(words("°")), words("c", "degres", "mmhg", "g / l", "g / dl", "mmol / l", "mg / dl", "%", "g", "bpm",
        "cm", "°", "° c", "kg"))
)  # fmt: skip
COMPARED = either(
    sequence(words("entre"), digits(), MEASURED_IN, words("et", "-", "a"), digits(), MEASURED_IN).gives(True),
    sequence(
        maybe(words("superieure a", "superieur a", "superieure ou egale a", "superieur ou egal a", "inferieure a",
            "inferieur a", "au dessus de",
                    "a partir de", "inferieur ou egal a")),
        maybe(several(words(">", "<", "=", "> ="), maybe(words("="))), []), digits(), maybe(words("/")),
        maybe(digits()),
        MEASURED_IN,
    ).to(lambda p: p if p[0] or p[1] else None),
)  # fmt: skip
REASON_HEADS = (limits.NEEDED | limits.BECAUSE).heads or frozenset[str]()
STOPPING = frozenset({"stop", "arret", "arreter", "interrompre", "suspendre"})
"""`STOP si nausées` is no reason to take it."""
OF_COMPLAINTS = frozenset({"des", "s '", "devant", "pour les", "apres chaque", "apres chacune des"})
"""`après chaque selle` is a reason, `après chaque brossage` only says when."""
FAILING = frozenset({"insuffisant", "insuffisante", "inefficace", "inefficacite", "echec", "insuffisance"})
"""`si insuffisant 2 gél`: another dose instead of the first."""
BORNE = frozenset({"bonne", "bien", "tolere", "toleree", "tolerance"})
"""`puis 1 cp/j si bonne tolérance`: nothing that it is taken for."""
OR_NOT = frozenset({"si", "et", "ou"})


def read_reason(tokens: Tokens, at: int, stop: int) -> Fact | None:
    """`si douleur ou fièvre > 38,5`: the words up to a sign or to something that another rule reads."""
    if tokens.list[at].text in STOPPING:
        condition = (
            read_reason(tokens, at + 1, stop) if at + 1 < stop and tokens.list[at + 1].text in ("si", "en") else None
        )
        return condition._replace(value=Remark(), first=at, sure=0.9, why="kept as text") if condition else None
    if tokens.heads[at] not in REASON_HEADS:
        return None
    needed = limits.NEEDED(tokens, at)
    if needed is not None:
        return Fact(Reason(), at, needed.end)
    because = limits.BECAUSE(tokens, at)
    if because is None or because.end >= stop:
        return None
    opening = str(because.value)
    if timing.EATING(tokens, at) or timing.PHRASED(tokens, at):
        return None  # « au moment des repas », « au moment du coucher »
    if opening in ("des", "s '", "devant", "pour les", "apres chaque", "apres chacune des") and not _complaint(
        tokens, because.end
    ):
        return None
    end = _reason_end(tokens, because.end, stop)
    if end == because.end:
        return None
    if tokens.list[because.end].text in BORNE:
        return Fact(Remark(), at, end, 0.9, "kept as text")
    if tokens.list[because.end].text in FAILING:
        return Fact(Remark(), at, end, 0.5, "one or the other")
    if at and tokens.list[at - 1].text == "." and _instructs(tokens, end, stop):
        return Fact(Remark(), at, _end_of_sentence(tokens, end, stop), 0.9, "kept as text")
    return Fact(Reason(Span(because.end, end)), at, end, 0.95)


def _instructs(tokens: Tokens, at: int, stop: int) -> bool:
    """`. Si difficulté à avaler, ouvrir la gélule`: what to do then, and no reason to take it."""
    return (
        at + 1 < stop
        and tokens.list[at].text == ","
        and tokens.list[at + 1].kind == "word"
        and best_at(tokens, at + 1) is None
        and limits.NEEDED(tokens, at + 1) is None
    )


def _end_of_sentence(tokens: Tokens, at: int, stop: int) -> int:
    return next((place for place in range(at, stop) if tokens.list[place].text in (".", ";", "|")), stop)


def _complaint(tokens: Tokens, at: int) -> bool:
    from prescriptions.engine.words.vocabulary import COMPLAINTS

    complaints = COMPLAINTS.split()
    return at < len(tokens) and any(token.text in complaints for token in tokens.list[at : at + 3])


def _reason_end(tokens: Tokens, first: int, stop: int) -> int:
    at = first
    while at < stop:
        token = tokens.list[at]
        compared = COMPARED(tokens, at)
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
    if limits.NEEDED(tokens, at):
        return True
    fact = best_at(tokens, at)
    if fact is None:
        return False
    one_word = fact.last == at + 1 and tokens.list[at].text in (
        "dose",
        "doses",
        "mesure",
        "pression",
        "gouttes",
        "application",
    )
    return not one_word
