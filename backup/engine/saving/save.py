"""Save a source: walk it in one thread, read, hash, compress and encrypt in several, write packs in one more."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import zstandard

from backup.engine.errors import AlreadyThere, Missing
from backup.engine.format import blobs, cipher, layout, snapshots
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts
from backup.engine.repository import Repository
from backup.engine.saving.intake import Intake, Progress
from backup.engine.saving.state import NOTHING, Last, State
from backup.engine.sources.folder import Source

_INDEX_BYTES = 8 << 20
"""Entries that one index object lists at most."""
_MOST_INDEXES = 48
"""A snapshot that would name more has all of its writer's packs listed anew."""


@dataclass(frozen=True)
class Saved:
    """What a save did."""

    snapshot: bytes
    sequence: int
    root: bytes
    counts: Counts
    added: int
    new_blobs: int
    unread: tuple[str, ...]
    store_differs: bool
    """The store doesn't hold what this writer left last: an older copy took its place, or it was changed."""


def save(
    repository: Repository,
    state: State,
    source: Source,
    *,
    clock: Callable[[], int],
    workers: int = 2,
    notes: Mapping[str, str] | None = None,
    known: Last = NOTHING,
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> Saved:
    """Make a snapshot of a source. `clock` gives nanoseconds since 1970; `progress` may raise to stop the save.

    `known` is the writer's newest snapshot as somebody else remembers it, should the state be lost. What was written
    before a stop or a crash stays in the store and is used by the next save.
    """
    repository.key.signer()
    started = clock()
    last, store_differs = _reconcile(repository, state, known)
    with closing(Intake(repository, state, source, workers, progress)) as intake:
        root, depth = intake.run()
    body: dict[str, Any] = {
        "source": source.label,
        "host": platform.node(),
        "started": started,
        "finished": clock(),
        "root": root,
        **({"p": depth} if depth else {}),
        "indexes": _index(repository, state),
        "files": intake.counts.files,
        "directories": intake.counts.directories,
        "links": intake.counts.links,
        "bytes": intake.counts.bytes,
        "added": intake.added,
        "unread": len(intake.unread),
        "notes": dict(notes or {}),
    }
    last = _announce(repository, last, body)
    state.finish(last, intake.fresh_files())
    return Saved(
        snapshot=last.digest,
        sequence=last.sequence,
        root=root,
        counts=intake.counts,
        added=intake.added,
        new_blobs=intake.new_blobs,
        unread=tuple(intake.unread),
        store_differs=store_differs,
    )


def _reconcile(repository: Repository, state: State, known: Last) -> tuple[Last, bool]:
    """Compare what the writer remembers with what the store holds, and forget what the store has lost."""
    stored = dict(repository.store.list("packs"))
    packs = state.packs()
    state.forget(name for name, (size, _) in packs.items() if stored.get(layout.pack_name(name)) != size)
    named = {indexed for _, indexed in packs.values() if indexed is not None}
    state.unindex([name for name in named if not _is_whole(repository, name)])
    last = max(state.last(), known, key=lambda one: one.sequence)
    sequence, digest, sound = repository.newest(repository.key.signer()[1])
    if sequence > last.sequence:  # a save was killed after its snapshot was written, or the memory is new
        return Last(sequence, digest), not sound
    return last, (sequence, digest) != (last.sequence, last.digest)


def _is_whole(repository: Repository, index: bytes) -> bool:
    """Whether an index is there and holds the bytes of its name; it takes no key to see that."""
    try:
        return cipher.digest(repository.store.read(layout.index_name(index))) == index
    except Missing:
        return False


def _index(repository: Repository, state: State) -> list[bytes]:
    """List every pack that no index lists yet, and name the indexes that list all."""
    if len({indexed for _, indexed in state.packs().values()}) > _MOST_INDEXES:
        state.unindex()
    waiting: list[Written] = []
    size = 0
    for pack in state.unindexed():
        waiting.append(pack)
        size += len(pack.entries)
        if size >= _INDEX_BYTES:
            _write_index(repository, state, waiting)
            waiting, size = [], 0
    if waiting:
        _write_index(repository, state, waiting)
    return sorted({indexed for _, indexed in state.packs().values() if indexed is not None})


def _write_index(repository: Repository, state: State, packs: Iterable[Written]) -> None:
    config = repository.config
    body = cipher.pack([[pack.name, pack.size, pack.kind.decode(), pack.entries] for pack in packs])
    prologue = bytes(layout.Prologue(layout.INDEX, config.repository, config.epoch.number))
    compressed = zstandard.ZstdCompressor(level=blobs.LEVEL).compress(body)
    raw = prologue + cipher.seal(config.epoch.meta, "index", prologue, compressed)
    digest = cipher.digest(raw)
    repository.store.create(layout.index_name(digest), [raw])
    state.indexed(digest, [pack.name for pack in packs])


def _announce(repository: Repository, last: Last, body: Mapping[str, Any]) -> Last:
    """Write the snapshot as the next of its writer; where another process took that number, as the one after."""
    _, badge = repository.key.signer()
    while True:
        sequence = last.sequence + 1
        raw = snapshots.write(repository.config, repository.key, sequence, last.digest, body)
        try:
            repository.store.create(layout.snapshot_name(badge.key_id, sequence), [raw])
        except AlreadyThere:
            taken, digest, _sound = repository.newest(badge)
            last = Last(max(taken, sequence), digest)
        else:
            return Last(sequence, cipher.digest(raw))
