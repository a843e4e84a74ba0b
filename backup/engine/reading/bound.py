"""How many names a walk may meet: few blobs can name each other so often that there would be no end to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backup.engine.errors import Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import Node

_SPARE = 1000


class Bound:
    """Twice as many as the snapshot says it holds, and some, for one walk (FORMAT.md, section 9)."""

    def __init__(self, snapshot: Snapshot) -> None:
        counts = snapshot.counts
        self._left = 2 * (counts.files + counts.directories + counts.others) + _SPARE

    @property
    def is_met(self) -> bool:
        """Whether the walk has to end."""
        return self._left < 0

    def of(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """What a directory holds. Raises Damaged where it is too much."""
        for node in nodes:
            self._left -= 1
            if self._left < 0:
                raise Damaged("tree", "holds far more than its snapshot says")
            yield node
