"""The texts of an entry that are coded with a dictionary, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.definition import Definition


def coded_items(definition: Definition) -> dict[str, str]:
    """Item -> the key of its dictionary."""
    return {
        key: item.spec["coding"]["dictionary"]
        for key, item in definition.items.items()
        if "coding" in item.spec and item.kind == "text"
    }


def texts(definition: Definition, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each text that is to be coded: item, row (``drug[0]``, empty outside of rows), text."""
    for key in coded_items(definition):
        repeat = definition.items[key].repeat
        if not repeat:
            if isinstance(text := values.get(key), str) and text.strip():
                yield key, "", text
            continue
        for number, row in enumerate(values.get(repeat) or []):
            if isinstance(row, Mapping) and isinstance(text := row.get(key), str) and text.strip():
                yield key, f"{repeat}[{number}]", text
