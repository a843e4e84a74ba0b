"""From HTML labels to plain text: the words stay, markup goes, scripts and styles go with what they hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"})
SILENT = frozenset({"script", "style", "template", "iframe", "object", "svg"})
MAX_LABEL = 20_000
"""Characters of one text, its markup included."""
LOOKS_LIKE_TAG = re.compile(r"</?[a-zA-Z!]")
PIPED = re.compile(r"\[[a-z][a-z0-9_]*(?:\([^)\]]*\))?(?::[a-z]+)?\]")
DECLARATION = re.compile(r"<[!?][^<>]*>")
NEVER_CLOSED = re.compile(r"<(?![^<>]*>)")
NOTHING = "\0"
"""Stands where something was taken out, so that what was apart makes no new tag; it goes with the other controls."""


def closed(text: str) -> str:
    """The text with whole tags only, without comments and declarations."""
    # the parser looks for the end of each open tag again and again, and stumbles over what office software declares
    parts = []
    while (start := text.find("<!--")) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[:start])
        text = text[end + 3 :]
    text = NOTHING.join([*parts, text])
    return NEVER_CLOSED.sub("&lt;", DECLARATION.sub(NOTHING, text))


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent.append(tag)
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def plain(text: str) -> tuple[str, bool]:
    """The text without markup, and whether there was some. ``a < b`` is no markup."""
    marked = bool(LOOKS_LIKE_TAG.search(text))
    if marked or "&" in text:
        reader = Reader()
        reader.feed(closed(text))
        reader.close()
        text = "".join(reader.parts)
    lines = (
        re.sub(r"[ \t\xa0]+", " ", line).strip()
        for line in re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r", "\n")).split("\n")
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), marked
