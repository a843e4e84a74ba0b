"""Where a medicine begins in the tokens: its exact name, a misspelt one, or one that no list knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prescriptions.engine.grammar.amounts import AMOUNT
from prescriptions.engine.medicines.lexicon import Lexicon, Term
from prescriptions.engine.medicines.strengths import STRENGTH
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import lexicon as words_of

RAW = re.compile(r"[a-z0-9µ]+(?:['-][a-z0-9]+)*")
LONGEST = 12
"""Tokens of a name: three substances of several words, and the signs between them."""


@dataclass(slots=True)
class Found:
    """A name at a place of the tokens; `sure` says how much it is one."""

    term: Term | None
    text: str
    first: int
    last: int
    sure: float
    why: str = ""


def find(tokens: Tokens, at: int, lexicon: Lexicon, *, fuzzy: bool = True) -> Found | None:
    """The medicine that begins at this token."""
    if at >= len(tokens) or tokens.list[at].kind == "sign":
        return None
    exact = lexicon.longest(_of_one_row(tokens, at))
    if exact and not (len(exact[0].name) < 4 and words_of.is_word(tokens.texts[at])):
        term, length = exact
        return Found(term, tokens.text(at, at + length), at, at + length, 0.99)
    return _near(tokens, at, lexicon) if fuzzy else None


def _of_one_row(tokens: Tokens, at: int) -> list[str]:
    """The words that a name may be made of: none goes on in the next row."""
    plain, last = tokens.reading.plain, min(at + LONGEST, len(tokens))
    end = plain.find("\n", tokens.list[at].start, tokens.list[last - 1].end)
    return tokens.texts[at:last] if end < 0 else [one.text for one in tokens.list[at:last] if one.end <= end]


def _near(tokens: Tokens, at: int, lexicon: Lexicon) -> Found | None:
    """A misspelt name: long enough, no word of the grammar, and followed by what follows names."""
    token = tokens.list[at]
    if token.kind != "word" or (token.repaired is False and words_of.is_word(token.text) and token.text != "l"):
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
    return (
        token.kind == "number"
        or token.text in (":", ",", "|", "(")
        or bool({"form", "taken"} & tokens.lexemes[at].keys())
    )


RELEASE = frozenset({"lp", "lm", "cr", "xr", "retard"})


def unknown(tokens: Tokens, at: int, stop: int) -> Found | None:
    """One to four words nobody knows, followed by a strength or a form: a medicine that the lexicon lacks."""
    last = at
    while last < stop and last - at < 4:
        token = tokens.list[last]
        if last > at and {"form", "route"} & tokens.lexemes[last].keys():
            break
        if last > at and len(token.text) == 1 and tokens.text(last, last + 1).isupper():
            last += 1  # « VITAMINE A »
            continue
        if token.text in RELEASE and last > at:
            last += 1
            continue
        if token.kind == "number" and last > at and tokens.glued(last) and tokens.list[last - 1].kind == "word":
            last += 1  # the 3 of « D3 »
            continue
        if (
            token.kind != "word"
            or (words_of.is_word(token.text) and (last == at or token.text not in ("de", "d", "la")))
        ) and not (token.text in ("-", "'") and last > at and tokens.glued(last)):
            break
        last += 1
    if last == at or sum(len(token.text) for token in tokens.list[at:last]) < 4:
        return None
    if last < stop and _told(tokens, _after_brackets(tokens, last, stop), stop):
        return Found(None, tokens.text(at, last), at, last, 0.5, "not in the list of medicines")
    written = tokens.text(at, last)
    if last < stop and last - at <= 2 and (written.isupper() or written.istitle()) and AMOUNT(tokens, last):
        return Found(None, written, at, last, 0.5, "not in the list of medicines")
    return None


def _after_brackets(tokens: Tokens, at: int, stop: int) -> int:
    """The token after `(désogestrel)`, where one stands here."""
    if tokens.list[at].text != "(":
        return at
    return next((place + 1 for place in range(at, min(stop, at + 8)) if tokens.list[place].text == ")"), at)


def _told(tokens: Tokens, at: int, stop: int) -> bool:
    """Here stands what follows names: a strength, a form, a colon; or a number before one of these or a dose."""
    if at >= stop:
        return False
    if STRENGTH(tokens, at) or tokens.lexemes[at].get("form") or tokens.list[at].text == ":":
        return True
    numbered = tokens.list[at].kind == "number" and at + 1 < stop
    return numbered and (tokens.list[at + 1].text in (":", "|") or AMOUNT(tokens, at + 1) is not None)


# strengths ----------------------------------------------------------------------------------------------------------
