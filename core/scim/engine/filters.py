"""Filters (RFC 7644, section 3.4.2.2): a small recursive parser, bounded in length, depth and number of terms.

``userName sw "c" and (active eq true or not (emails[type eq "work"] pr))``
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn

from core.scim.engine.errors import INVALID_FILTER, Fault

LONGEST, DEEPEST, MOST = 4000, 20, 100
"""Characters, parentheses inside each other, comparisons."""
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")"""
    r"""|(?P<number>-?\d{1,18}(?:\.\d{1,9})?)(?![\w.:$-])"""
    r"""|(?P<name>[A-Za-z][\w.:$-]*)"""
    r"""|(?P<mark>[()\[\]]))"""
)


@dataclass(frozen=True)
class Path:
    """An attribute, by its own name and that of a part: ``name.familyName``; lower case, for SCIM's names have none."""

    attribute: str
    part: str = ""

    @property
    def text(self) -> str:
        return f"{self.attribute}.{self.part}" if self.part else self.attribute


@dataclass(frozen=True)
class Compare:
    path: Path
    operator: str
    value: str | bool | int | float | None


@dataclass(frozen=True)
class Present:
    path: Path


@dataclass(frozen=True)
class Not:
    inner: Node


@dataclass(frozen=True)
class Both:
    left: Node
    right: Node


@dataclass(frozen=True)
class Either:
    left: Node
    right: Node


@dataclass(frozen=True)
class Among:
    """One of the values of an attribute with several: ``emails[type eq "work"]``."""

    attribute: str
    inner: Node


Node = Compare | Present | Not | Both | Either | Among


def parse(text: str, schemas: tuple[str, ...] = ()) -> Node:
    """The filter. Raises Fault `invalidFilter` for anything else, and for what is too large."""
    parser = Parser(text, schemas)
    node = parser.either(0)
    if parser.peek()[0]:
        parser.refuse("something follows its end")
    return node


def parse_path(name: str, schemas: tuple[str, ...] = ()) -> Path:
    """An attribute's name, with or without its schema before it. Raises Fault."""
    for schema in schemas:
        if name.lower().startswith(f"{schema.lower()}:"):
            name = name[len(schema) + 1 :]
            break
    attribute, _dot, part = name.partition(".")
    if not re.fullmatch(r"[A-Za-z][\w$-]*(\.[A-Za-z][\w$-]*)?", name):
        raise Fault(INVALID_FILTER, f"“{name[:60]}” isn't the name of an attribute.")
    return Path(attribute.lower(), part.lower())


class Parser:
    def __init__(self, text: str, schemas: tuple[str, ...]) -> None:
        if len(text) > LONGEST:
            self.refuse(f"it has more than {LONGEST} characters")
        self.schemas, self.terms, self.at = schemas, 0, 0
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            found = TOKEN.match(text, place)
            if found is None:
                self.refuse(f"“{text[place : place + 20].strip()}” can't be read")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            place = found.end()

    def refuse(self, why: str) -> NoReturn:
        raise Fault(INVALID_FILTER, f"The filter isn't one: {why}.")

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def take(self, wanted: str = "") -> tuple[str, str]:
        token = self.peek()
        if not token[0] or (wanted and token[1].lower() != wanted):
            self.refuse(f"“{wanted}” is missing" if wanted else "it ends too early")
        self.at += 1
        return token

    def is_word(self, word: str) -> bool:
        kind, text = self.peek()
        return kind == "name" and text.lower() == word

    def either(self, depth: int) -> Node:
        node = self.both(depth)
        while self.is_word("or"):
            self.take()
            node = Either(node, self.both(depth))
        return node

    def both(self, depth: int) -> Node:
        node = self.term(depth)
        while self.is_word("and"):
            self.take()
            node = Both(node, self.term(depth))
        return node

    def term(self, depth: int) -> Node:
        if depth > DEEPEST:
            self.refuse("it is nested too deeply")
        if self.is_word("not"):
            self.take()
            self.take("(")
            return Not(self.closed(depth))
        if self.peek()[1] == "(":
            self.take()
            return self.closed(depth)
        return self.comparison(depth)

    def closed(self, depth: int) -> Node:
        node = self.either(depth + 1)
        self.take(")")
        return node

    def comparison(self, depth: int) -> Node:
        self.terms += 1
        if self.terms > MOST:
            self.refuse(f"it has more than {MOST} terms")
        kind, name = self.take()
        if kind != "name":
            self.refuse(f"“{name[:20]}” isn't the name of an attribute")
        path = parse_path(name, self.schemas)
        if self.peek()[1] == "[":
            if path.part:
                self.refuse("only an attribute itself has several values")
            self.take()
            inner = self.either(depth + 1)
            self.take("]")
            return Among(path.attribute, inner)
        _kind, word = self.take()
        if word.lower() == "pr":
            return Present(path)
        if word.lower() not in OPERATORS:
            self.refuse(f"“{word[:20]}” isn't an operator")
        return Compare(path, word.lower(), self.value())

    def value(self) -> str | bool | int | float | None:
        kind, text = self.take()
        if kind == "string":
            try:
                return str(json.loads(text))
            except ValueError:
                self.refuse("a text in it can't be read")
        if kind == "number":
            return float(text) if "." in text else int(text)
        words: dict[str, bool | None] = {"true": True, "false": False, "null": None}
        if kind == "name" and text in words:
            return words[text]
        return self.refuse(f"“{text[:20]}” isn't a value: texts stand in double quotes")
