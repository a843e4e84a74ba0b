"""The trees of patterns, as `patterns` describes them."""

from __future__ import annotations

from ecrf.engine.characters import CLASSES, CONTROL, Ranges, complement

MAX_LENGTH = 300
MAX_DEPTH = 20

Tree = tuple[object, ...]
"""``("set", ranges) ("cat", [trees]) ("alt", [trees]) ("rep", tree, least, most or None) ("start",) ("end",)``"""


class BadPattern(Exception):
    """The pattern can't be used, from this character on (the first is 1)."""

    def __init__(self, place: int) -> None:
        self.place = place
        super().__init__(f"character {place}")


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
