"""A vault whose snapshots a test writes node by node, as a writer who keeps no rule would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backup.engine.format.trees import DIRECTORY, LINK, Node
from backup.engine.saving.save import Saved
from backup.engine.sources.base import Item
from tests.backup.conftest import Vault


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
