"""Parser combinators over tokens: each parser knows what it may start with (`starts`), so that few are ever tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from prescriptions.engine.grammar import starts
from prescriptions.engine.grammar.starts import Start, Words
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import lexicon

T = TypeVar("T")


class Match(NamedTuple):
    """What was read, and the token after it."""

    value: Any
    end: int


Read = tuple[Any, int]
"""A match as the combinators hand it to each other: they make some hundred of them a line."""
Run = Callable[[Tokens, int], Read | None]
Needs = tuple[frozenset[str], ...]
"""Sets of words (# for a number), one at least of each of which stands in any text where a parser may read anything."""


class Parser:
    """A way to read something at a place; `start` is what its readings begin with."""

    __slots__ = ("heads", "needs", "run", "skipped", "start")

    def __init__(
        self,
        run: Run,
        start: Start = starts.ANYTHING,
        needs: Needs | None = None,
        *,
        skipped: tuple[Words, Any] | None = None,
    ) -> None:
        self.run = run
        self.start = start
        starts.know(start)
        self.heads = start.heads
        """The words it must begin with, None for any."""
        self.needs: Needs = needs if needs is not None else (self.heads,) if self.heads else ()
        self.skipped = skipped
        """Of what may be missing: the words it must begin with to be there, and its value where it isn't."""

    def __call__(self, tokens: Tokens, at: int) -> Match | None:
        if self.heads is not None and tokens.heads[at] not in self.heads:
            return None
        found = self.run(tokens, at)
        return None if found is None else Match(*found)

    def __or__(self, other: Parser) -> Parser:
        return either(self, other)

    def to(self, build: Callable[[Any], Any]) -> Parser:
        """The same, with its value changed; None refuses."""

        inner = self.run

        def run(tokens: Tokens, at: int) -> Read | None:
            found = inner(tokens, at)
            if found is None:
                return None
            value = build(found[0])
            return None if value is None else (value, found[1])

        return Parser(run, self.start, self.needs)

    def gives(self, value: Any) -> Parser:
        return self.to(lambda _: value)


class Choices(dict[tuple[str, str], tuple[tuple[int, T], ...]], Generic[T]):
    """Things that begin with parsers: by two words, those whose parser may read something there.

    Each comes after the mark of what it needs elsewhere in the text. What is known of a pair is kept.
    """

    def __init__(self, things: list[tuple[Parser, T]]) -> None:
        self._all = [
            (parser.start, sum(starts.need(words) for words in set(parser.needs)), thing) for parser, thing in things
        ]

    def __missing__(self, pair: tuple[str, str]) -> tuple[tuple[int, T], ...]:
        if len(self) >= MOST_PAIRS:
            self.clear()
        found = self[pair] = tuple((needs, thing) for start, needs, thing in self._all if start.allows(pair))
        return found


MOST_PAIRS = 10_000


def check(holds: Callable[[Tokens, int], bool]) -> Parser:
    """Takes nothing, where this holds."""
    return Parser(lambda tokens, at: (None, at) if holds(tokens, at) else None, starts.NOTHING)


def words(*choices: str) -> Parser:
    """One of these words or phrases; the longest that fits. Its value is the phrase."""
    table: dict[str, list[tuple[list[str], int, str]]] = {}
    for choice in choices:
        head, *rest = lexicon.parts(choice)
        table.setdefault(head, []).append((rest, 1 + len(rest), " ".join([head, *rest])))
    for phrases in table.values():
        phrases.sort(key=lambda phrase: -phrase[1])

    def run(tokens: Tokens, at: int) -> Read | None:
        texts = tokens.texts
        for rest, length, phrase in table.get(texts[at], ()):
            if not rest or texts[at + 1 : at + length] == rest:
                return phrase, at + length
        return None

    numbered = frozenset("#") if any(head.isdigit() for head in table) else starts.NO_WORD
    return Parser(run, starts.phrases(map(lexicon.parts, choices)), (frozenset(table) | numbered,))


def entry(category: str) -> Parser:
    """An entry of the lexicon; its value is what the entry means."""

    def run(tokens: Tokens, at: int) -> Read | None:
        found = tokens.lexemes[at].get(category)
        return (found[0], at + found[1]) if found else None

    return Parser(run, starts.phrases(lexicon.phrases(category)))


NUMBER = starts.phrases(["#"])


def digits(accept: Callable[[float], bool] | None = None) -> Parser:
    """A number in digits."""

    def run(tokens: Tokens, at: int) -> Read | None:
        value = tokens.values[at]
        return None if value is None or (accept and not accept(value)) else (value, at + 1)

    return Parser(run, NUMBER)


def two_digits(accept: Callable[[float], bool]) -> Parser:
    """A number written with two digits: the minutes of `8 h 05`, not the dose of `8 h 5 mg`."""
    number = digits(accept).run
    return Parser(lambda tokens, at: number(tokens, at) if len(tokens.texts[at]) == 2 else None, NUMBER)


def sequence(*parsers: Parser) -> Parser:
    """One after the other; the value is the tuple of their values."""

    steps = tuple(
        (parser.run, *parser.skipped, True) if parser.skipped else (parser.run, parser.heads, None, False)
        for parser in parsers
    )

    def run(tokens: Tokens, at: int) -> Read | None:
        values = []
        words = tokens.heads
        for one, heads, default, may_miss in steps:
            if heads is not None and words[at] not in heads:
                if not may_miss:
                    return None
                values.append(default)
                continue
            found = one(tokens, at)
            if found is None:
                return None
            value, at = found
            values.append(value)
        return tuple(values), at

    start = starts.sequence([parser.start for parser in parsers])
    return Parser(run, start, tuple(dict.fromkeys(need for parser in parsers for need in parser.needs)))


def either(*parsers: Parser) -> Parser:
    """The choice that reads furthest; of equals the first. Choices that the text's words rule out are not tried."""

    choices = Choices([(parser, parser.run) for parser in parsers])

    def run(tokens: Tokens, at: int) -> Read | None:
        best: Read | None = None
        missing = tokens.missing
        for needs, one in choices[tokens.pairs[at]]:
            if not needs & missing:
                found = one(tokens, at)
                if found is not None and (best is None or found[1] > best[1]):
                    best = found
        return best

    start = starts.either(parser.start for parser in parsers)
    needs: Needs = ()
    if not start.empty and all(parser.needs for parser in parsers):
        needs = (frozenset().union(*(min(parser.needs, key=len) for parser in parsers)),)
    return Parser(run, start, needs)


def maybe(parser: Parser, default: Any = None) -> Parser:
    """This or nothing."""
    inner = parser.run
    return Parser(
        lambda tokens, at: inner(tokens, at) or (default, at),
        parser.start._replace(empty=True),
        (),
        skipped=(parser.heads, default),
    )


def remembered(parser: Parser) -> Parser:
    """The same, asked once at each token."""
    key = object()
    inner = parser.run

    def run(tokens: Tokens, at: int) -> Read | None:
        memory = tokens.memory
        known = memory.get((key, at), key)
        if known is key:
            known = memory[key, at] = inner(tokens, at)
        return known  # type: ignore[no-any-return]

    return Parser(run, parser.start, parser.needs)


MOST = 24
"""No list of a posology is longer. Without a bound, a line of a thousand dashes would be read a thousand times."""


def several(item: Parser, between: Parser, least: int = 1) -> Parser:
    """A list of items; the value is the list. `between` may be empty; an item never is."""

    def run(tokens: Tokens, at: int) -> Read | None:
        values: list[Any] = []
        end = at
        while len(values) < MOST:
            found = item.run(tokens, at)
            if found is None or found[1] == at:
                break
            value, end = found
            values.append(value)
            link = between.run(tokens, end)
            if link is None:
                break
            at = link[1]
        return (values, end) if len(values) >= least else None

    start = starts.sequence([item.start, between.start, item.start])
    if least < 2:
        start = starts.either([item.start, start])
    return Parser(run, start._replace(empty=False), item.needs + (between.needs if least > 1 else ()))


def before(parser: Parser) -> Parser:
    """This follows, and is not taken."""

    def run(tokens: Tokens, at: int) -> Read | None:
        return (None, at) if parser.run(tokens, at) else None

    return Parser(run, starts.seen(parser.start), parser.needs)


def not_before(parser: Parser) -> Parser:
    """This does not follow."""
    return check(lambda tokens, at: not parser.run(tokens, at))


def not_after(*texts: str) -> Parser:
    """The token before is none of these."""
    return check(lambda tokens, at: not at or tokens.texts[at - 1] not in texts)


BOUNDARY = check(lambda tokens, at: tokens.texts[at] in ("", ",", ";", ".", "|", ")", "(", "-", ":", "\n", "·", "•"))
"""Here a part of the line ends: the end itself, or a separating sign."""
NOTHING = check(lambda _tokens, _at: True)
