"""The head of a line: the medicine's name, its strengths and its form, before the posology."""

from __future__ import annotations

from dataclasses import dataclass, field

from prescriptions.engine.grammar.amounts import AMOUNT
from prescriptions.engine.grammar.doses import BARE_DOSE, FOLLOWS, SLOTS
from prescriptions.engine.grammar.facts import Bounds, Clock, Dose, Fact, Frequency, Meal, Place, Then, When
from prescriptions.engine.grammar.parsing import (
    Match,
    digits,
    entry,
    maybe,
    sequence,
    words,
)
from prescriptions.engine.grammar.rules import best_at
from prescriptions.engine.grammar.timing import PER_PERIOD
from prescriptions.engine.medicines.find import Found
from prescriptions.engine.medicines.strengths import BARE, PER, RELEASED, STRENGTH, TAKEN
from prescriptions.engine.schema import Evidence, Strength
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import listed
from prescriptions.engine.words.units import TAKEN as COUNTED

DETAILS = listed(
    "lp l p gr lm ap hp oro faible fort forte special simple adulte adultes enfant enfants nourrisson nourrissons",
    "sans sucre ss sodique potassique calcique disodique chlorhydrate hemifumarate fumarate sulfate maleate",
    "besilate tosilate mesilate arginine magnesium tert butylamine erbumine secable quadrisecable pellicule",
    "effervescent dispersible codeine biogaran mylan sandoz teva arrow zentiva eg viatris cristers zydus almus",
    "krka ranbaxy accord ratiopharm winthrop evolugen bgr axa anti xa en dc mv generique solostar flexpen kwikpen",
    "diskus turbuhaler breezhaler autohaler evohaler respimat flexpro penfill prerempli preremplie moussant",
    "sec quadrisec ophtalmique chrono retard monodose unidose flac flacon ml sol susp a b c d ou equivalent boite",
)
"""What may stand between a name and its posology without being either."""
CONTAINER = sequence(
    words("flac", "flacon", "tube", "poche", "fl", "spray", "recipient unidose", "en flacon", "en tube", "en poche",
        "en recipient unidose"),
    maybe(words("de")), maybe(sequence(digits(), entry("measured"))),
)  # fmt: skip
"""`flac 100 mL`: what the product comes in, and no dose."""
MOST_GRAMS = 20
"""The largest sachets hold less; `75 µg` is often misread as `75 g`."""
ALONE = frozenset({":", ",", "|", "-", "(", ";", "prendre", "appliquer", "mettre", "injecter", "instiller", "inhaler"})
"""Before these, a bare number after a name is a strength."""
SKIPPED = frozenset({",", "-", "|", ".", "+", "*", '"'})


@dataclass(slots=True)
class Head:
    """Everything read before the posology; `end` is the first token of the posology."""

    found: Found
    end: int
    strengths: list[Strength] = field(default_factory=list)
    form: str | None = None
    proofs: list[Evidence] = field(default_factory=list)


def read(tokens: Tokens, found: Found, stop: int) -> Head:
    """Strengths, form and details after the name."""
    head = Head(found, found.last)
    kind = "name"
    start, end = tokens.span(found.first, found.last)
    head.proofs.append(Evidence(kind, "medicine", start, end, found.text, found.sure, found.why))
    at = found.last
    while at < stop:
        step = _strength(tokens, at, stop, head) or _form(tokens, at, head)
        if step is None:
            step = _detail(tokens, at, stop)
            if step is not None and any(token.kind != "sign" for token in tokens.list[at:step]):
                start, end = tokens.span(at, step)
                head.proofs.append(
                    Evidence("detail", "remark", start, end, tokens.text(at, step), 0.95, "kept as text")
                )
        if step is None:
            break
        at = step
        if tokens.list[at - 1].text == ":":
            break
    head.end = at
    return head


