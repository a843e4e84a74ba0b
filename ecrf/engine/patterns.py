"""Regular expressions that always end quickly: matched whole, by an automaton, the same here and in the browser.

A part of what regular expressions are elsewhere: characters, ``.``, classes ``[A-Z]`` ``[^0-9]``, ``\\d \\w \\s`` and
their opposites (ASCII), groups ``( )`` and ``(?: )``, ``|``, ``? * + {m} {m,} {m,n}``, ``^`` and ``$``. Nothing that
looks around, back, or at the case of letters. A text is read once, whatever the pattern: there is no backtracking.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

MAX_LENGTH = 300
MAX_STATES = 1000
MAX_DEPTH = 20
MAX_CACHED = 20_000
LAST = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]
Tree = tuple[object, ...]
"""``("set", ranges) ("cat", [trees]) ("alt", [trees]) ("rep", tree, least, most or None) ("start",) ("end",)``"""

DIGITS: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACE: Ranges = ((9, 13), (32, 32))
CLASSES: dict[str, Ranges] = {"d": DIGITS, "w": WORD, "s": SPACE}
CONTROL = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11}


class BadPattern(Exception):
    """The pattern can't be used, from this character on (the first is 1)."""

    def __init__(self, place: int) -> None:
        self.place = place
        super().__init__(f"character {place}")


def complement(ranges: Ranges) -> Ranges:
    found, first = [], 0
    for low, high in sorted(ranges):
        if low > first:
            found.append((first, low - 1))
        first = max(first, high + 1)
    return (*found, (first, LAST)) if first <= LAST else tuple(found)


class Parser:
    def __init__(self, source: str) -> None:
        self.source, self.place = source, 0

    def peek(self) -> str:
        return self.source[self.place] if self.place < len(self.source) else ""

    def take(self) -> str:
        found = self.peek()
        self.place += 1
        return found

    def bad(self) -> BadPattern:
        return BadPattern(min(self.place, len(self.source)) or 1)

    def alternatives(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise self.bad()
        found = [self.sequence(depth)]
        while self.peek() == "|":
            self.take()
            found.append(self.sequence(depth))
        return ("alt", found) if len(found) > 1 else found[0]

    def sequence(self, depth: int) -> Tree:
        parts: list[Tree] = []
        while self.peek() not in ("", "|", ")"):
            part = self.atom(depth)
            if self.peek() in ("*", "+", "?", "{"):
                if part[0] in ("start", "end"):
                    self.take()
                    raise self.bad()
                part = ("rep", part, *self.times())
                if self.peek() == "?":  # lazy or not, the whole text matches or it doesn't
                    self.take()
                if self.peek() in ("*", "+", "?", "{"):
                    self.take()
                    raise self.bad()
            parts.append(part)
        return ("cat", parts)

    def times(self) -> tuple[int, int | None]:
        sign = self.take()
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        least = self.number()
        most: int | None = least
        if self.peek() == ",":
            self.take()
            most = None if self.peek() == "}" else self.number()
        if self.take() != "}" or (most is not None and most < least):
            raise self.bad()
        return least, most

    def number(self) -> int:
        digits = ""
        while self.peek() and self.peek() in "0123456789" and len(digits) < 4:
            digits += self.take()
        if not digits:
            self.take()
            raise self.bad()
        return int(digits)

    def atom(self, depth: int) -> Tree:
        sign = self.take()
        if sign == "(":
            if self.peek() == "?":
                self.take()
                if self.take() != ":":
                    raise self.bad()
            inside = self.alternatives(depth + 1)
            if self.take() != ")":
                raise self.bad()
            return inside
        if sign == "[":
            return ("set", self.characters())
        if sign == ".":
            return ("set", complement(((10, 10),)))
        if sign in ("^", "$"):
            return ("start",) if sign == "^" else ("end",)
        if sign == "\\":
            return ("set", self.escaped())
        if sign in ("*", "+", "?", "{", "}", "]"):
            raise self.bad()
        return ("set", ((ord(sign), ord(sign)),))

    def escaped(self) -> Ranges:
        sign = self.take()
        if sign.lower() in CLASSES and sign:
            return CLASSES[sign] if sign in CLASSES else complement(CLASSES[sign.lower()])
        if sign in CONTROL:
            return ((CONTROL[sign], CONTROL[sign]),)
        if not sign or (sign.isascii() and sign.isalnum()):
            raise self.bad()
        return ((ord(sign), ord(sign)),)

    def characters(self) -> Ranges:
        negative = self.peek() == "^"
        if negative:
            self.take()
        found: list[tuple[int, int]] = []
        while self.peek() != "]":
            low = self.one()
            if self.peek() == "-" and self.source[self.place + 1 : self.place + 2] not in ("]", ""):
                self.take()
                high = self.one()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1]:
                    raise self.bad()
                if high[0][0] < low[0][0]:
                    raise self.bad()
                found.append((low[0][0], high[0][0]))
            else:
                found += low
        self.take()
        if not found:
            raise self.bad()
        return complement(tuple(found)) if negative else tuple(found)

    def one(self) -> Ranges:
        sign = self.take()
        if sign in ("", "["):
            raise self.bad()
        return self.escaped() if sign == "\\" else ((ord(sign), ord(sign)),)


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
