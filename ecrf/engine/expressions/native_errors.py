"""What can't be read in the text of an expression, and where."""

from __future__ import annotations

from typing import Any

from lark import Token


class TextError(Exception):
    """What can't be read, at its line and column (the first is 1)."""

    def __init__(self, code: str, line: int, column: int, **params: Any) -> None:
        self.code, self.line, self.column, self.params = code, line, column, params
        super().__init__(f"{line}:{column}: {code}")


def wrong(code: str, token: Token, **params: Any) -> TextError:
    return TextError(code, token.line or 1, token.column or 1, name=str(token)[:40], **params)
