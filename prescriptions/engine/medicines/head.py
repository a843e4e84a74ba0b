"""The head of a line: the medicine's name, its strengths and its form, before the posology."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from prescriptions.engine.grammar.amounts import MEASURE
from prescriptions.engine.grammar.facts import Clock, Fact, Frequency, Meal, Then, When
from prescriptions.engine.grammar.parsing import Match, digits, either, entry, maybe, not_before, sequence, several, words
from prescriptions.engine.grammar.rules import BARE_DOSE, FOLLOWS, SLOTS, best_at
from prescriptions.engine.medicines.lexicon import Lexicon, Term
from prescriptions.engine.schema import Evidence, Quantity, Strength
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import lexicon as words_of
from prescriptions.engine.words.units import STRENGTHS

RAW = re.compile(r"[a-z0-9µ]+(?:['-][a-z0-9]+)*")
DETAILS = frozenset(
    "lp l p gr lm ap oro faible fort forte special simple adulte adultes enfant enfants nourrisson nourrissons sans sucre ss sodique "
    "potassique calcique disodique chlorhydrate hemifumarate fumarate sulfate maleate besilate tosilate mesilate arginine "
    "magnesium tert butylamine erbumine secable quadrisecable pellicule effervescent dispersible codeine biogaran mylan sandoz "
    "teva arrow zentiva eg viatris cristers zydus almus krka ranbaxy accord ratiopharm winthrop evolugen bgr axa anti xa en dc mv "
    "generique solostar flexpen kwikpen diskus turbuhaler breezhaler autohaler evohaler respimat flexpro penfill prerempli "
    "preremplie moussant ophtalmique chrono retard monodose unidose flac flacon ml sol susp a b c d ou equivalent boite".split()
)
"""What may stand between a name and its posology without being either."""
SKIPPED = frozenset({",", "-", "|", ".", "+", "*", '"'})


@dataclass(slots=True)
class Found:
    """A name at a place of the tokens; `sure` says how much it is one."""

    term: Term | None
    text: str
    first: int
    last: int
    sure: float
    why: str = ""


@dataclass(slots=True)
class Head:
    """Everything read before the posology; `end` is the first token of the posology."""

    found: Found
    end: int
    strengths: list[Strength] = field(default_factory=list)
    form: str | None = None
    proofs: list[Evidence] = field(default_factory=list)


def find(tokens: Tokens, at: int, lexicon: Lexicon, *, fuzzy: bool = True) -> Found | None:
    """The medicine that begins at this token."""
    if at >= len(tokens) or tokens.list[at].kind == "sign":
        return None
    texts = [token.text for token in tokens.list[at : at + 8]]
    exact = lexicon.longest(texts)
    if exact and not (len(exact[0].name) < 4 and words_of.is_word(texts[0])):
        term, length = exact
        return Found(term, tokens.text(at, at + length), at, at + length, 0.99)
    return _near(tokens, at, lexicon) if fuzzy else None


def _near(tokens: Tokens, at: int, lexicon: Lexicon) -> Found | None:
    """A misspelt name: long enough, no word of the grammar, and followed by what follows names."""
    token = tokens.list[at]
    if token.kind != "word" or token.repaired is False and words_of.is_word(token.text) and token.text not in ("l",):
        return None
    for candidate, last in _candidates(tokens, at):
        if len(candidate) < 5 or words_of.is_word(candidate):
            continue
        near = lexicon.nearest(candidate)
        if near is None:
            continue
        context = _followed_like_a_name(tokens, last)
        least = 0.75 if context else 0.88
        if near.likeness >= least and near.margin >= 0.03:
            why = "" if near.likeness == 1 else "name misspelt or misread"
            return Found(near.term, tokens.text(at, last), at, last, round(min(near.likeness, 0.97), 2), why)
    return None


def _candidates(tokens: Tokens, at: int) -> Iterator[tuple[str, int]]:
    """One and two words as they stand in the text (with digits inside them), and the token after each."""
    plain = tokens.reading.plain
    start = tokens.list[at].start
    first = RAW.match(plain, start)
    if first is None:
        return
    second = RAW.match(plain, first.end() + 1) if plain[first.end() : first.end() + 1] == " " else None
    for match in (second, first):
        if match is None:
            continue
        last = next((n for n in range(at, len(tokens)) if tokens.list[n].end >= match.end()), None)
        if last is not None and tokens.list[last].end == match.end():
            if match is second and any(token.kind == "number" for token in tokens.list[at : last + 1]):
                continue
            yield plain[start : match.end()], last + 1


def _followed_like_a_name(tokens: Tokens, at: int) -> bool:
    if at >= len(tokens):
        return False
    token = tokens.list[at]
    return token.kind == "number" or token.text in (":", ",", "|", "(") or bool({"form", "taken"} & tokens.lexemes[at].keys())


def unknown(tokens: Tokens, at: int, stop: int) -> Found | None:
    """One to four words nobody knows, followed by a strength or a form: a medicine that the lexicon lacks."""
    last = at
    while last < stop and last - at < 4:
        token = tokens.list[last]
        if token.kind != "word" or (words_of.is_word(token.text) and (last == at or token.text not in ("de", "d", "la"))):
            if not (token.text in ("-", "'") and last > at and tokens.glued(last)):
                break
        last += 1
    if last == at or sum(len(token.text) for token in tokens.list[at:last]) < 4:
        return None
    if last < stop and (STRENGTH(tokens, last) or tokens.lexemes[last].get("form") or tokens.list[last].text == ":"):
        return Found(None, tokens.text(at, last), at, last, 0.5, "not in the list of medicines")
    return None


# strengths ----------------------------------------------------------------------------------------------------------

VOLUME = either(entry("measured"), entry("time"), words("dose", "bouffee", "cp"))
SIZE = sequence(digits(), maybe(MEASURE), maybe(words("anti - xa", "axa", "anti xa")))
PER = sequence(words("/", "par"), maybe(digits()), VOLUME).to(
    lambda p: Quantity(value=p[1] or 1.0, unit=p[2]) if p[2] not in ("d", "wk", "mo", "min") else None
)
STRENGTH = sequence(
    several(SIZE.to(lambda p: (p[0], p[1])), words("/", "+")), maybe(sequence(words("("), SIZE, words(")"))), maybe(PER)
).to(lambda p: _strengths(p[0], p[2]))  # fmt: skip


def _strengths(sizes: list[tuple[float, str | None]], per: Quantity | None) -> list[Strength] | None:
    unit = sizes[-1][1]
    if len(sizes) > 3:
        return None
    if len(sizes) == 2 and unit == "mL" and sizes[0][1] not in (None, "mL"):
        return [Strength(sizes[0][0], sizes[0][1], Quantity(value=sizes[1][0], unit="mL"))]
    if unit is None or unit.split("/")[0] not in STRENGTHS or (unit == "mL" and per is None) or "/" in unit:
        return None
    return [Strength(value, own or unit, per if place == len(sizes) - 1 else None) for place, (value, own) in enumerate(sizes)]


BARE = sequence(several(digits(), words("/"))).to(lambda p: [Strength(value) for value in p[0]] if len(p[0]) <= 3 else None)
TAKEN = sequence(not_before(words("de")), entry("taken"))


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
                head.proofs.append(Evidence("detail", "remark", start, end, tokens.text(at, step), 0.95, "kept as text"))
        if step is None:
            break
        at = step
        if tokens.list[at - 1].text == ":":
            break
    head.end = at
    return head


def _strength(tokens: Tokens, at: int, stop: int, head: Head) -> int | None:
    if tokens.list[at].kind != "number" or SLOTS(tokens, at):
        return None
    match = STRENGTH(tokens, at)
    if match is not None and match.end <= stop:
        if head.strengths and tokens.list[at - 1].text != "+":
            return None  # a second one is a dose
        after_comma = tokens.list[at - 1].text in (",", "-") and not head.strengths
        if after_comma and _timing_follows(tokens, match.end, stop):
            return None
        return _keep(tokens, at, match, head, 0.98, "")
    return _bare_strength(tokens, at, stop, head)


def _bare_strength(tokens: Tokens, at: int, stop: int, head: Head) -> int | None:
    """`SERESTA 50 : …`, `OGAST 15 1 gél`: a strength without its unit."""
    match = BARE(tokens, at)
    if match is None or head.strengths or match.end > stop:
        return None
    value = match.value[0].value
    following = tokens.list[match.end] if match.end < stop else None
    alone = following is None or following.text in (":", ",", "|", "-", "(", ";")
    counted = following is not None and (TAKEN(tokens, match.end) is not None)
    if counted and value <= 12:
        return None
    if not alone and following is not None and following.kind != "number" and value <= 4:
        return None
    if not alone and not counted and following is not None and following.kind != "number" and BARE_DOSE(tokens, at) and value <= 4:
        return None
    if following is not None and following.text == "x" and value > 12:
        return _keep(tokens, at, match, head, 0.6, "strength without a unit")
    if following is not None and following.text in ("fois", "x", "/", "a", "prises", "et", "ou", "°") or (following and entry("time")(tokens, match.end)):
        return None
    if following is not None and not alone and following.kind != "number" and not counted and not FOLLOWS(tokens, match.end):
        if best_at(tokens, match.end) is None:
            return None
    return _keep(tokens, at, match, head, 0.6, "strength without a unit")


def _keep(tokens: Tokens, at: int, match: Match, head: Head, sure: float, why: str) -> int:
    start, end = tokens.span(at, match.end)
    if tokens.repaired(at, match.end):
        sure, why = min(sure, 0.6), "a letter was read as a digit"
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
    return fact is not None and isinstance(fact.value, (Clock, Frequency, Meal, When)) and tokens.list[at].kind != "number"


def _form(tokens: Tokens, at: int, head: Head) -> int | None:
    lexeme = tokens.lexemes[at].get("form")
    if lexeme is None:
        return None
    end = at + lexeme.length
    form = str(lexeme.value)
    if tokens.list[at].text in ("gel", "gels") and lexeme.length == 1:
        form = "gélule" if any(strength.unit in ("mg", "g", "µg", None) for strength in head.strengths) else "gel"
    if head.form is None:
        head.form = form
        start, stop = tokens.span(at, end)
        head.proofs.append(Evidence("form", "form", start, stop, tokens.text(at, end)))
    return end


def _detail(tokens: Tokens, at: int, stop: int) -> int | None:
    token = tokens.list[at]
    if token.text == ":":
        return at + 1
    if token.text in SKIPPED or token.text == "/" and _volume(tokens, at) is None:
        return at + 1
    if token.text == "/":
        return _volume(tokens, at)
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
