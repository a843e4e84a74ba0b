"""Read REDCap's logic and calculations (``[sbp] > 140 and [sex] = '1'``) into a plain tree; types come in `lowering`.

``("number", text) ("text", text) ("field", name, code, event) ("call", name, [trees]) ("binary", op, a, b)
("unary", op, a) ("typed", node, type)``, and of XPath ``("rows", name)``: an item of the rows of a repeat.
"""

from __future__ import annotations

import re
from typing import Any

from ecrf.engine.expressions.operators import MAX_DEPTH
from ecrf.engine.redcap.logic_tokens import LogicError, tokens

Tree = tuple[Any, ...]

MAX_LENGTH = 100_000
MAX_NESTING = 80
FIELD = re.compile(
    r"([a-z][a-z0-9_]*)(?:\(\s*([A-Za-z0-9_.-]+)\s*\))?(?::(value|label|checked|unchecked))?", re.IGNORECASE
)
EVENTS = ("event-name", "previous-event-name", "first-event-name", "last-event-name")
INSTANCE = re.compile(r"[0-9]+|[a-z]+-instance", re.IGNORECASE)
EVENT = re.compile(r"[a-z0-9_]+|" + "|".join(EVENTS), re.IGNORECASE)
ALONE: dict[str, Tree] = {
    "event-name": ("typed", ["event"], "text"),
    "current-instance": ("typed", ["instance"], "number"),
}
"""Smart variables that stand by themselves."""
MOMENTS: dict[str, Tree] = {"today": ("typed", ["today"], "date"), "now": ("typed", ["now"], "datetime")}
SAME_AS = {"==": "=", "!=": "<>", "&&": "and", "||": "or"}
LEVELS = {"or": 1, "and": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVELS |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "^": 8}


def parse(text: str) -> Tree:
    """The tree of a logic. Raises LogicError."""
    if len(text) > MAX_LENGTH:
        raise LogicError("expression_too_deep")
    parser = Parser(tokens(text))
    tree = parser.expression(0, 0)
    if parser.place < len(parser.tokens):
        raise LogicError("unexpected", near=parser.tokens[parser.place][1][:30])
    return tree


class Parser:
    def __init__(self, found: list[tuple[str, str]]) -> None:
        self.tokens, self.place = found, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.place += 1
        return token

    def expect(self, sign: str) -> None:
        kind, text = self.take()
        if kind != "sign" or text != sign:
            raise LogicError("expected", wanted=sign, near=text[:30] or "…")

    def operator(self) -> str | None:
        kind, text = self.peek()
        text = SAME_AS.get(text, text.lower() if kind == "word" else text)
        return text if kind in ("sign", "word") and text in LEVELS else None

    def expression(self, above: int, depth: int) -> Tree:
        if depth > MAX_NESTING:
            raise LogicError("expression_too_deep")
        left = self.operand(depth)
        while (sign := self.operator()) and LEVELS[sign] > above:
            self.take()
            level = LEVELS[sign]
            right = self.expression(level - 1 if sign == "^" else level, depth + 1)
            left = ("binary", sign, left, right)
        return left

    def operand(self, depth: int) -> Tree:
        kind, text = self.take()
        word = text.lower()
        if kind == "number":
            return ("number", text)
        if kind == "text":
            return ("text", text[1:-1])
        if kind == "field":
            return self.field(text)
        if kind == "sign" and text in "-+":
            inside = self.expression(7, depth + 1)
            return ("unary", "neg", inside) if text == "-" else inside
        if text == "!" or (word == "not" and kind == "word"):
            return ("unary", "not", self.expression(3, depth + 1))
        if text == "(":
            inside = self.expression(0, depth + 1)
            self.expect(")")
            return inside
        if kind == "word" and self.peek() == ("sign", "("):
            self.take()
            arguments = self.arguments(depth)
            return MOMENTS[word] if word in MOMENTS and not arguments else ("call", word, arguments)
        if kind == "word" and word in ("true", "false"):
            return ("boolean", word == "true")
        if kind == "word" and word in MOMENTS:
            return MOMENTS[word]
        raise LogicError("unexpected", near=text[:30] or "…")

    def arguments(self, depth: int) -> list[Tree]:
        found: list[Tree] = []
        if self.peek() == ("sign", ")"):
            self.take()
            return found
        while True:
            found.append(self.expression(0, depth + 1))
            kind, text = self.take()
            if (kind, text) == ("sign", ")"):
                return found
            if (kind, text) != ("sign", ","):
                raise LogicError("expected", wanted=")", near=text[:30] or "…")

    def field(self, text: str) -> Tree:
        """``[field]``, at another event ``[event][field]``, and with ``[current-instance]`` behind."""
        inside, event = text[1:-1].strip(), None
        following = self.following()
        if following and not INSTANCE.fullmatch(following):
            self.take()
            event, inside = inside.lower(), following
            if not EVENT.fullmatch(event) or not FIELD.fullmatch(inside):
                raise LogicError("other_event", unsupported=True, name=f"{event}][{inside}"[:60])
            following = self.following()
        if following:
            if following.lower() != "current-instance":
                raise LogicError("other_instance", unsupported=True, name=f"{inside}][{following}"[:60])
            self.take()
        elif event is None and inside.lower() in ALONE:
            return ALONE[inside.lower()]
        if "-" in inside.partition("(")[0]:
            raise LogicError("smart_variable", unsupported=True, name=inside[:60])
        found = FIELD.fullmatch(inside)
        if found is None:
            raise LogicError("unreadable_field", name=inside[:60])
        name, code, way = found.groups()
        if way and way.lower() != "value":
            raise LogicError("piping", unsupported=True, name=inside[:60])
        return ("field", name.lower(), code, None if event == "event-name" else event)

    def following(self) -> str:
        """What the brackets that come next hold."""
        kind, text = self.peek()
        return text[1:-1].strip() if kind == "field" else ""


assert MAX_NESTING < MAX_DEPTH
