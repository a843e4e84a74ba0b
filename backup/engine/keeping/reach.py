"""What all snapshots that stay need, writer by writer: which packs, how much of each, by which indexes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from backup.engine.errors import Damaged, Missing
from backup.engine.format import layout
from backup.engine.format.snapshots import Snapshot
from backup.engine.keeping.ground import Ground, ever
from backup.engine.keeping.needs import Needs, Unlisted, size_of
from backup.engine.keeping.stock import Stock, read_index

NOBODY: frozenset[bytes] = frozenset()


@dataclass
class Use:
    """What is needed of a pack."""

    kind: bytes
    places: array[int]
    """Offset and size of each blob in one number (`needs.size_of`)."""

    @property
    def size(self) -> int:
        return sum(map(size_of, self.places))


@dataclass
class Reach:
    uses: dict[bytes, Use] = field(default_factory=dict)
    owners: dict[bytes, frozenset[bytes]] = field(default_factory=dict)
    """The writers whose indexes list a pack."""
    lists: dict[bytes, frozenset[bytes]] = field(default_factory=dict)
    """The packs that an index in force lists."""
    readers: dict[bytes, frozenset[bytes]] = field(default_factory=dict)
    """The writers whose snapshots are read with an index in force."""
    sizes: dict[tuple[bytes, frozenset[str]], int] = field(default_factory=dict)
    """Bytes as they are stored, by writer and the sources that need them."""

    def is_free(self, pack: bytes, ground: Ground) -> bool:
        """Whether nothing is wrong with whoever may need a pack."""
        owners = self.owners.get(pack, NOBODY)
        if ground.is_all_in_doubt:
            return False
        return not ground.is_vague if not owners else owners.isdisjoint(ground.damage)


def reach(ground: Ground, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Reach:
    """What the snapshots that stay need. What is wrong with a writer's things is noted in the ground, not raised."""
    found = Reach()
    staying = ground.staying()
    total, done = sum(map(len, staying.values())), 0
    for writer, snapshots in staying.items():
        stock = Stock(ground, writer)
        needs = Needs(stock, ground.history)
        for snapshot in snapshots:
            progress(done, total)
            done += 1
            try:
                needs.take(snapshot)
            except Damaged as error:
                ground.blame(writer, f"{snapshot.name}: {error}", vague=isinstance(error, Unlisted))
        _gather(found, ground, writer, snapshots, stock, needs)
    if ground.damage:
        _attribute(found, ground)
    progress(total, total)
    return found


def _gather(
    found: Reach, ground: Ground, writer: bytes, snapshots: Iterable[Snapshot], stock: Stock, needs: Needs
) -> None:
    in_force = {name for snapshot in snapshots for name in ground.history.instead(snapshot.indexes)}
    lists: dict[bytes, set[bytes]] = {name: set() for name in in_force}
    for listing, places in needs.used():
        pack = listing.pack
        for name in listing.indexes & in_force:
            lists[name].add(pack.name)
        found.owners[pack.name] = found.owners.get(pack.name, NOBODY) | {writer}
        if places:
            use = found.uses.setdefault(pack.name, Use(pack.kind, array("Q")))
            use.places = array("Q", sorted({*use.places, *places})) if use.places else places
    for name, packs in lists.items():
        found.lists[name] = frozenset(packs)
        found.readers[name] = found.readers.get(name, NOBODY) | {writer}
    found.sizes |= {(writer, sources): size for sources, size in needs.sizes().items()}


def _attribute(found: Reach, ground: Ground) -> None:
    """See whose the packs are that no index in force lists any more: those of a writer with damage stay."""
    read: dict[bytes, list[bytes]] = {}
    for snapshot in ground.snapshots:
        for name in ever(ground.history, snapshot.indexes) - found.lists.keys():
            if name not in read:
                read[name] = _packs_of(ground, name)
            for pack in read[name]:
                found.owners[pack] = found.owners.get(pack, NOBODY) | {snapshot.head.author}


def _packs_of(ground: Ground, name: bytes) -> list[bytes]:
    try:
        if (there := ground.indexes.get(name)) is not None:
            layout.check_size(there.name, there.size)
        return [pack.name for pack in read_index(ground.repository, name)]
    except (Damaged, Missing):
        return []
