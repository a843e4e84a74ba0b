"""The arguments of functions that must be names, or of a certain number."""

from __future__ import annotations

from typing import Any

from lark import Token

from ecrf.engine.expressions.native_errors import wrong
from ecrf.engine.expressions.operators import (
    ELSEWHERE,
)


class Parentheses(list[Any]):
    """A node between parentheses, which its neighbours don't merge with."""


def exactly(many: int, token: Token, given: list[Any]) -> list[Any]:
    if len(given) != many:
        raise wrong("wrong_number_of_arguments", token, wanted=many, given=len(given))
    return given


def named(token: Token, part: Any) -> str:
    if part[0] != "var" or isinstance(part, Parentheses):
        raise wrong("name_wanted", token)
    return str(part[1])


def boxes(token: Token, part: Any) -> Any:
    return part if part[0] in ELSEWHERE else named(token, part)
