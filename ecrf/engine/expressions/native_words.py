"""Names, texts and other literals as authors write them."""

from __future__ import annotations

from typing import Any

from ecrf.engine.expressions.saying import enclosed

RESERVED = frozenset({"and", "or", "not", "in", "is", "null", "true", "false"})


def name_of(name: str) -> str:
    return f"[{name}]" if name.lower() in RESERVED else name


def quoted(text: str) -> str:
    mark = '"' if "'" in text and '"' not in text else "'"
    return mark + text.replace(mark, mark * 2) + mark


def literal(head: str, value: Any, above: int) -> str:
    if head == "boolean":
        return "true" if value else "false"
    if head == "number":
        return enclosed(value, 7, above) if value.startswith("-") else str(value)
    return quoted(value) if head == "text" else f"{head}({quoted(value)})"
