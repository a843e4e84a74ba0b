"""A snapshot to restore over what is there, and nodes as a writer who keeps no rule would write them."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backup.engine.format.trees import DIRECTORY, LINK, Node
from backup.engine.restoring.large import SEGMENT
from backup.engine.restoring.restore import Event, Options, Overwrite, restore
from backup.engine.saving.save import Saved
from backup.engine.sources.base import Item
from tests.backup.conftest import Vault

LARGE = random.Random(4).randbytes(3 * SEGMENT)


class WrittenSource:
    """Nodes as they are given: folders hold a list under `below`, everything else is taken as it is."""

    label, paths, parallel = "written", (), False

    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes

    def root(self) -> list[Node]:
        return self._nodes

    def children(self, handle: list[Node]) -> Iterator[Item]:
        for node in handle:
            yield Item(node["n"], DIRECTORY if "below" in node else LINK, node.get("below", node))

    def node(self, item: Item) -> Node:
        if isinstance(item.handle, list):
            return {"n": item.name, "t": DIRECTORY, "m": 0o755, "mt": 1}
        return dict(item.handle)

    def open(self, item: Item) -> Any:
        raise AssertionError(item)

    def read(self, item: Item) -> Any:
        raise AssertionError(item)


@pytest.fixture
def written(vault: Vault) -> Callable[[list[Node]], Saved]:
    """A snapshot of these very nodes."""
    return lambda nodes: vault.save(WrittenSource(nodes))


@pytest.fixture
def full(vault: Vault) -> Vault:
    """A vault with one snapshot: files small and large, a folder, a link."""
    (vault.source / "small").write_text("small")
    (vault.source / "large").write_bytes(LARGE)
    (vault.source / "folder").mkdir()
    (vault.source / "folder" / "inside").write_text("inside")
    (vault.source / "link").symlink_to("small")
    for path in ("small", "large", "folder/inside"):
        os.utime(vault.source / path, ns=(1, 1_000_000_000_000_000_000))
    vault.save()
    return vault


def copy(vault: Vault) -> Path:
    """A target in which the snapshot was restored before."""
    target, restored = vault.restore()
    assert restored.problems == ()
    return target


def again(vault: Vault, target: Path, rule: Overwrite, **options: object) -> tuple[dict[bytes, str], object]:
    events: list[Event] = []
    restored = restore(
        vault.catalogue(),
        target,
        Options(overwrite=rule, **options),
        events=events.append,  # type: ignore[arg-type]
    )
    return {event.path: event.what for event in events}, restored
