"""What in a definition may be written as a mapping by key, and in how few words."""

from __future__ import annotations

from dataclasses import dataclass

from ecrf.engine.definition import SCHEMA


@dataclass(frozen=True)
class Shape:
    words: str = ""
    """The property that alone may be told: ``1: Yes`` is a choice with this label."""
    types: tuple[str, ...] = ()


KEYED = {"page": "key", "item": "key", "arm": "key", "event": "key", "check": "key", "choice": "code"}
"""A part -> the property that names it."""
SHAPES = {
    "arm": Shape(words="title"),
    "choice": Shape(words="label"),
    "item": Shape(types=tuple(SCHEMA["$defs"]["item"]["properties"]["type"]["enum"])),
}
