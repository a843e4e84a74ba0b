"""Look at a whole repository as far as a key and a sample go: what is there, what is lost, what is wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from backup.engine.checking import objects, rows, whole
from backup.engine.checking.holdings import Holdings
from backup.engine.checking.opened import opens
from backup.engine.checking.pace import Pace, Progress, Stage, unheard
from backup.engine.checking.record import Record
from backup.engine.checking.report import Level, Seen
from backup.engine.checking.sample import Sample
from backup.engine.checking.view import View
from backup.engine.checking.walk import Losses, Walk
from backup.engine.checking.whole import Verdict
from backup.engine.errors import Damaged
from backup.engine.format import cipher, layout
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import History
from backup.engine.repository import Repository

_AHEAD = 2
"""Packs that each worker may be ahead of what is taken in."""


@dataclass
class Survey:
    repository: Repository
    sample: Sample
    history: History
    holdings: Holdings
    snapshots: list[Snapshot] = field(default_factory=list)
    """Those that are kept and sound themselves, writer by writer."""
    sound_heads: int = 0
    """Snapshots whose signature and place are right, where the key opens none."""
    forgotten: list[Snapshot] = field(default_factory=list)
    problems: list[Damaged] = field(default_factory=list)
    touched: list[tuple[Snapshot, Losses]] = field(default_factory=list)
    walked: bool = False
    present: dict[bytes, int] = field(default_factory=dict)
    """Packs that are in the store, and their size."""
    read: set[bytes] = field(default_factory=set)
    """Packs that were read whole."""
    passed: set[bytes] = field(default_factory=set)
    """Packs that weren't, since a record says that they were found sound lately."""
    headers: list[Written] | None = None
    """What the packs that no index in use lists say of themselves, where that was asked."""
    rotten: set[bytes] = field(default_factory=set)
    """Packs that were read, and whose own bytes are at fault."""
    blobs_read: int = 0
    bytes_read: int = 0
    seen: list[Seen] = field(default_factory=list)

    def opens(self, part: str) -> bool:
        """Whether the key opens a part of the repository."""
        return opens(self.repository, part)

    def stays(self, number: int) -> bool:
        """Whether the pack of a listing is in the store with the size it is to have."""
        pack = self.holdings.listings[number].pack
        return self.present.get(pack.name) == pack.size

    def indexes_of(self, snapshot: Snapshot) -> tuple[bytes, ...]:
        """The indexes with which a snapshot is read today."""
        return self.history.instead(snapshot.indexes)


def survey(
    repository: Repository,
    sample: Sample,
    *,
    expected: Iterable[Seen] = (),
    record: Record | None = None,
    workers: int = 2,
    progress: Progress = unheard,
) -> Survey:
    """`expected` is what the caller remembers to have been there; `progress` may raise to stop.

    What a `record` holds isn't read again, and what is found sound goes into it at once.
    """
    found = Survey(repository, sample, repository.history(), Holdings(repository))
    pace = Pace(progress)
    pace.begin(Stage.OBJECTS, 0)
    _objects(found, expected)
    _rows(found)
    _indexes(found)
    _presence(found)
    _packs(found, record, workers, pace)
    _trees(found, record, pace)
    return found


def _objects(found: Survey, expected: Iterable[Seen]) -> None:
    repository = found.repository
    for one in objects.configs(repository):
        (found.seen if isinstance(one, Seen) else found.problems).append(one)  # type: ignore[arg-type]
    found.problems += objects.badges(repository)
    found.problems += objects.seen(repository, found.history, expected)
    if found.sample.level is not Level.QUICK:
        manifests = objects.manifests(repository, found.history.badges)
        found.problems += (one for one in manifests if isinstance(one, Damaged))


def _rows(found: Survey) -> None:
    repository, history = found.repository, found.history
    acts = [Seen(layout.act_name(act.head.author, act.head.sequence), act.id.hex()) for act in history.acts]
    if not found.opens("log"):
        found.problems += history.problems
        heads = list(rows.heads(repository, history))
        found.problems += (one for one in heads if isinstance(one, Damaged))
        sound = [one for one in heads if isinstance(one, Seen)]
        found.sound_heads = len(sound)
        found.seen += objects.newest([*acts, *sound])
        return
    for snapshot in repository.examine(history):
        if isinstance(snapshot, Damaged):
            found.problems.append(snapshot)
        elif history.is_forgotten(snapshot):
            found.forgotten.append(snapshot)
        else:
            found.snapshots.append(snapshot)
    snapshots = (Seen(one.name, one.id.hex()) for one in (*found.snapshots, *found.forgotten))
    found.seen += objects.newest([*acts, *snapshots])
    found.snapshots.sort(key=lambda one: (one.head.author, one.head.sequence))


