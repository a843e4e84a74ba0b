"""Carry a plan out: packs, then indexes, then manifests, then the act that makes them count.

Whatever breaks off in between leaves objects that nothing names. The next run finds their blobs, or condemns them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from backup.engine.errors import Damaged, Full, Missing
from backup.engine.format import cipher, index, layout
from backup.engine.format.acts import Clear, Said
from backup.engine.history import say
from backup.engine.keeping import relisting
from backup.engine.keeping.ground import digest
from backup.engine.keeping.joining import Joiner, LeftOver, Moved, left_over
from backup.engine.keeping.judging import Pack
from backup.engine.keeping.planning import Plan
from backup.engine.keeping.relisting import Relisted
from backup.engine.stores.redundant import ParityOf

_ROUND_BYTES, _ROUND_BLOBS = 8 << 30, 1 << 19
"""What is written anew between two acts: where each blob went is held in memory, and indexes are written each time."""


@dataclass(frozen=True)
class _Replaced:
    """Indexes of some readers, those that take their place, and the packs that these list."""

    old: tuple[bytes, ...]
    new: tuple[bytes, ...]
    packs: frozenset[bytes]
    readers: frozenset[bytes]


@dataclass
class Rewritten:
    """What was written anew, and said."""

    packs: int = 0
    size: int = 0
    """Bytes of the packs that were written for it."""
    put_off: int = 0
    """Packs left for another run: the limit was reached, or the store is full."""
    is_full: bool = False
    waste: int = 0
    """Bytes that the packs written anew held for nothing."""
    condemned: set[bytes] = field(default_factory=set)
    """Packs that are to go from now on; those written anew are among them."""
    spared: set[bytes] = field(default_factory=set)
    """Condemned packs that are needed after all."""
    problems: list[str] = field(default_factory=list)


class Rewriter:
    """Does what a plan asks for. A full store is no error: what needs room is left out, and told."""

    def __init__(self, plan: Plan, now: Callable[[], int], why: str) -> None:
        self._plan, self._now, self._why = plan, now, why
        self._ground, self._reach = plan.ground, plan.reach
        self._repository, self._store = plan.ground.repository, plan.ground.repository.store
        self._there = self._ground.packs.keys() - {digest(one.name) for one in plan.packs}
        self._created: list[str] = []
        self.done = Rewritten(put_off=plan.rewriting.put_off)

    def begin(self) -> None:
        """Say what is to go, and list no more what goes now."""
        plan = self._plan
        clear = Clear(
            condemned=frozenset(plan.condemned),
            spared=frozenset(pack for pack in plan.spared if self._is_sound(pack)),
            leaving=frozenset(plan.leaving),
        )
        old = [name for name, packs in self._reach.lists.items() if self._may_replace(name) and packs - self._there]
        try:
            replaced = self._replace(old, {})
        except Full:
            self._give_back()
            replaced = []
        self._say(clear, replaced)

    def rewrite(self, progress: Callable[[str, int, int], None]) -> None:
        """Write packs anew, a round after the other."""
        chosen = self._plan.rewriting.packs
        left_over = self._find_left_over() if chosen else {}
        try:
            for part in _rounds(chosen):
                progress("writing packs", self.done.packs, len(chosen))
                self._round(part, left_over)
        except Full:
            self._give_back()
            self.done.put_off += len(chosen) - self.done.packs
        progress("writing packs", len(chosen), len(chosen))

    def _round(self, part: list[Pack], left_over: LeftOver) -> None:
        names = {pack.name for pack in part}
        lists = self._reach.lists.items()
        old = [name for name, packs in lists if self._may_replace(name) and not packs.isdisjoint(names)]
        moved = self._join(part, old, left_over)
        self._say(Clear(condemned=frozenset(moved)), self._replace(old, moved))
        self.done.packs += len(moved)
        self.done.waste += sum(pack.waste for pack in part if pack.name in moved)

    def _give_back(self) -> None:
        """The store is full: what was written in vain goes again, unless another pruner may have taken it over."""
        if {one.name for one in self._store.list("acts")} <= self._ground.history.names:
            parity = ParityOf(self._store)
            for name in self._created:
                parity.delete(name)
                self._store.delete(name)
        self._created.clear()
        self.done.is_full = True

    # Packs

    def _join(self, part: list[Pack], old: list[bytes], left_over: LeftOver) -> dict[bytes, dict[bytes, Moved]]:
        """Pour packs together: where each entry of them lies now, by pack. One that is damaged stays as it is."""
        places = {pack.name: set(self._reach.uses[pack.name].places) for pack in part}
        wanted = relisting.wanted(self._repository, old, places) if part else {}
        moved: dict[bytes, dict[bytes, Moved]] = {}
        for (kind, _), packs in _by_bin(part).items():
            joiner = Joiner(self._repository, kind, left_over, self._created)
            for pack in packs:
                try:
                    joiner.pour(pack.name, wanted[pack.name])
                except (Damaged, Missing) as error:
                    self.done.problems.append(str(error))
            joiner.close()
            self.done.size += joiner.size
            self._there |= joiner.written
            moved |= joiner.moved
        return moved

    def _find_left_over(self) -> LeftOver:
        """What a run that was stopped copied already. Whoever put it there, only equal bytes are taken."""
        listed = self._reach.owners.keys() | self._ground.history.condemned.keys()
        return left_over(self._repository, sorted(self._there - listed))

    # Indexes and manifests

    def _replace(self, old: list[bytes], moved: dict[bytes, dict[bytes, Moved]]) -> list[_Replaced]:
        """Write what takes the place of indexes, and tell writers where their own blobs lie now."""
        replaced = []
        for readers, names in self._by_readers(old).items():
            found = relisting.relist(self._repository, names, moved, self._there.__contains__)
            new = relisting.write(self._repository, found.packs.values(), self._created)
            self._vouch(readers, found)
            replaced.append(_Replaced(tuple(names), tuple(new), frozenset(found.packs), readers))
        return replaced

    def _may_replace(self, name: bytes) -> bool:
        return self._reach.readers[name].isdisjoint(self._ground.damage)

    def _by_readers(self, old: list[bytes]) -> dict[frozenset[bytes], list[bytes]]:
        """Indexes by whose snapshots are read with them: those of others never depend on what replaces them."""
        found: dict[frozenset[bytes], list[bytes]] = {}
        for name in sorted(old):
            found.setdefault(self._reach.readers[name], []).append(name)
        return found

    def _vouch(self, readers: Iterable[bytes], found: Relisted) -> None:
        """Tell each writer where its own blobs lie now, so that it needn't store them anew."""
        config, key = self._repository.config, self._repository.key
        for writer in sorted(readers):
            if found.fresh and writer not in config.revoked:
                name, raw = index.write_manifest(config, key, writer, found.fresh.values())
                self._store.create(layout.manifest_name(writer, name), [raw])
                self._created.append(layout.manifest_name(writer, name))

    # The act

    def _say(self, clear: Clear, replaced: Iterable[_Replaced] = ()) -> None:
        """From now on it counts."""
        old = {name for one in replaced for name in one.old}
        clear = replace(clear, leaving=clear.leaving | old, moved=tuple((one.old, one.new) for one in replaced))
        if clear != Clear():
            said = Said(time=self._now(), why=self._why)
            say(self._store, self._repository.config, self._repository.key, self._ground.history, clear, said)
        self._created.clear()
        self.done.condemned |= clear.condemned
        self.done.spared |= clear.spared
        for name in old:
            del self._reach.lists[name], self._reach.readers[name]
        for one in replaced:
            self._reach.lists |= dict.fromkeys(one.new, one.packs)
            self._reach.readers |= dict.fromkeys(one.new, one.readers)

    def _is_sound(self, pack: bytes) -> bool:
        """Whether a pack holds the bytes of its name: nobody is told to rely on another."""
        name = layout.pack_name(pack)
        try:
            if cipher.digest(self._store.read(name)) == pack:
                return True
        except Missing:
            pass
        self.done.problems.append(f"{name}: is needed, and its bytes aren't those of its name")
        return False


def _rounds(chosen: list[Pack]) -> Iterator[list[Pack]]:
    """Packs of one kind and owner together, the oldest first, so much at a time."""
    part: list[Pack] = []
    size = count = 0
    for pack in (pack for packs in _by_bin(chosen).values() for pack in packs):
        part.append(pack)
        size, count = size + pack.used, count + pack.blobs
        if size >= _ROUND_BYTES or count >= _ROUND_BLOBS:
            yield part
            part, size, count = [], 0, 0
    if part:
        yield part


def _by_bin(chosen: Iterable[Pack]) -> dict[tuple[bytes, frozenset[bytes]], list[Pack]]:
    found: dict[tuple[bytes, frozenset[bytes]], list[Pack]] = {}
    for pack in chosen:
        found.setdefault(pack.bin, []).append(pack)
    return {key: sorted(packs, key=lambda pack: (pack.received, pack.name)) for key, packs in found.items()}
