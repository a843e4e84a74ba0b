"""The tokens of REDCap's logic, and what can't be read of it."""

from __future__ import annotations

import re
from typing import Any


class LogicError(Exception):
    """`unsupported` tells what REDCap accepts and this language doesn't from what is simply wrong."""

    def __init__(self, code: str, unsupported: bool = False, **params: Any) -> None:
        self.code, self.unsupported, self.params = code, unsupported, params
        super().__init__(code)


TOKEN = re.compile(
    r"""\s*(?:
      (?P<comment>(?://|\#)[^\n]*)
    | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<field>\[[^\[\]]*\])
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign><>|!=|<=|>=|==|&&|\|\||[=<>+\-*/^%(),!])
    )""",
    re.VERBOSE,
)


def tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None or match.end() == place:
            rest = text[place:].lstrip()
            raise LogicError("unreadable_logic", near=rest[:30])
        kind = match.lastgroup or ""
        if kind != "comment":
            found.append((kind, match.group(kind)))
        place = match.end()
    return found
