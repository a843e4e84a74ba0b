"""The text of expressions, as authors write it: ``weight / (height / 100) ^ 2``, ``sex = '2' and has(signs, '3')``.

A name is a field; ``name@event`` its value at another event; ``sum(dose in medications)`` goes over the rows of a
repeat. Texts are between ' or ", doubled inside; ``[name]`` stands for a name that is a word of the language.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from ecrf.engine.expressions.native_builder import Builder
from ecrf.engine.expressions.native_errors import TextError
from ecrf.engine.expressions.native_text import write_native
from ecrf.engine.expressions.operators import (
    MAX_DEPTH,
    MAX_NODES,
)

__all__ = ["TextError", "parse", "write_native"]

MAX_LENGTH = 20_000


@cache
def parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=Builder(), propagate_positions=False)


def parse(text: str) -> list[Any]:
    """The tree of a text. Raises TextError with a code, a line and a column."""
    if len(text) > MAX_LENGTH:
        raise TextError("expression_too_deep", 1, 1)
    if not text.strip():
        raise TextError("formula_empty", 1, 1)
    try:
        found = parser().parse(text)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedCharacters as error:
        near = text[error.pos_in_stream :][:30]
        code = "unclosed_text" if near[0] in "'\"" else "unreadable_logic"
        raise TextError(code, error.line, error.column, near=near) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            lines = text.rstrip().split("\n")
            raise TextError("formula_unfinished", len(lines), len(lines[-1]) + 1) from None
        raise TextError("unexpected", error.line, error.column, near=str(error.token)[:30]) from None
    except UnexpectedInput as error:  # pragma: no cover  (the two above are all that LALR raises)
        raise TextError("unreadable_logic", error.line, error.column, near="") from None
    budget = [MAX_NODES]

    def plain(node: Any, depth: int) -> list[Any]:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise TextError("expression_too_deep", 1, 1)
        return [plain(part, depth + 1) if isinstance(part, list) else part for part in node]

    return plain(found, 0)
