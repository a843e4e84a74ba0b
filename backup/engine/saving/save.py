"""Save a source: walk it in one thread, read, hash, compress and encrypt in several, write packs in one more."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from backup.engine.errors import AlreadyThere, Damaged, Missing
from backup.engine.format import cipher, index, layout, snapshots
from backup.engine.format.keys import Badge, Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Effort, Taken
from backup.engine.history import History
from backup.engine.repository import Repository
from backup.engine.saving.folders import Folders
from backup.engine.saving.intake import Intake, Progress
from backup.engine.saving.known import Known
from backup.engine.saving.state import NOTHING, Last, State
from backup.engine.saving.storing import Storing
from backup.engine.sources.base import Source
from backup.engine.stores.base import Store
from backup.engine.stores.cached import itself
from backup.engine.stores.foreseen import foreseeing

_INDEX_BYTES = 8 << 20
"""Entries that one index object lists at most."""
_SMALL_INDEX = 1 << 20
_MOST_SMALL_INDEXES = 32
"""A snapshot that would name more small indexes has their packs listed anew, together."""
_LOOKED_AT = 16 << 20
"""Bytes of indexes that a save reads back at most, to see that they are whole."""
_ATTEMPTS = 5


@dataclass(frozen=True)
class Saved:
    """What a save did."""

    snapshot: bytes
    sequence: int
    root: bytes
    counts: Counts
    effort: Effort
    new_blobs: int
    unread: tuple[str, ...]
    store_differs: bool
    """The store doesn't hold what this writer left last: an older copy took its place, or it was changed."""
    skipped: bool = False
    """Nothing had changed, and no snapshot was wanted then."""


