"""Instruments and templates that come with the suite: native definitions as JSON, each with its licence and source."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "library"


@cache
def instruments() -> Mapping[str, dict[str, Any]]:
    """By key: title, about, category, licence (name, text, url), source, languages, pages."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


@cache
def templates() -> Mapping[str, dict[str, Any]]:
    """By key: title, about, definition; the empty one first."""
    paths = sorted((FOLDER / "beginnings").glob("*.json"), key=lambda path: (path.stem != "empty", path.stem))
    return {path.stem: json.loads(path.read_text()) for path in paths}


def begun(template: str, title: Mapping[str, str], languages: Sequence[str]) -> dict[str, Any] | None:
    """A definition made from a template, in these languages; nothing where there is no such template."""
    if template not in templates():
        return None
    data = spoken(templates()[template]["definition"], languages)
    return {**data, "title": dict(title), "languages": list(languages)}


TEXTS = frozenset(
    {"title", "label", "help", "message", "description", "placeholder", "prefix", "suffix", "tab", "sign", "text"}
)


def spoken(part: Any, languages: Sequence[str]) -> Any:
    """A copy whose texts are in these languages; a text that has none of them keeps its English."""
    if isinstance(part, list):
        return [spoken(one, languages) for one in part]
    if not isinstance(part, dict):
        return copy.copy(part)
    return {
        name: chosen(value, languages) if name in TEXTS and isinstance(value, dict) else spoken(value, languages)
        for name, value in part.items()
    }


def chosen(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    known = {name: text for name, text in texts.items() if name in languages}
    first = texts.get("en") or next(iter(texts.values()), "")
    return known or ({languages[0]: first} if first else {})
