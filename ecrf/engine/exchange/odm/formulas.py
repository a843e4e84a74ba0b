"""Our expressions inside ODM: written as native text under the context ``suite``, and read back exactly."""

from __future__ import annotations

import json
from typing import Any

from ecrf.engine.expressions.native import TextError, parse, write_native

CONTEXT = "suite"
MAX_TEXT = 100_000


class Unreadable(Exception):
    """No expression of ours."""


def write(node: Any) -> str:
    """The text of an expression. The tree itself, where its text would be read as another one."""
    text = write_native(node)
    try:
        same = parse(text) == node
    except TextError:
        same = False
    return text if same else TREE + json.dumps(node, ensure_ascii=False, separators=(",", ":"))


TREE = "tree:"


def read(text: str) -> Any:
    """The tree of a text. Raises Unreadable."""
    text = text.strip()
    try:
        if text.startswith(TREE) and len(text) <= MAX_TEXT:
            return json.loads(text.removeprefix(TREE))
        return parse(text)
    except (TextError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)[:60]) from error
