"""What helps, written by each app in ``<app>/help/<language>.md``: one section for each thing that one wants to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core import tool
from core.web.folding import folded

OWN = "help"
"""The app whose sections are about the whole suite."""


@dataclass(frozen=True)
class Section:
    """One answer: what one wants to do, and how."""

    app: str
    title: str
    body: SafeString
    text: str
    """Title and body as one searches for them."""
    pages: frozenset[str]
    """Names of the URLs whose help this is."""


@lru_cache(maxsize=4)
def sections(language: str) -> tuple[Section, ...]:
    """Every section of every app in a language, those about the whole suite last."""
    found = []
    for room in sorted(tool.rooms(), key=lambda room: room.label == OWN):
        file = Path(room.path) / "help" / f"{language}.md"
        if file.exists():
            found += read(room.label, file.read_text())
    return tuple(found)


def read(app: str, markdown: str) -> list[Section]:
    """The sections of one file: each begins with a line ``## Title {names of the pages whose help it is}``."""
    parts = re.split(r"^## ([^{\n]+)(?:\{(.*)\})?$", markdown, flags=re.MULTILINE)[1:]
    return [
        Section(app, title.strip(), html(body), folded(f"{title} {body}"), frozenset((names or "").split()))
        for title, names, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def html(markdown: str) -> SafeString:
    """Paragraphs, lists with ``-`` or ``1.``, ``**bold**`` and `` `code` ``; everything else is text."""
    blocks = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        lines = block.splitlines()
        mark = next((mark for mark in (r"- ", r"\d+\. ") if all(re.match(mark, line) for line in lines)), "")
        if mark:
            name = "ul" if mark == "- " else "ol"
            items = "".join(f"<li>{inline(re.sub(f'^{mark}', '', line))}</li>" for line in lines)
            blocks.append(f"<{name}>{items}</{name}>")
        else:
            blocks.append(f"<p>{inline(' '.join(lines))}</p>")
    return mark_safe("".join(blocks))  # noqa: S308  (our own files, escaped piece by piece)


def inline(text: str) -> str:
    text = str(escape(text))
    text = re.sub(r"`([^`]+)`", r"<kbd>\1</kbd>", text)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)


def find(language: str, app: str, words: str, page: str = "") -> list[Section]:
    """Without words what is about this page, its app, then the suite; with words every section that has them all."""
    every = sections(language)
    wanted = folded(words).split()
    if wanted:
        matching = [each for each in every if all(word in each.text for word in wanted)]
        return sorted(matching, key=lambda each: (wanted[0] not in folded(each.title), each.app != app))
    nearest = sorted((each for each in every if page in each.pages), key=lambda each: each.app != app)
    further = [each for each in every if each.app in (app, OWN) and page not in each.pages]
    return nearest + sorted(further, key=lambda each: each.app == OWN)