def save(
    repository: Repository,
    state: State,
    source: Source,
    *,
    clock: Callable[[], int],
    workers: int = 2,
    uploads: int = 1,
    tags: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    known: Last = NOTHING,
    skip_unchanged: bool = False,
    dry_run: bool = False,
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> Saved:
    """Make a snapshot of a source. `clock` gives nanoseconds since 1970; `progress` may raise to stop the save.

    `uploads` packs are written at the same time, which pays where the store is far away.
    `known` is the writer's newest snapshot as somebody else remembers it, should the state be lost. What was written
    before a stop or a crash stays in the store and is used by the next save. A dry run reads everything that has
    changed, and stores nothing.
    """
    work = _Save(
        repository, state, source, clock, workers, uploads, tags, notes or {}, skip_unchanged, dry_run, progress
    )
    return work.run(known)


@dataclass
class _Save:
    repository: Repository
    state: State
    source: Source
    clock: Callable[[], int]
    workers: int
    uploads: int
    tags: Sequence[str]
    notes: Mapping[str, str]
    skip_unchanged: bool
    dry_run: bool
    progress: Callable[[Progress], None]
    badges: dict[bytes, Badge] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name of the row of snapshots, as text that can be written down whatever bytes it was made of."""
        return self.source.label.encode(errors="surrogateescape").decode(errors="backslashreplace")

    def run(self, known: Last) -> Saved:
        repository, state = self.repository, self.state
        repository.key.require(Role.WRITER)
        if repository.key.key_id in repository.config.revoked:
            raise Damaged("config", "this key was revoked: nothing that it saves would count")
        if repository.config.number < state.config:
            raise Damaged(layout.config_name(repository.config.number), "an older state of the repository")
        state.saw_config(repository.config.number)
        started = self.clock()
        stored, last, differs = self._reconcile(known)
        for _attempt in range(_ATTEMPTS):
            saved = self._attempt(started, last, differs)
            if saved is None:
                continue  # what was relied on went meanwhile: it is stored anew
            if saved.skipped or self.dry_run or not any(self._lost()):
                return saved
            last = Last(saved.sequence, saved.snapshot)
        raise Damaged("packs", f"what is stored keeps vanishing: {len(stored)} packs at first")

    def _attempt(self, started: int, last: Last, differs: bool) -> Saved | None:
        repository, state = self.repository, self.state
        blobs_known = Known(state, (lambda _pack: None) if self.dry_run else state.wrote)
        folders = Folders(state, repository.key, self.label)
        keep = _keep_nothing if self.dry_run else repository.store.create
        storing = Storing(repository, blobs_known, keep, self.uploads)
        intake = Intake(
            repository.key,
            self.source,
            blobs_known,
            folders,
            storing,
            generation=state.generation,
            workers=self.workers,
            progress=self.progress,
        )
        with closing(intake):
            root, depth = intake.run()
        saved = Saved(
            snapshot=last.digest,
            sequence=last.sequence,
            root=root,
            counts=intake.counts,
            effort=intake.effort,
            new_blobs=storing.new,
            unread=tuple(intake.unread),
            store_differs=differs,
        )
        unchanged = root == state.root(folders.mark)
        if self.dry_run or (unchanged and self.skip_unchanged and last.sequence):
            return replace(saved, skipped=unchanged)
        packs_went, _indexes_went = self._lost()
        if packs_went:
            return None
        taken = Taken(
            source=self.label,
            host=platform.node(),
            paths=self.source.paths,
            tags=tuple(self.tags),
            started=started,
            finished=self.clock(),
            root=root,
            depth=depth,
            indexes=tuple(self._index()),
            counts=intake.counts,
            effort=intake.effort,
            notes=self.notes,
        )
        last = self._announce(last, taken)
        state.finish(last, folders.fresh, folders.mark, root)
        return replace(saved, snapshot=last.digest, sequence=last.sequence)

    # What the store holds

    def _reconcile(self, known: Last) -> tuple[dict[str, int], Last, bool]:
        """Compare what is remembered with what the store holds, and forget what it has lost or is to lose.

        Gives the packs there are, the snapshot that the next one follows, and whether the store differs.
        """
        mine = self.repository.key.key_id
        folders = ["packs", "keys", "acts", "index", f"snapshots/{mine.hex()}"]
        folders += [f"manifests/{audience.hex()}" for audience in self.repository.audiences()]
        with foreseeing(self.repository.store, folders) as store:
            repository = replace(self.repository, store=store)
            return self._compared(repository), *self._last(repository, known)

    def _compared(self, repository: Repository) -> dict[str, int]:
        state = self.state
        stored = {one.name: one.size for one in repository.store.list("packs")}
        history = repository.history()
        self.badges = history.badges
        state.forget(self._gone(stored, history.condemned))
        for name, manifest in repository.manifests(history.badges, state.manifests()):
            known = state.every_pack()
            state.learn(name, [pack for pack in manifest.packs if pack.name not in known and self._sound(pack, stored)])
        indexes, gone = state.indexes(), self._unlisted(repository.store, history)
        gone |= {name for name in _sample(indexes.keys() - gone, indexes) if not self._is_whole(name)}
        state.unindex(gone)
        return stored

    def _gone(self, stored: Mapping[str, int], condemned: Mapping[bytes, int]) -> list[bytes]:
        packs = self.state.every_pack()
        return [name for name, size in packs.items() if stored.get(layout.pack_name(name)) != size or name in condemned]

    def _unlisted(self, store: Store, history: History) -> set[bytes]:
        """The indexes that the store lost, or is to lose because others are in their place."""
        listed = {one.name: one.size for one in store.list("index")}
        return {
            name
            for name, size in self.state.indexes().items()
            if listed.get(layout.index_name(name)) != size or name in history.leaving
        }

    def _sound(self, pack: Written, stored: Mapping[str, int]) -> bool:
        return stored.get(layout.pack_name(pack.name)) == pack.size

    def _lost(self) -> tuple[bool, bool]:
        """Whether packs, and whether indexes, that are relied on went or are to go since they were last looked at.

        Packs are stored anew by another walk; an index is written anew before the snapshot is. What took the place of
        one while the snapshot was on its way may not list all that the snapshot needs.
        """
        with foreseeing(self.repository.store, ("packs", "acts", "index")) as store:
            stored = {one.name: one.size for one in store.list("packs")}
            history = replace(self.repository, store=store).history(self.badges)
            unlisted = self._unlisted(store, history)
        gone = set(self._gone(stored, history.condemned))
        relied = gone & self.state.packs().keys()
        self.state.forget(gone)
        self.state.unindex(unlisted)
        return bool(relied), bool(unlisted)

    def _is_whole(self, name: bytes) -> bool:
        """Whether an index holds the bytes of its name; it takes no key to see that."""
        try:
            return cipher.digest(itself(self.repository.store).read(layout.index_name(name))) == name
        except Missing:
            return False

    def _last(self, repository: Repository, known: Last) -> tuple[Last, bool]:
        badge = repository.key.badge
        assert badge is not None
        last = max(self.state.last(), known, key=lambda one: one.sequence)
        sequence, digest, sound = repository.newest(badge)
        if sequence > last.sequence:  # a save was killed after its snapshot was written, or the memory is new
            return Last(sequence, digest), not sound
        return last, not sound or (sequence, digest) != (last.sequence, last.digest)

    # What is added to it

    def _index(self) -> list[bytes]:
        """List every pack that no index lists yet, and name the indexes that list all."""
        state = self.state
        small = [name for name, size in state.indexes().items() if size < _SMALL_INDEX]
        if len(small) > _MOST_SMALL_INDEXES:
            state.unindex(small)
        waiting: list[Written] = []
        size = 0
        for pack in state.unindexed():
            waiting.append(pack)
            size += len(pack.entries)
            if size >= _INDEX_BYTES:
                self._write_index(waiting)
                waiting, size = [], 0
        if waiting:
            self._write_index(waiting)
        return sorted({indexed for _, indexed in state.packs().values() if indexed is not None})

    def _write_index(self, packs: Iterable[Written]) -> None:
        packs = list(packs)
        digest, raw = index.write(self.repository.config, packs)
        self.repository.store.create(layout.index_name(digest), [raw])
        self.state.indexed(digest, len(raw), [pack.name for pack in packs])

    def _announce(self, last: Last, taken: Taken) -> Last:
        """Write the snapshot as the next of its writer; where another process took that number, as the one after."""
        repository = self.repository
        badge = repository.key.badge
        assert badge is not None
        while True:
            sequence = last.sequence + 1
            raw = snapshots.write(repository.config, repository.key, sequence, last.digest, taken)
            try:
                repository.store.create(layout.snapshot_name(badge.key_id, sequence), [raw])
            except AlreadyThere:
                newest, digest, _sound = repository.newest(badge)
                last = Last(newest, digest) if newest >= sequence else replace(last, sequence=sequence)
            else:
                return Last(sequence, cipher.digest(raw))


def _keep_nothing(_name: str, _parts: Sequence[cipher.Bytes]) -> None:
    """What a dry run does with a pack."""


def _sample(names: Iterable[bytes], sizes: Mapping[bytes, int]) -> list[bytes]:
    """As many indexes as may be read back, chosen anew each time."""
    chosen, size = [], 0
    for name in secrets.SystemRandom().sample(sorted(names), len(list(names))):
        if size and size + sizes[name] > _LOOKED_AT:
            break
        chosen.append(name)
        size += sizes[name]
    return chosen