def _indexes(found: Survey) -> None:
    """Load the indexes in use where the key can; of the others, and without a key of all, look at their bytes."""
    repository, holdings = found.repository, found.holdings
    in_use: set[bytes] = set()
    sizes = {one.name: one.size for one in repository.store.list("index")}
    for snapshot in found.snapshots:
        audience = repository.config.audience(snapshot.head.author)
        for index in found.indexes_of(snapshot):
            in_use.add(index)
            if found.opens("meta"):
                holdings.load(index, audience, sizes.get(layout.index_name(index), 0))
    known = frozenset(map(layout.index_name, in_use)) if found.opens("meta") else frozenset()
    found.problems += holdings.lost_indexes.values()
    found.problems += objects.digests(repository, "index", known)
    if not found.opens("meta"):
        gone = (name for name in map(layout.index_name, sorted(in_use)) if name not in sizes)
        found.problems += (Damaged(name, "is gone") for name in gone)


def _presence(found: Survey) -> None:
    stored = {one.name: one.size for one in found.repository.store.list("packs")}
    found.problems += objects.names(stored)
    for name in stored:
        digest = bytes.fromhex(name.rpartition("/")[2])
        try:
            layout.check_size(name, stored[name])
        except Damaged as error:
            found.problems.append(error)
        else:
            if name == layout.pack_name(digest):
                found.present[digest] = stored[name]
    for number, listing in enumerate(found.holdings.listings):
        size = stored.get(listing.name)
        if size != listing.pack.size:
            why = "is gone" if size is None else f"has {size} bytes instead of {listing.pack.size}"
            found.holdings.unreadable[number] = Damaged(listing.name, why)
            found.problems.append(found.holdings.unreadable[number])


def _packs(found: Survey, record: Record | None, workers: int, pace: Pace) -> None:
    """Read the packs of the sample, a few at a time."""
    picked = found.sample.pick(found.present.items())
    if found.sample.level is not Level.QUICK:  # those of a wrong size, too: the pack may be cut, or an index may lie
        suspects = {found.holdings.listings[number].pack.name for number in found.holdings.unreadable}
        picked += sorted((suspects & found.present.keys()) - set(picked))
    pace.begin(Stage.PACKS, len(picked))
    waiting: deque[Future[Verdict]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="check")
    try:
        for done, pack in enumerate(picked):
            pace.tell(done)
            if record is not None and all(key in record for key in _keys(found, pack)):
                found.passed.add(pack)
                continue
            listings = [found.holdings.listings[number] for number in found.holdings.of_pack.get(pack, ())]
            waiting.append(pool.submit(whole.read, found.repository, pack, listings))
            if len(waiting) > workers * _AHEAD:
                _take(found, waiting.popleft().result(), record)
        while waiting:
            _take(found, waiting.popleft().result(), record)
            pace.tell(len(picked) - len(waiting))
    finally:
        pool.shutdown(cancel_futures=True)


def _take(found: Survey, verdict: Verdict, record: Record | None) -> None:
    holdings = found.holdings
    numbers = holdings.of_pack.get(verdict.pack, [])
    found.read.add(verdict.pack)
    found.bytes_read += verdict.size
    found.blobs_read += verdict.sound
    found.problems += verdict.problems
    if verdict.unreadable is not None:
        for number in numbers:
            holdings.unreadable.setdefault(number, verdict.unreadable)
    if verdict.is_rotten:
        found.rotten.add(verdict.pack)
    if verdict.is_mended:
        holdings.mended.add(verdict.pack)
        for number in numbers:  # it may have been cut
            if holdings.listings[number].pack.size == verdict.size:
                holdings.unreadable.pop(number, None)
    holdings.distrusted.update(numbers[place] for place in verdict.distrusted)
    for place, which, why in verdict.broken:
        holdings.broken[holdings.start(numbers[place]) + which] = why
    if record is not None and not verdict.problems and not any(number in holdings.unreadable for number in numbers):
        record.add(_keys(found, verdict.pack))


def _keys(found: Survey, pack: bytes) -> list[bytes]:
    """What a record knows a pack by: one key for each way in which it is listed."""
    numbers = found.holdings.of_pack.get(pack)
    if numbers:
        return [found.holdings.listings[number].key for number in numbers]
    return [cipher.digest(found.repository.config.repository, pack)[:16]]


def _trees(found: Survey, record: Record | None, pace: Pace) -> None:
    """Walk every kept snapshot where the key can: always but in a quick check that has missed nothing so far."""
    holdings, level = found.holdings, found.sample.level
    lost = {holdings.listings[number].pack.name for number in holdings.unreadable} - found.history.condemned.keys()
    if not found.opens("meta") or (level is Level.QUICK and not holdings.lost_indexes and not lost):
        return
    found.walked = True
    with_hashes = level is Level.FULL and found.opens("data")
    view = View(found.repository, holdings, trouble=found.problems.append)
    walk = Walk(found.repository, holdings, view, tick=pace.tell)
    pace.begin(Stage.TREES, len(found.snapshots))
    for done, snapshot in enumerate(found.snapshots):
        pace.tell(done)
        key = cipher.digest(found.repository.config.repository, b"files of", snapshot.id)[:16]
        hashes = with_hashes and (record is None or key not in record)
        losses = walk.snapshot(snapshot, found.indexes_of(snapshot), hashes=hashes)
        if losses.found:
            found.touched.append((snapshot, losses))
        elif hashes and record is not None:
            record.add([key])
