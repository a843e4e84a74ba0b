"""Our expressions inside ODM: written as native text under the context ``suite``, and read back exactly."""

from __future__ import annotations

import json
from typing import Any

from ecrf.engine.expressions.native import parse, write_native
from ecrf.engine.expressions.native_errors import TextError

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
            node = json.loads(text.removeprefix(TREE))
            if not isinstance(node, list) or not node or (node[0] == "not" and len(node) != 2):
                raise Unreadable(text[:60])
            return node
        return parse(text)
    except (TextError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)[:60]) from error
