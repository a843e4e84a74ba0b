"""Expressions in native text: as people write them, as a literal of the question's type, or as a tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from typing import Any

from ecrf.engine import moments
from ecrf.engine.exchange.native.tree import Node
from ecrf.engine.expressions.native import parse, write_native
from ecrf.engine.expressions.native_errors import TextError
from ecrf.engine.faults import Fault

BARE = re.compile(r"true|false|null|-?[0-9]+")
MOMENTS: dict[str, Callable[[str], date | time | None]] = {
    "date": moments.parse_date,
    "datetime": moments.parse_datetime,
    "time": moments.parse_time,
}


def formula(node: Node, kind: str = "", codes: frozenset[str] = frozenset()) -> tuple[Any, list[Fault]]:
    """The tree. `kind` is the type of the question where a literal of that type may stand bare: ``min: 2020-01-31``."""
    if node.kind == "list":
        return tree(node), []
    if node.kind == "map":
        return None, [node.fault("wanted_formula")]
    text = node.text.strip()
    if kind in MOMENTS and (moment := MOMENTS[kind](text)) is not None:
        return [kind, moments.write(moment)], []
    if kind == "choice" and text in codes:
        return ["text", text], []
    return written(node)


def tree(node: Node) -> Any:
    """A list as JSON would be read: what stands without quotes may be a number, true, false or null."""
    if node.kind == "list":
        return [tree(part) for part in node.parts]
    if node.kind == "map":
        return {key.text: tree(value) for key, value in node.pairs}
    if node.plain and BARE.fullmatch(node.text):
        return {"true": True, "false": False, "null": None}.get(node.text) if node.text.isalpha() else int(node.text)
    return node.text


def written(node: Node) -> tuple[Any, list[Fault]]:
    """The expression that a text is; where it can't be read, the place in it."""
    try:
        return parse(node.text), []
    except TextError as error:
        # a text on one line stands where it begins; of another only the beginning is known
        line, column = node.line, node.column
        if error.line == 1 and node.plain:
            column += error.column - 1
        params = {**error.params, "line": line, "column": column}
        return None, [Fault(f"line {line}, column {column}", error.code, params)]


def parsed(text: str) -> Any:
    """The expression that a text is, or None."""
    try:
        return parse(text)
    except TextError:
        return None


def text_of(node: Any) -> str | None:
    """The text of an expression; None where it isn't read again as the same."""
    try:
        text = write_native(node)
    except (KeyError, ValueError, TypeError, IndexError):
        return None
    return text if parsed(text) == list(node) else None