def _strength(tokens: Tokens, at: int, stop: int, head: Head) -> int | None:
    spelled = "spelled" in tokens.lexemes[at]
    if (tokens.list[at].kind != "number" and not spelled) or SLOTS(tokens, at):
        return None
    match = STRENGTH(tokens, at)
    released = RELEASED(tokens, at)
    if released is not None and not head.strengths and _is_released(tokens, at, released, stop):
        return _keep(tokens, at, released, head, 0.95, "")
    if match is not None and match.end <= stop:
        if _a_day(tokens, match.end) or _is_rate(tokens, at, match, stop):
            return None
        if head.strengths and tokens.list[at - 1].text != "+":
            return None  # a second one is a dose
        after_comma = tokens.list[at - 1].text in (",", "-") and not head.strengths
        if after_comma and _timing_follows(tokens, match.end, stop) and not _counted_later(tokens, match.end, stop):
            return None
        return _keep(tokens, at, match, head, 0.98, "")
    volume = AMOUNT(tokens, at)
    if (
        volume is not None
        and volume.value.unit == "mL"
        and not head.strengths
        and at == head.found.last
        and _counted_later(tokens, volume.end, stop)
    ):
        return _keep(tokens, at, Match([Strength(volume.value.low, "mL")], volume.end), head, 0.85, "")
    return None if spelled else _bare_strength(tokens, at, stop, head)


WORN = frozenset({"patch", "patchs", "patches", "dispositif", "transdermique", "timbre", "anneau", "implant"})


def _is_released(tokens: Tokens, at: int, match: Match, stop: int) -> bool:
    """`21 mg/24 h` is a strength where something worn is named or counted; else it may be what is taken in a day."""
    return (
        match.value[0].per.value != 24
        or any(token.text in WORN for token in tokens.list[at:stop])
        or _counted_later(tokens, match.end, stop)
    )


def _is_rate(tokens: Tokens, at: int, match: Match, stop: int) -> bool:
    """`HYPNOVEL 1 mg/h SC continu`: what is given in an hour; of something worn it is the strength."""
    per = match.value[-1].per
    return per is not None and (per.value, per.unit) == (1.0, "h") and not (
        any(token.text in WORN for token in tokens.list[at:stop]) or _counted_later(tokens, match.end, stop)
    )  # fmt: skip


def _a_day(tokens: Tokens, at: int) -> bool:
    """`KEPPRA 2 g/j`: so much a day is no strength; `21 mg/24 h` is one of a patch."""
    return tokens.heads[at] == "/" and tokens.heads[at + 1] != "#" and PER_PERIOD(tokens, at) is not None


def _bare_strength(tokens: Tokens, at: int, stop: int, head: Head) -> int | None:
    """`SERESTA 50 : …`, `OGAST 15 1 gél`: a strength without its unit."""
    match = BARE(tokens, at)
    if match is None or head.strengths or match.end > stop:
        return None
    value = match.value[0].value
    following = tokens.list[match.end] if match.end < stop else None
    alone = following is None or following.text in ALONE
    counted = following is not None and (TAKEN(tokens, match.end) is not None)
    if counted and value <= 12:
        return None
    if not alone and following is not None and following.kind != "number" and value <= 4:
        return None
    if (
        not alone
        and not counted
        and following is not None
        and following.kind != "number"
        and BARE_DOSE(tokens, at)
        and value <= 4
    ):
        return None
    if following is not None and following.text == "x" and value > 12:
        return _keep(tokens, at, match, head, 0.6, "strength without a unit")
    if (following is not None and following.text in ("fois", "x", "/", "a", "prises", "et", "ou", "°")) or (
        following and "time" in tokens.lexemes[match.end]
    ):
        return None
    if (
        following is not None
        and not alone
        and following.kind != "number"
        and not counted
        and not FOLLOWS(tokens, match.end)
    ) and best_at(tokens, match.end) is None:
        return None
    return _keep(tokens, at, match, head, 0.6, "strength without a unit")


