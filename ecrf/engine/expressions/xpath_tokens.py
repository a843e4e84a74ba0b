"""The words and signs of XLSForms' XPath."""

from __future__ import annotations

import re

from ecrf.engine.redcap.logic_tokens import LogicError

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<field>\$\{[^${}]*\})
    | (?P<path>\.\.|/)
    | (?P<word>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)
    | (?P<sign>!=|<=|>=|[=<>+\-*(),.|\[\]])
    )""",
    re.VERBOSE,
)


def tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, text = 0, text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise LogicError("unreadable_logic", near=text[place:].lstrip()[:30])
        kind = match.lastgroup or ""
        if kind == "path" or match[kind] in ("[", "]", "|"):
            raise LogicError("path_not_supported", unsupported=True, near=text[match.start(kind) :][:30])
        found.append((kind, match[kind]))
        place = match.end()
    return found
