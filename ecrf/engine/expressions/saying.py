"""What writers of other languages share."""

from __future__ import annotations


class Unsayable(Exception):
    """What the other language can't say; `what` is the operator."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


def enclosed(text: str, level: int, above: int) -> str:
    """Between parentheses where it binds less than what is around it."""
    return f"({text})" if level < above else text


def quoted(text: str) -> str:
    """Between the quotation marks that it doesn't hold: these languages can't write both. Raises Unsayable.

    Nor do they tell a text of blanks from a blank.
    """
    mark = '"' if "'" in text else "'"
    if mark in text or not text.strip():
        raise Unsayable("text")
    return mark + text + mark
