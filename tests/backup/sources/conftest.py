"""What a source hands out, taken in as a save does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backup.engine.format.trees import DIRECTORY, FILE
from backup.engine.sources.base import Item, Source, Unreadable


def walked(source: Source, troubles: list[str] | None = None) -> dict[str, Item]:
    """Every item of a source by its path."""
    found: dict[str, Item] = {}
    waiting: list[tuple[str, Any]] = [("", source.root())]
    while waiting:
        path, handle = waiting.pop()
        for item in source.children(handle):
            if isinstance(item, Unreadable):
                assert troubles is not None, item
                troubles.append(str(item))
                continue
            place = path + item.name.decode(errors="surrogateescape")
            found[place] = item
            if item.kind == DIRECTORY:
                waiting.append((place + "/", item.handle))
    return found


def contents(source: Source) -> dict[str, bytes]:
    """Every file of a source by its path."""
    return {path: source.read(item)[0] for path, item in walked(source).items() if item.kind == FILE}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path
