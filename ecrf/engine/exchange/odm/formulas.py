"""Our expressions inside ODM: written as native text under the context ``suite``, and read back exactly."""

from __future__ import annotations

import importlib
import json
from typing import Any

CONTEXT = "suite"
LANGUAGE = "ecrf.engine.expressions"
MAX_TEXT = 100_000


def write(node: Any) -> str:
    """The text of an expression. The tree itself, where the text would be read as something else."""
    writer = getattr(importlib.import_module(LANGUAGE), "write_native", None)
    if writer is not None:
        text = str(writer(node))
        if read(text) == node:
            return text
    return json.dumps(node, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Any:
    """The tree of a text. Raises ValueError."""
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise ValueError("expression_too_deep")
    if text.startswith("["):
        try:
            return json.loads(text)
        except RecursionError as error:
            raise ValueError("expression_too_deep") from error
    reader = getattr(importlib.import_module(LANGUAGE), "read_native", None)
    if reader is None:
        raise ValueError("unreadable_expression")
    return reader(text)
