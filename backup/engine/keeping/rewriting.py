"""Carry a plan out: packs, then indexes, then manifests, then the act that makes them count.

Whatever breaks off in between leaves objects that nothing names. The next run finds their blobs, or condemns them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from backup.engine.errors import Damaged, Full, Missing
from backup.engine.format import cipher, index, layout
from backup.engine.format.acts import Clear, Said
from backup.engine.history import say
from backup.engine.keeping import relisting
from backup.engine.keeping.joining import Joiner, LeftOver, Moved, left_over
from backup.engine.keeping.judging import Pack
from backup.engine.keeping.planning import Plan
from backup.engine.keeping.relisting import Relisted

_ROUND_BYTES, _ROUND_BLOBS = 1 << 30, 1 << 19
"""What is written anew between two acts: so much is lost of the work of a run that is stopped, and held in memory."""


Clause = tuple[tuple[bytes, ...], tuple[bytes, ...]]
"""Indexes, and those that take their place."""


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


def carry_out(plan: Plan, *, now: Callable[[], int], why: str, progress: Callable[[str, int, int], None]) -> Rewritten:
    """Write anew what is worth it and say what is to go. A full store is no error: what needs room is left out."""
    rewriter = _Rewriter(plan, now, why)
    chosen = plan.rewriting.packs
    try:
        for part in _rounds(chosen):
            progress("writing packs", rewriter.done.packs, len(chosen))
            rewriter.round(part)
    except Full:
        rewriter.give_back()
    progress("writing packs", len(chosen), len(chosen))
    return rewriter.done


class _Rewriter:
    def __init__(self, plan: Plan, now: Callable[[], int], why: str) -> None:
        self._plan, self._now, self._why = plan, now, why
        self._ground, self._reach = plan.ground, plan.reach
        self._repository, self._store = plan.ground.repository, plan.ground.repository.store
        self._living = self._ground.packs.keys() - plan.doomed()
        self._created: list[str] = []
        self._sound: dict[bytes, bool] = {}
        self._left_over = self._find_left_over() if plan.rewriting.packs else {}
        self._is_first = True
        self.done = Rewritten(put_off=plan.rewriting.put_off)

    def round(self, part: list[Pack]) -> None:
        """Write some packs anew, with the indexes that list them or what is to go, and say so."""
        plan, reach = self._plan, self._reach
        going = {pack.name for pack in part} | (plan.doomed() if self._is_first else set())
        old = [name for name, packs in reach.lists.items() if self._may_replace(name) and not packs.isdisjoint(going)]
        moved = self._join(part, old)
        self._living -= moved.keys()
        clauses: list[Clause] = []
        for readers, names in self._by_readers(old).items():
            found = relisting.relist(self._repository, names, moved, self._living.__contains__)
            new = relisting.write(self._repository, found.packs.values(), self._created)
            self._vouch(readers, found)
            clauses.append((tuple(names), tuple(new)))
            self._replace(names, new, readers, found)
        self._say(moved.keys(), old, clauses)
        self.done.packs += len(moved)
        self.done.waste += sum(pack.waste for pack in part if pack.name in moved)

    def give_back(self) -> None:
        """The store is full: what was written in vain goes, and what leads to room being made is said without it."""
        for name in self._created:
            self._store.delete(name)
        self._created.clear()
        self.done.is_full = True
        self.done.put_off += len(self._plan.rewriting.packs) - self.done.packs
        if self._is_first:
            self._say((), (), [])

    # Packs

    def _join(self, part: list[Pack], old: list[bytes]) -> dict[bytes, dict[bytes, Moved]]:
        """Pour packs together: where each entry of them lies now, by pack. One that is damaged stays as it is."""
        places = {pack.name: set(self._reach.uses[pack.name].places) for pack in part}
        wanted = relisting.wanted(self._repository, old, places) if part else {}
        moved: dict[bytes, dict[bytes, Moved]] = {}
        for (kind, _), packs in _by_bin(part).items():
            joiner = Joiner(self._repository, kind, self._left_over, self._created)
            for pack in packs:
                try:
                    joiner.pour(pack.name, wanted[pack.name])
                except (Damaged, Missing) as error:
                    self.done.problems.append(str(error))
            joiner.close()
            self.done.size += joiner.size
            self._living |= joiner.written
            moved |= joiner.moved
        return moved

    def _find_left_over(self) -> LeftOver:
        """What a run that was stopped copied already. Whoever put it there, only equal bytes are taken."""
        return left_over(self._repository, sorted(self._living - self._reach.owners.keys()))

    # Indexes and manifests

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

    def _replace(self, old: Iterable[bytes], new: Iterable[bytes], readers: frozenset[bytes], found: Relisted) -> None:
        for name in old:
            del self._reach.lists[name], self._reach.readers[name]
        for name in new:
            self._reach.lists[name] = frozenset(found.packs)
            self._reach.readers[name] = readers

    def _mend(self) -> list[Clause]:
        """List again what only indexes list that were put aside, though something that came later needs it."""
        clauses: list[Clause] = []
        for name, parts in sorted(self._reach.mends.items()):
            sound = [pack for pack in relisting.merged(parts) if self._is_sound(pack.name)]
            clauses.append(((name,), tuple(relisting.write(self._repository, sound, self._created, urgent=True))))
        return [clause for clause in clauses if clause[1]]

    # The act

    def _say(self, rewritten: Iterable[bytes], old: Iterable[bytes], clauses: Iterable[Clause]) -> None:
        """From now on it counts."""
        plan, first = self._plan, self._is_first
        clear = Clear(
            condemned=frozenset({*rewritten, *(plan.condemned if first else ())}),
            spared=frozenset(pack for pack in plan.spared if self._is_sound(pack)) if first else frozenset(),
            leaving=frozenset({*old, *(plan.leaving if first else ())}),
            moved=(*clauses, *(self._mend() if first else ())),
        )
        self._is_first = False
        if clear != Clear():
            said = Said(time=self._now(), why=self._why)
            say(self._store, self._repository.config, self._repository.key, self._ground.history, clear, said)
        self._created.clear()
        self.done.condemned |= clear.condemned
        self.done.spared |= clear.spared

    def _is_sound(self, pack: bytes) -> bool:
        """Whether a pack holds the bytes of its name: nobody is told to rely on another."""
        if pack not in self._sound:
            name = layout.pack_name(pack)
            try:
                self._sound[pack] = cipher.digest(self._store.read(name)) == pack
            except Missing:
                self._sound[pack] = False
            if not self._sound[pack]:
                self.done.problems.append(f"{name}: is needed, and its bytes aren't those of its name")
        return self._sound[pack]


def _rounds(chosen: list[Pack]) -> Iterator[list[Pack]]:
    """Packs of one kind and owner together, the oldest first, so much at a time; one round at least."""
    part: list[Pack] = []
    ordered = [pack for packs in _by_bin(chosen).values() for pack in packs]
    for pack in ordered:
        part.append(pack)
        if sum(one.used for one in part) >= _ROUND_BYTES or sum(one.blobs for one in part) >= _ROUND_BLOBS:
            yield part
            part = []
    if part or not ordered:
        yield part


def _by_bin(chosen: Iterable[Pack]) -> dict[tuple[bytes, frozenset[bytes]], list[Pack]]:
    found: dict[tuple[bytes, frozenset[bytes]], list[Pack]] = {}
    for pack in chosen:
        found.setdefault(pack.bin, []).append(pack)
    return {key: sorted(packs, key=lambda pack: (pack.received, pack.name)) for key, packs in found.items()}
