"""Find what is damaged, missing, swapped or forged in a repository, and name the files it touches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from backup.engine.errors import Damaged, Missing
from backup.engine.format import blobs, cipher, layout, packs
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.reading import catalogue
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository


@dataclass(frozen=True)
class Report:
    """What a check found. The repository is sound where `problems` is empty and every pack was read."""

    snapshots: int
    packs: int
    packs_read: int
    blobs_read: int
    unused: int
    """Packs that no snapshot's index lists: left by saves that were stopped, to be used by the next."""
    problems: tuple[str, ...]
    files: tuple[str, ...]
    """Files that can't be restored whole: the first hex digits of the snapshot's id and the path."""


@dataclass(frozen=True)
class _Listed:
    size: int
    entries: bytes


def check(
    repository: Repository,
    *,
    share: float,
    choose: Random,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Verify signatures, chains, indexes and that every pack is there; then read a share (0 to 1) of the packs."""
    problems = [str(found) for found in repository.examine_badges() if isinstance(found, Damaged)]
    snapshots: list[Snapshot] = []
    for found in repository.examine():
        if isinstance(found, Damaged):
            problems.append(str(found))
        else:
            snapshots.append(found)
    listed = _listed(repository, snapshots, problems)
    stored = dict(repository.store.list("packs"))
    lost: set[bytes] = set()
    present: list[bytes] = []
    for pack, expected in listed.items():
        name = layout.pack_name(pack)
        if name not in stored:
            problems.append(f"{name}: is gone")
        elif stored[name] != expected.size:
            problems.append(f"{name}: has {stored[name]} bytes instead of {expected.size}")
        else:
            present.append(pack)
            continue
        lost.update(blobs.ids(expected.entries))
    chosen = choose.sample(sorted(present), math.ceil(len(present) * share))
    read = 0
    for number, pack in enumerate(chosen):
        progress(number, len(chosen))
        read += len(listed[pack].entries) // blobs.ENTRY_SIZE
        for problem, hit in _read(repository, pack, listed[pack]):
            problems.append(str(problem))
            lost.update(hit)
    progress(len(chosen), len(chosen))
    touched = _touched(repository, snapshots, lost) if problems else ()
    return Report(
        snapshots=len(snapshots),
        packs=len(stored),
        packs_read=len(chosen),
        blobs_read=read,
        unused=len(stored.keys() - {layout.pack_name(pack) for pack in listed}),
        problems=tuple(dict.fromkeys(problems)),
        files=tuple(touched),
    )


def _listed(repository: Repository, snapshots: Iterable[Snapshot], problems: list[str]) -> dict[bytes, _Listed]:
    """Every pack that an index of a sound snapshot lists."""
    listed: dict[bytes, _Listed] = {}
    for index in sorted({index for snapshot in snapshots for index in snapshot.indexes}):
        try:
            for pack, size, _kind, entries in catalogue.read_index(repository, index):
                listed[pack] = _Listed(size, entries)
        except Missing as error:
            problems.append(f"{error.name}: is gone")
        except Damaged as error:
            problems.append(str(error))
    return listed


def _read(repository: Repository, pack: bytes, listed: _Listed) -> Iterable[tuple[Damaged, set[bytes]]]:
    """Verify one pack whole: its name, its header against the index, and each blob."""
    name = layout.pack_name(pack)
    raw = repository.store.read(name)
    if cipher.digest(raw) != pack:
        yield Damaged(name, "its bytes aren't those of its name"), set()
    everything = set(blobs.ids(listed.entries))
    try:
        prologue = layout.parse(raw, layout.DATA_PACK + layout.META_PACK, repository.key.repository, name)
        aead = catalogue.open_blobs(repository, raw[: packs.START], prologue, name)
    except Damaged as error:
        yield error, everything
        return
    try:
        header = packs.read_entries(raw, prologue, repository.key.opens("meta", prologue.epoch), name)
        if header != listed.entries:
            yield Damaged(name, "its header and the index disagree"), set()
    except Damaged as error:
        yield error, set()
    for entry in blobs.entries(listed.entries, name):
        key = repository.key.knows("id data" if entry.type == blobs.DATA else "id meta")
        try:
            stored = raw[entry.offset : entry.offset + entry.stored]
            blobs.decrypt(aead, bytes(prologue), entry, stored, key, name)
        except Damaged as error:
            yield error, {entry.id}


def _touched(repository: Repository, snapshots: Iterable[Snapshot], lost: set[bytes]) -> list[str]:
    found: list[str] = []
    for snapshot in snapshots:
        known = Catalogue(repository, snapshot)
        waiting: list[tuple[bytes, Node]] = [(b"", known.root())]
        while waiting:
            path, node = waiting.pop()
            try:
                if node["t"] == DIRECTORY:
                    prefix = path + b"/" if path else b""
                    waiting.extend((prefix + child["n"], child) for child in known.nodes(node))
                elif node["t"] == FILE and any(_gone(known, id_, lost) for id_ in known.ids(node)):
                    found.append(_label(snapshot, path))
            except Damaged:
                found.append(_label(snapshot, path + b"/" if node["t"] == DIRECTORY else path))
    return sorted(found)


def _gone(known: Catalogue, id_: bytes, lost: set[bytes]) -> bool:
    """Whether a piece has no sound copy left; one that an index lists twice may have."""
    if id_ in known and id_ not in lost:
        return False
    try:
        known.read(id_, blobs.DATA)
    except Damaged:
        return True
    return False


def _label(snapshot: Snapshot, path: bytes) -> str:
    return f"{snapshot.id.hex()[:8]}:{path.decode(errors='backslashreplace')}"
