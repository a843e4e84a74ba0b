"""Parser combinators over tokens: each parser knows the words it may start with, so that few are ever tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import lexicon


class Match(NamedTuple):
    """What was read, and the token after it."""

    value: Any
    end: int


Run = Callable[[Tokens, int], Match | None]


Needs = tuple[frozenset[str], ...]
"""Sets of words (# for a number), one at least of each of which stands in any text where a parser may read anything."""


class Parser:
    """A way to read something at a place. `heads`: the words (# for a number) it may start with, None for any."""

    __slots__ = ("chosen", "heads", "needs", "optional", "run")

    def __init__(
        self,
        run: Run,
        heads: frozenset[str] | None,
        optional: bool = False,
        needs: Needs | None = None,
        chosen: Run | None = None,
    ) -> None:
        self.run = run
        self.chosen = chosen or run
        """The same where somebody has looked at the head already."""
        self.heads = heads
        self.optional = optional
        self.needs: Needs = needs if needs is not None else (heads,) if heads and not optional else ()

    def possible(self, words: frozenset[str]) -> bool:
        """Whether it might read anything in a text of these words."""
        for need in self.needs:  # noqa: SIM110 - asked some hundred times a line
            if need.isdisjoint(words):
                return False
        return True

    def __call__(self, tokens: Tokens, at: int) -> Match | None:
        return self.run(tokens, at)

    def __or__(self, other: Parser) -> Parser:
        return either(self, other)

    def to(self, build: Callable[[Any], Any]) -> Parser:
        """The same, with its value changed; None refuses."""

        def built(inner: Run) -> Run:
            def run(tokens: Tokens, at: int) -> Match | None:
                found = inner(tokens, at)
                if found is None:
                    return None
                value = build(found[0])
                return None if value is None else Match(value, found[1])

            return run

        return Parser(built(self.run), self.heads, self.optional, self.needs, built(self.chosen))

    def gives(self, value: Any) -> Parser:
        return self.to(lambda _: value)


def words(*choices: str) -> Parser:
    """One of these words or phrases; the longest that fits. Its value is the phrase."""
    table: dict[str, list[tuple[list[str], str]]] = {}
    for choice in choices:
        parts = lexicon.parts(choice)
        table.setdefault(parts[0], []).append((parts, " ".join(parts)))
    for phrases in table.values():
        phrases.sort(key=lambda phrase: -len(phrase[0]))

    def run(tokens: Tokens, at: int) -> Match | None:
        texts = tokens.texts
        if at >= len(texts):
            return None
        for parts, phrase in table.get(texts[at], ()):
            end = at + len(parts)
            if texts[at:end] == parts:
                return Match(phrase, end)
        return None

    heads = frozenset(table)
    numbered = frozenset({"#"}) if any(head.isdigit() for head in heads) else frozenset[str]()
    return Parser(run, heads, needs=(heads | numbered,))


def entry(category: str) -> Parser:
    """An entry of the lexicon; its value is what the entry means."""

    def run(tokens: Tokens, at: int) -> Match | None:
        if at >= len(tokens.list):
            return None
        found = tokens.lexemes[at].get(category)
        return Match(found.value, at + found.length) if found else None

    return Parser(run, lexicon.heads(category))


def digits(accept: Callable[[float], bool] = lambda _: True) -> Parser:
    """A number in digits."""

    def run(tokens: Tokens, at: int) -> Match | None:
        if at >= len(tokens.list):
            return None
        token = tokens.list[at]
        if token.value is None or not accept(token.value):
            return None
        return Match(token.value, at + 1)

    return Parser(run, frozenset({"#"}))


def two_digits(accept: Callable[[float], bool]) -> Parser:
    """A number written with two digits: the minutes of `8 h 05`, not the dose of `8 h 5 mg`."""
    number = digits(accept)

    def run(tokens: Tokens, at: int) -> Match | None:
        return number.run(tokens, at) if at < len(tokens.list) and len(tokens.list[at].text) == 2 else None

    return Parser(run, number.heads)


def sequence(*parsers: Parser) -> Parser:
    """One after the other; the value is the tuple of their values."""

    heads = _first(parsers)
    skippable = all(parser.optional for parser in parsers)
    runs = tuple(parser.run for parser in parsers)

    def run(tokens: Tokens, at: int) -> Match | None:
        if heads is not None and not skippable and tokens.heads[at] not in heads:
            return None
        return chosen(tokens, at)

    def chosen(tokens: Tokens, at: int) -> Match | None:
        values = []
        for one in runs:
            found = one(tokens, at)
            if found is None:
                return None
            values.append(found[0])
            at = found[1]
        return Match(tuple(values), at)

    needs = {need for parser in parsers for need in parser.needs}
    return Parser(run, heads, skippable, tuple(sorted(needs, key=len)[:MOST_NEEDS]), chosen)


MOST_NEEDS = 4
"""The rarest words tell most: more of them would cost more than they spare."""


def _first(parsers: tuple[Parser, ...]) -> frozenset[str] | None:
    heads: frozenset[str] = frozenset()
    for parser in parsers:
        if parser.heads is None:
            return None
        heads |= parser.heads
        if not parser.optional:
            break
    return heads


def either(*parsers: Parser) -> Parser:
    """The choice that reads furthest; of equals the first. Choices that the text's words rule out are not tried."""

    anywhere = tuple(parser for parser in parsers if parser.heads is None or parser.optional)
    table: dict[str, tuple[Parser, ...]] = {
        head: tuple(parser for parser in parsers if parser.heads is None or parser.optional or head in parser.heads)
        for head in {head for parser in parsers for head in parser.heads or ()}
    }
    key = object()

    def run(tokens: Tokens, at: int) -> Match | None:
        head = tokens.heads[at]
        tried = tokens.memory.get((key, head))
        if tried is None:
            tried = tuple(parser.chosen for parser in table.get(head, anywhere) if parser.possible(tokens.words))
            tokens.memory[key, head] = tried
        best: Match | None = None
        for one in tried:
            found = one(tokens, at)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
        return best

    heads: frozenset[str] | None = frozenset()
    for parser in parsers:
        heads = None if heads is None or parser.heads is None else heads | parser.heads
    optional = any(parser.optional for parser in parsers)
    needs: Needs = ()
    if not optional and all(parser.needs for parser in parsers):
        needs = (frozenset().union(*(min(parser.needs, key=len) for parser in parsers)),)
    return Parser(run, heads, optional, needs)


def maybe(parser: Parser, default: Any = None) -> Parser:
    """This or nothing."""

    heads = parser.heads if not parser.optional else None
    inner = parser.run

    def run(tokens: Tokens, at: int) -> Match | None:
        if heads is not None and tokens.heads[at] not in heads:
            return Match(default, at)
        return inner(tokens, at) or Match(default, at)

    return Parser(run, parser.heads, optional=True, needs=())


def remembered(parser: Parser) -> Parser:
    """The same, asked once at each token."""
    key = object()

    def run(tokens: Tokens, at: int) -> Match | None:
        known = tokens.memory.get((key, at), key)
        if known is key:
            known = tokens.memory[key, at] = parser.run(tokens, at)
        return cast("Match | None", known)

    return Parser(run, parser.heads, parser.optional, parser.needs)


MOST = 24
"""No list of a posology is longer. Without a bound, a line of a thousand dashes would be read a thousand times."""


def several(item: Parser, between: Parser, least: int = 1) -> Parser:
    """A list of items; the value is the list. `between` may be empty; an item never is."""

    def run(tokens: Tokens, at: int) -> Match | None:
        values: list[Any] = []
        end = at
        while len(values) < MOST:
            found = item.run(tokens, at)
            if found is None or found.end == at:
                break
            values.append(found.value)
            end = found.end
            link = between.run(tokens, end)
            if link is None:
                break
            at = link.end
        return Match(values, end) if len(values) >= least else None

    return Parser(run, item.heads, needs=item.needs)


def before(parser: Parser) -> Parser:
    """This follows, and is not taken."""

    def run(tokens: Tokens, at: int) -> Match | None:
        return Match(None, at) if parser.run(tokens, at) else None

    return Parser(run, parser.heads, optional=True, needs=parser.needs)


def not_before(parser: Parser) -> Parser:
    """This does not follow."""

    def run(tokens: Tokens, at: int) -> Match | None:
        return None if parser.run(tokens, at) else Match(None, at)

    return Parser(run, None, optional=True)


def not_after(*texts: str) -> Parser:
    """The token before is none of these."""

    def run(tokens: Tokens, at: int) -> Match | None:
        return None if at and tokens.list[at - 1].text in texts else Match(None, at)

    return Parser(run, None, optional=True)


def lazy(make: Callable[[], Parser], heads: frozenset[str] | None = None) -> Parser:
    """A parser that is named before it is written."""
    return Parser(lambda tokens, at: make().run(tokens, at), heads)


def end_of_part(tokens: Tokens, at: int) -> Match | None:
    """Here a part of the line ends: the end itself, or a separating sign."""
    if at >= len(tokens.list) or tokens.list[at].text in (",", ";", ".", "|", ")", "(", "-", ":", "\n", "·", "•"):
        return Match(None, at)
    return None


BOUNDARY = Parser(end_of_part, None, optional=True)


NOTHING = Parser(lambda _tokens, at: Match(None, at), frozenset(), optional=True)
