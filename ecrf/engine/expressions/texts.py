"""Operators on texts, which count characters."""

from __future__ import annotations

from decimal import Decimal


def whole(number: Decimal) -> int:
    """A count of characters: never below zero, never absurd."""
    return int(max(Decimal(0), min(number, Decimal(100_000))))


def mid(text: str, first: Decimal, many: Decimal) -> str:
    start = max(0, whole(first) - 1)
    return text[start : start + whole(many)]


def right(text: str, many: Decimal) -> str:
    return text[max(0, len(text) - whole(many)) :]
