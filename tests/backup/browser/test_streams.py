"""Large files stream: memory is bounded whatever their size."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from backup.engine.format.keys import Key
from backup.engine.sealing.seal import About, seal
from backup.engine.stores.base import Store
from tests.backup.browser.conftest import Page, call
from tests.backup.browser.node import node
from tests.backup.keeping.conftest import Depot

BOUND = 320 << 20
"""Node with the engine in it, what is fetched ahead, and what nobody has collected yet."""


@pytest.mark.slow
def test_a_file(depot: Depot, page_of: Callable[[Store, Key], Page]) -> None:
    """A file of half a gigabyte, alone and in a zip, passes through less memory than it has bytes."""
    block = depot.noise(24 << 20)
    saved = depot.save({"large": block * 22})
    page = page_of(depot.store, depot.reader)
    where = {"snapshot": saved.snapshot.hex()}
    alone, zipped = page.ask(
        call("file", Path("/dev/null"), path="large", **where), call("zip", Path("/dev/null"), **where)
    )
    for answer in (alone, zipped):
        assert answer["peak"] < BOUND
        assert answer["seconds"] < 120


@pytest.mark.slow
def test_a_sealed_file(tmp_path: Path) -> None:
    """A file of half a gigabyte is sealed and opened again in less memory than it has bytes."""
    size = 512 << 20
    with (tmp_path / "source").open("wb") as file:
        file.truncate(size)
    sealing = node("sealing.mjs", {"op": "seal", "path": tmp_path / "source", "to": tmp_path / "object", "name": "x"})
    assert sealing["peak"] < BOUND
    opening = {"op": "open", "path": tmp_path / "object", "link": sealing["value"]["link"]}
    opened = node("sealing.mjs", opening)
    assert opened["value"]["written"] == size
    assert opened["peak"] < BOUND
    (tmp_path / "object").unlink()


def test_python_streams() -> None:
    """Python seals block by block: nothing is read before it is wanted."""
    read: list[int] = []

    class Source(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            read.append(size)
            return bytes(size)

    sealed = seal(Source(), About("x", 1 << 40))
    for _ in range(3):
        next(sealed.blocks)
    assert sum(read) < 3 << 20
