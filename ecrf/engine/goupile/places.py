"""Where the items of a script page are among the values of the script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where an item of a script page is: its path in the script's values, and the repeat that holds it."""

    item: Mapping[str, Any]
    path: tuple[str, ...]
    repeat: str = ""

    @property
    def key(self) -> str:
        return str(self.item["key"])


def places(page: Mapping[str, Any]) -> Iterator[Place]:
    for group in page["groups"]:
        repeat = group.get("repeat", {}).get("key", "")
        prefix = group.get("source", {}).get("goupile.path", repeat) if repeat else ""
        for item in group["items"]:
            path = item.get("source", {}).get("goupile.path", f"{prefix}.{item['key']}" if prefix else item["key"])
            yield Place(item, tuple(path.split(".")), repeat)