def _keep(tokens: Tokens, at: int, match: Match, head: Head, sure: float, why: str) -> int:
    start, end = tokens.span(at, match.end)
    if tokens.repaired(at, match.end):
        sure, why = min(sure, 0.6), "a letter was read as a digit"
    if tokens.headed_by_zero(at, match.end) or tokens.list[at - 1].text == "0":
        sure, why = min(sure, 0.5), "a decimal sign may be lost"
    if tokens.twofold(at, match.end):
        sure, why = min(sure, 0.6), "the point may mark thousands"
    if any(strength.unit == "g" and strength.value > MOST_GRAMS for strength in match.value):
        sure, why = min(sure, 0.5), "so many grams in one unit: µg or mg may be misread"
    for strength in match.value:
        head.proofs.append(
            Evidence(f"strength.{len(head.strengths)}", "strength", start, end, tokens.text(at, match.end), sure, why)
        )
        head.strengths.append(strength)
    return match.end


def _timing_follows(tokens: Tokens, at: int, stop: int) -> bool:
    while at < stop and tokens.list[at].text in (",", "-"):
        at += 1
    if at >= stop:
        return False
    fact = best_at(tokens, at)
    return (
        fact is not None
        and isinstance(fact.value, (Clock, Frequency, Meal, When, Place, Bounds))
        and tokens.list[at].kind != "number"
    )


def _counted_later(tokens: Tokens, at: int, stop: int) -> bool:
    """Further on stands a dose in units, so that the one before was the strength."""
    for place in range(at, stop):
        fact = best_at(tokens, place)
        if fact is not None and isinstance(fact.value, Then):
            return False
        if fact is not None and isinstance(fact.value, Dose) and fact.value.amount.unit in COUNTED:
            return True
    return False


def _form(tokens: Tokens, at: int, head: Head) -> int | None:
    lexeme = tokens.lexemes[at].get("form")
    if lexeme is None:
        return None
    end = at + lexeme.length
    form = str(lexeme.value)
    if tokens.list[at].text in ("gel", "gels") and lexeme.length == 1:
        accented = "é" in tokens.text(at, end).lower()
        following = STRENGTH(tokens, end)
        sizes = [*head.strengths, *(following.value if following else ())]
        form = "gélule" if accented or any(size.unit in ("mg", "g", "µg", None) for size in sizes) else "gel"
    if head.form is None:
        head.form = form
        start, stop = tokens.span(at, end)
        head.proofs.append(Evidence("form", "form", start, stop, tokens.text(at, end)))
    return end


def _detail(tokens: Tokens, at: int, stop: int) -> int | None:
    token = tokens.list[at]
    if token.text == ":":
        return at + 1
    if token.text in SKIPPED or (token.text == "/" and _volume(tokens, at) is None):
        return at + 1
    if token.text == "/":
        return _volume(tokens, at)
    if (size := CONTAINER(tokens, at)) is not None and size.end <= stop:
        return size.end
    if token.text == "(":
        return _parenthesis(tokens, at, stop)
    if token.text in DETAILS and not tokens.lexemes[at].get("moment"):
        fact = best_at(tokens, at)
        return at + 1 if fact is None or (fact.last == at + 1 and not isinstance(fact.value, Then)) else None
    return None


def _volume(tokens: Tokens, at: int) -> int | None:
    """`(40 mg)/0,4 mL`: the volume after a strength said twice."""
    match = PER(tokens, at)
    return match.end if match else None


def _parenthesis(tokens: Tokens, at: int, stop: int) -> int | None:
    """What is in brackets belongs to the head when it says nothing about taking it."""
    close = next((n for n in range(at, min(stop, at + 12)) if tokens.list[n].text == ")"), None)
    if close is None:
        return None
    for inside in range(at + 1, close):
        fact: Fact | None = best_at(tokens, inside)
        if fact is not None and fact.last <= close and type(fact.value).__name__ not in ("Dose", "Strength", "Place"):
            return None
    return close + 1
