"""Regular expressions that always end quickly: matched whole, by an automaton, the same here and in the browser.

A part of what regular expressions are elsewhere: characters, ``.``, classes ``[A-Z]`` ``[^0-9]``, ``\\d \\w \\s`` and
their opposites (ASCII), groups ``( )`` and ``(?: )``, ``|``, ``? * + {m} {m,} {m,n}``, ``^`` and ``$``. Nothing that
looks around, back, or at the case of letters. A text is read once, whatever the pattern: there is no backtracking.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from ecrf.engine.characters import Ranges
from ecrf.engine.pattern_syntax import MAX_LENGTH, BadPattern, Parser, Tree

__all__ = ["BadPattern", "Pattern", "compile_pattern", "wrong"]

MAX_STATES = 1000
MAX_CACHED = 20_000


@dataclass
class Pattern:
    """States by number: ``sets`` reads a character on the way to ``ways``; without, the ways are free."""

    sets: list[Ranges | None] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    ways: list[list[int]] = field(default_factory=list)
    accept: int = 0
    first: frozenset[int] = frozenset()
    steps: dict[tuple[frozenset[int], str], frozenset[int]] = field(default_factory=dict)
    known: dict[frozenset[int], frozenset[int]] = field(default_factory=dict)

    def state(self, ways: list[int], ranges: Ranges | None = None, guard: str = "") -> int:
        if len(self.sets) >= MAX_STATES:
            raise BadPattern(1)
        self.sets.append(ranges)
        self.guards.append(guard)
        self.ways.append(ways)
        return len(self.sets) - 1

    def build(self, tree: Tree, then: int) -> int:
        """The state from which the tree's texts lead to `then`."""
        head = tree[0]
        if head == "set":
            return self.state([then], tree[1])  # type: ignore[arg-type]
        if head in ("start", "end"):
            return self.state([then], guard=str(head))
        if head == "cat":
            for part in reversed(tree[1]):  # type: ignore[call-overload]
                then = self.build(part, then)
            return then
        if head == "alt":
            return self.state([self.build(part, then) for part in tree[1]])  # type: ignore[attr-defined]
        _, part, least, most = tree
        assert isinstance(part, tuple)
        assert isinstance(least, int)
        if most is None:
            loop = self.state([])
            self.ways[loop] = [self.build(part, loop), then]
            then = loop
        else:
            after = then
            for _ in range(int(str(most)) - least):
                then = self.state([self.build(part, then), after])
        for _ in range(least):
            then = self.build(part, then)
        return then

    def closure(self, states: set[int], open_guards: tuple[str, ...] = ()) -> frozenset[int]:
        found, left = set(states), list(states)
        while left:
            state = left.pop()
            if self.sets[state] is None and (not self.guards[state] or self.guards[state] in open_guards):
                for way in self.ways[state]:
                    if way not in found:
                        found.add(way)
                        left.append(way)
        return frozenset(found)

    def step(self, states: frozenset[int], sign: str) -> frozenset[int]:
        code = ord(sign)
        reached = {
            self.ways[state][0]
            for state in states
            if (ranges := self.sets[state]) is not None and any(low <= code <= high for low, high in ranges)
        }
        if len(self.steps) >= MAX_CACHED:
            self.steps.clear()
            self.known.clear()
        found = self.closure(reached)
        found = self.steps[states, sign] = self.known.setdefault(found, found)
        return found

    def matches(self, text: str) -> bool:
        """Whether the whole text is one of the pattern's."""
        states = self.first
        steps = self.steps
        for sign in text:
            following = steps.get((states, sign))
            states = self.step(states, sign) if following is None else following
            if not states:
                return False
        return self.accept in self.closure(set(states), ("end",) if text else ("start", "end"))


@lru_cache(maxsize=512)
def compile_pattern(source: str) -> Pattern:
    """Raises BadPattern."""
    if len(source) > MAX_LENGTH:
        raise BadPattern(MAX_LENGTH)
    parser = Parser(source)
    tree = parser.alternatives(0)
    if parser.peek():
        parser.take()
        raise parser.bad()
    pattern = Pattern()
    pattern.accept = pattern.state([])
    pattern.first = pattern.closure({pattern.build(tree, pattern.accept)}, ("start",))
    return pattern


def wrong(source: str) -> int | None:
    """The character from which a pattern can't be used; None for one that can."""
    try:
        compile_pattern(source)
    except BadPattern as bad:
        return bad.place
    return None
