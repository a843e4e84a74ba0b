"""Words, numbers and signs of a reading, each with its place; letters misread for digits are put right and marked."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from prescriptions.engine.grammar import starts
from prescriptions.engine.text import Reading
from prescriptions.engine.words import lexicon, vocabulary

Kind = Literal["number", "word", "sign"]

SHAPES = re.compile(
    r"""
    (?P<thousands> (?<![a-z])(?<!(?<![\w'])[a-z][ ])\d{1,3}
                   (?:[ ](?!(?:[123]00)[ ]?(?:ui|u|iu|unites?)[ ]?/[ ]?ml)\d{3})+(?![\do])
                 | \d{1,3}(?:\.\d{3}){2,}(?![\do])
                 | [1-9]\d{0,2}\.\d{3}(?=[ ]?(?:ui|u|iu|unites?)\b) )
  | (?P<twofold>   [1-9]\d{0,2}[.,]\d{3}(?![\do.,]) )
  | (?P<number>    (?: \d[\do]* | (?<![a-z])[li](?=[.,]\d|/[2-8](?!\d)) | (?:l|(?<![a-z])i)(?=\d)[\do]*
                     | (?<![a-z])o(?=\d|[.,]\d)[\do]* ) (?:[.,][\do]+)? )
  | (?P<headless>  (?<![\w.,])[.,]\d+(?![\d.,]) )
  | (?P<qsp>       (?<![a-z])q[ ]?\.[ ]?s[ ]?\.[ ]?p(?![a-z])[ ]?\.? )
  | (?P<word>      [^\W\d_]+ )
  | (?P<sign>      \S )
    """,
    re.VERBOSE,
)
INTERNATIONAL = re.compile(r" ?(?:ui|u|iu|unites?)\b")
HEADED_BY_ZERO = re.compile(r"0\d+$")
MOST = 12_000
"""Tokens of one text: forty pages. What follows is left unread, so that no text keeps a core busy for long."""


class Token(NamedTuple):
    """One word, number or sign; `start` and `end` count plain characters of the reading."""

    kind: Kind
    text: str
    start: int
    end: int
    value: float | None = None
    repaired: bool = False
    twofold: bool = False
    """`1.000` of what has no such custom: the point may mark thousands or decimals."""


class Tokens:
    """The tokens of a part of a reading, with the lexicon's entries that start at each of them."""

    __slots__ = (
        "_headed_by_zero", "_repaired", "_twofold", "heads", "lexemes", "list", "memory", "missing", "pairs", "reading",
        "texts", "values",
    )  # fmt: skip

    def __init__(self, reading: Reading, tokens: list[Token]) -> None:
        self.reading = reading
        self.list = tokens
        self.heads = [*("#" if token.kind == "number" else token.text for token in tokens), ""]
        """What a rule may start with: the word itself, # for any number, nothing at the end."""
        self.texts = [*(token.text for token in tokens), ""]
        self.values = [*(token.value for token in tokens), None]
        self.pairs = starts.pairs(self.heads)
        """Each word and the next one, as rules are looked up by."""
        self.missing = starts.missing(set(self.heads))
        """What rules need and this text hasn't; what cannot be found is not looked for."""
        self._repaired = [at for at, token in enumerate(tokens) if token.repaired]
        self._twofold = [at for at, token in enumerate(tokens) if token.twofold]
        self._headed_by_zero = [
            at for at, text in enumerate(self.texts) if text[:1] == "0" and HEADED_BY_ZERO.match(text)
        ]
        self.memory: dict[Any, Any] = {}
        """What the grammar found at each token, so that it never looks twice."""
        self.lexemes = lexicon.entries(self.texts)

    def __len__(self) -> int:
        return len(self.list)

    def text(self, first: int, last: int) -> str:
        """The original characters of tokens [first, last)."""
        return self.reading.slice(self.list[first].start, self.list[last - 1].end) if first < last else ""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The original span of tokens [first, last)."""
        return self.reading.span(self.list[first].start, self.list[last - 1].end)

    def glued(self, at: int) -> bool:
        """No space before this token."""
        return at > 0 and self.list[at - 1].end == self.list[at].start

    def repaired(self, first: int, last: int) -> bool:
        return _among(self._repaired, first, last)

    def headed_by_zero(self, first: int, last: int) -> bool:
        """A number such as `025` among tokens [first, last): its decimal sign may be lost."""
        return _among(self._headed_by_zero, first, last)

    def twofold(self, first: int, last: int) -> bool:
        return _among(self._twofold, first, last)


def _among(places: list[int], first: int, last: int) -> bool:
    return bool(places) and any(first <= at < last for at in places)


def tokenise(
    reading: Reading, start: int = 0, end: int | None = None, *, known: frozenset[str] = frozenset()
) -> Tokens:
    """The tokens between two plain places. Words of `known` (medicines' names) are left as they are written."""
    stop = len(reading.plain) if end is None else end
    tokens: list[Token] = []
    plain, mended = _letters(reading.plain, known)
    for shape in SHAPES.finditer(plain, start, stop):
        if len(tokens) >= MOST:
            break
        text, kind = shape[0], shape.lastgroup
        first, last = shape.span()
        if kind == "word" and (lexicon.is_word(text) or text in known):
            tokens.append(Token("word", text, first, last, None, first in mended))
        elif kind == "word":
            found = _words(text, first, last, bool(tokens) and tokens[-1].end == first, known)
            tokens.extend(token._replace(repaired=True) for token in found) if first in mended else tokens.extend(found)
        elif kind == "qsp":
            tokens.append(Token("word", "qsp", first, last))
        elif kind == "sign":
            if text == "." and tokens and tokens[-1].end == first and lexicon.is_abbreviation(tokens[-1].text):
                continue
            tokens.append(Token("sign", text, first, last))
        else:
            number = _number(text, first, last, str(kind))
            if " " in text and not text.endswith("000") and not INTERNATIONAL.match(plain, last):
                number = number._replace(twofold=True)  # « 2 500 mg » may be two of 500
            tokens.append(number)
    return Tokens(reading, _ones(tokens))


MIXED = re.compile(r"(?<![a-z0-9])[a-z]+[015][a-z015]*(?![a-z0-9])")


def _letters(plain: str, known: frozenset[str]) -> tuple[str, frozenset[int]]:
    """Figures misread inside words put right (`mat1n`, `s0ir`), and where those words begin."""
    begins: set[int] = set()

    def mend(match: re.Match[str]) -> str:
        text = match[0]
        if len(text) > 3 and sum(character.isalpha() for character in text) > 2:
            for one in ("i", "l"):
                better = text.replace("0", "o").replace("5", "s").replace("1", one)
                if lexicon.is_word(better) or better in known:
                    begins.add(match.start())
                    return better
        return text

    return MIXED.sub(mend, plain), frozenset(begins)


def _number(text: str, start: int, end: int, shape: str) -> Token:
    """The value of digits: spaces mark thousands, and so do points in international units (`10.000 UI`)."""
    digits = text.replace("o", "0").replace("l", "1").replace("i", "1").replace(" ", "")
    if shape == "headless":  # « .5 mg »: a zero is understood, or a figure was lost
        return Token("number", digits, start, end, float("0" + digits.replace(",", ".")), True)
    if shape == "thousands":
        digits = digits.replace(".", "")
    value = float(digits.replace(",", "."))
    return Token("number", digits, start, end, value, any(letter in text for letter in "oli"), shape == "twofold")


def _words(text: str, start: int, end: int, glued: bool, known: frozenset[str]) -> list[Token]:
    """Of letters that are no known word: one word, or several that were typed without spaces (`cpx`, `jpdt`)."""
    if alias := vocabulary.ALIASES.get(text):
        return [Token("word", alias, start, end)]
    if text[0] in "li" and (lexicon.is_form_unit(text[1:]) or text[1:] == "g") and not glued:
        return [Token("number", "1", start, start + 1, 1.0, True), Token("word", text[1:], start + 1, end)]
    if (glued or len(text) <= 8) and (parts := lexicon.split(text)):
        tokens = []
        for part in parts:
            tokens.append(Token("word", part, start, start + len(part)))
            start += len(part)
        return tokens
    if better := _misread_name(text, known) or lexicon.repair(text):
        return [Token("word", better, start, end, repaired=True)]
    return [Token("word", text, start, end)]


LOOK_ALIKE = (("rn", "m"), ("l", "i"), ("i", "l"), ("ii", "n"), ("vv", "w"), ("cl", "d"), ("c", "e"), ("e", "c"))
SHORTEST_NAME = 6


def _misread_name(text: str, known: frozenset[str]) -> str:
    """The medicine's name that a word becomes when one letter of it is read again; empty when none."""
    if len(text) < SHORTEST_NAME:
        return ""
    for wrong, right in LOOK_ALIKE:
        at = text.find(wrong)
        while at >= 0:
            if (better := text[:at] + right + text[at + len(wrong) :]) in known:
                return better
            at = text.find(wrong, at + 1)
    return ""


def _counted(tokens: list[Token], at: int) -> Token:
    """What a number here would count: the unit after `à 2` in `l à 2 sachets`."""
    ranged = at + 2 < len(tokens) and tokens[at].text in ("a", "ou", "-") and tokens[at + 1].kind == "number"
    return tokens[at + 2] if ranged else tokens[at]


MISREAD_UNITS = {"ep": "cp", "eps": "cps", "op": "cp", "gei": "gel"}
"""What faxes make of units after a number."""


LIKE_TEN = re.compile("[li]o{0,3}")
MEASURES = frozenset({"mg", "g", "ml", "ui", "cp", "gouttes", "gttes", "µg"})


def _ones(tokens: list[Token]) -> list[Token]:
    """A lone l, i or | before a unit of dose is a misread 1; a unit that a fax misread is put right."""
    for at, token in enumerate(tokens):
        if token.text in MISREAD_UNITS and at and tokens[at - 1].kind == "number":
            tokens[at] = token._replace(text=MISREAD_UNITS[token.text], repaired=True)
        if (
            token.text[0] in "li"
            and LIKE_TEN.fullmatch(token.text)
            and at + 1 < len(tokens)
            and tokens[at + 1].text in MEASURES
        ):
            value = 10.0 ** (len(token.text) - 1)
            tokens[at] = Token("number", f"{value:.0f}", token.start, token.end, value, repaired=True)
    for at, token in enumerate(tokens[:-1]):
        if token.text not in ("l", "i", "|"):
            continue
        follower = _counted(tokens, at + 1)
        if follower.kind == "word" and lexicon.is_form_unit(follower.text):
            before = tokens[at - 1] if at else None
            if before is None or not (before.kind == "number" or before.text in ("m", "/", "d")):
                if token.text == "|" and before is not None and before.kind != "sign" and token.end < follower.start:
                    continue  # a column of a table
                tokens[at] = Token("number", "1", token.start, token.end, 1.0, repaired=True)
    return tokens
