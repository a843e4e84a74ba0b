"""The working part of a save: each file read once, each directory closed as soon as its last file is in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backup.engine.format import blobs, cipher, trees
from backup.engine.format.chunker import SMALLEST, Chunker
from backup.engine.format.keys import Key
from backup.engine.format.snapshots import Counts, Effort
from backup.engine.format.trees import DIRECTORY, FILE
from backup.engine.ordered import OrderedHash
from backup.engine.saving.crew import Crew
from backup.engine.saving.folders import NODE, STAMP, Entry, Folders, Row
from backup.engine.saving.known import Known
from backup.engine.saving.storing import Storing
from backup.engine.saving.underway import File, Folder
from backup.engine.sources.base import Item, Source, Unreadable

_BATCH = 2 << 20
"""Small files are handed to a worker by so many bytes at once…"""
_BATCH_FILES = 256
"""…or so many files."""
_TINY = 8 << 10
"""Files of no more bytes than this on average are read by the walk itself, while the disk is quick: workers would spend
more on waiting for each other than they can do at the same time."""
_BUSY, _APART = 0.125, 16
"""Where the walk worked for less than this share of such a batch, it waited for the disk: so many of the next go to the
workers all the same."""
_IN_FLIGHT = 48 << 20
"""Bytes that may wait for the workers."""
_EVERY = 0.25
"""Seconds between two reports of progress."""


@dataclass(frozen=True)
class Progress:
    files: int
    size: int
    added: int
    unread: int
    path: bytes
    """The folder that was entered last."""


class Intake:
    """Takes a source in. The caller's thread walks, reads tiny files and cuts large ones; the crew does the rest."""

    def __init__(
        self,
        key: Key,
        source: Source,
        known: Known,
        folders: Folders,
        storing: Storing,
        *,
        generation: int,
        workers: int,
        progress: Callable[[Progress], None],
    ) -> None:
        self._source, self._known, self._folders, self._storing = source, known, folders, storing
        self._generation, self._progress = generation, progress
        self._chunker = Chunker(key.knows("chunk"))
        self._crew = Crew(workers, _IN_FLIGHT, self._report)
        self._lock = threading.Lock()
        self._batch: list[File] = []
        self._batch_size = 0
        self._apart = 0
        """How many of the next batches go to the workers, however small their files are."""
        self._settle: Callable[[], None] = _nothing
        """Take in what was read and is being compressed."""
        self._reported = 0.0
        self._path = b""
        self._files = self._directories = self._others = self._bytes = self._changed = 0
        self.unread: list[str] = []

    @property
    def counts(self) -> Counts:
        return Counts(self._files, self._directories, self._others, self._bytes)

    @property
    def effort(self) -> Effort:
        done = self._storing
        return Effort(done.added, done.fresh, done.dense, self._changed, len(self.unread))

    def run(self) -> tuple[bytes, int]:
        """Take the whole source in: the ids of the root's tree blobs and their depth. All is durable on return."""
        root = Folder(b"", None, {}, None, 0)
        self._walk(root)
        self._flush()
        self._settle()
        self._crew.finish()
        self._report(at_once=True)  # what is still on its way to a far store may take long
        self._storing.finish()
        self._report(at_once=True)
        return root.content, root.depth

    def close(self) -> None:
        """Stop every thread; what is durable stays."""
        self._crew.close()
        self._storing.close()

    # The walk, in the caller's thread

    def _walk(self, root: Folder) -> None:
        waiting: list[tuple[Folder, Any]] = [(root, self._source.root())]
        while waiting:
            folder, handle = waiting.pop()
            self._path = folder.path
            below: list[tuple[Folder, Any]] = []
            folder.row = self._remembered(folder.path)
            try:
                self._list(folder, handle, below)
            except (OSError, Unreadable) as error:
                if folder.parent is None:
                    raise
                folder.same = False
                self._missed(str(error))
            waiting.extend(reversed(below))
            self._directories += 1
            self._done(folder)
            self._report()

    def _list(self, folder: Folder, handle: Any, below: list[tuple[Folder, Any]]) -> None:
        entries, by_name = folder.entries, folder.row.by_name if folder.row else {}
        files = size = others = 0
        try:
            for item in self._source.children(handle):
                if isinstance(item, Unreadable):
                    folder.same = False
                    self._missed(str(item))
                    continue
                before = by_name.get(item.name)
                if before is not None and (item.stamp is None or before[STAMP] != item.stamp):
                    before = None
                if item.kind == DIRECTORY:
                    self._enter(folder, item, before, below)
                elif before is not None:
                    entries.append(before)
                    if item.kind == FILE:
                        files += 1
                        size += item.size
                    else:
                        others += 1
                elif item.kind == FILE:
                    self._take(folder, item)
                else:
                    self._note(folder, item)
        finally:
            with self._lock:
                self._files += files
                self._bytes += size
                self._others += others

    def _enter(self, folder: Folder, item: Item, before: Entry | None, below: list[tuple[Folder, Any]]) -> None:
        try:
            node = cipher.unpack(before[NODE], "state") if before is not None else self._source.node(item)
        except (OSError, Unreadable) as error:
            folder.same = False
            self._missed(str(error))
            return
        child = Folder(folder.path + item.name + b"/", item, node, folder, len(folder.entries))
        folder.entries.append(before)
        with self._lock:
            folder.waiting += 1
        below.append((child, item.handle))

    def _note(self, folder: Folder, item: Item) -> None:
        """Something that has no content: a link, a device and the like."""
        folder.same = False
        try:
            folder.entries.append([item.name, item.stamp, cipher.pack(self._source.node(item)), b""])
        except (OSError, Unreadable) as error:
            self._missed(str(error))
        else:
            with self._lock:
                self._others += 1

    def _take(self, folder: Folder, item: Item) -> None:
        folder.same = False
        file = File(item, folder, len(folder.entries), [])
        folder.entries.append(None)
        with self._lock:
            folder.waiting += 1
        if self._source.parallel and item.size <= SMALLEST:
            self._batch.append(file)
            self._batch_size += item.size
            if self._batch_size >= _BATCH or len(self._batch) >= _BATCH_FILES:
                self._flush()
        else:
            self._stream(file)

    def _remembered(self, path: bytes) -> Row | None:
        """What the last save found, if every blob of it can still be relied on."""
        row = self._folders.find(path)
        if row is None or row.generation == self._generation or all(id_ in self._known for id_ in row.ids()):
            return row
        return None

    def _flush(self) -> None:
        if not self._batch:
            return
        batch, size = self._batch, self._batch_size
        self._batch, self._batch_size = [], 0
        if size > _TINY * len(batch) or self._apart:
            self._apart = max(self._apart - 1, 0)
            self._crew.give(max(size, 1), self._small, batch)
            return
        began, worked = time.perf_counter(), time.thread_time()
        read = self._read(batch)
        if _BUSY * (time.perf_counter() - began) > time.thread_time() - worked:
            self._apart = _APART
        self._settle()
        ready = self._storing.ahead([content for _file, content in read if content])
        self._settle = lambda: self._all_in(read, ready())

    def _stream(self, file: File) -> None:
        """Cut one file in this thread and give its pieces to the workers."""
        file.whole, size = OrderedHash(), 0
        try:
            file.node = self._source.node(file.item)
            content = self._source.open(file.item)
            try:
                for piece in self._chunker.cut(content, file.item.size):
                    size += len(piece)
                    file.ids.append(b"")
                    with self._lock:
                        file.waiting += 1
                    self._crew.give(len(piece), self._piece, file, len(file.ids) - 1, piece)
                    self._report()
                steady, extents = content.steady(), content.extents
            finally:
                content.close()
        except (OSError, Unreadable) as error:
            self._skip(file, str(error))
            return
        file.node["s"] = size
        if extents is not None:
            file.node |= {
                "s": max(file.item.size, sum(extents[-1]) if extents else 0),
                "e": [list(one) for one in extents],
            }
        if not steady:
            file.item.stamp = None
        self._piece_done(file)

    # Of files that were met: in whichever thread it is quicker

    def _small(self, files: list[File]) -> None:
        read = self._read(files)
        self._all_in(read, self._storing.blobs(blobs.DATA, [content for _file, content in read if content]))

    def _read(self, files: list[File]) -> list[tuple[File, bytes]]:
        """Their contents, and their nodes. What can't be read is told; what grew too much is taken in at once."""
        read: list[tuple[File, bytes]] = []
        for file in files:
            try:
                content, steady = self._source.read(file.item)
                file.node = self._source.node(file.item)
            except (OSError, Unreadable) as error:
                self._skip(file, str(error))
                continue
            if not steady:
                file.item.stamp = None
            file.node["s"] = len(content)
            if len(content) <= blobs.LARGEST:
                read.append((file, content))
            else:  # it grew
                pieces = [content[start : start + blobs.LARGEST] for start in range(0, len(content), blobs.LARGEST)]
                file.node["h"] = cipher.digest(content)
                file.ids = self._storing.blobs(blobs.DATA, pieces)
                self._in(file)
        return read

    def _all_in(self, read: list[tuple[File, bytes]], ids: list[bytes]) -> None:
        """Files of one piece each, or of none."""
        following = iter(ids)
        for file, content in read:
            if content:
                file.ids = [next(following)]
            self._in(file)

    def _piece(self, file: File, place: int, piece: memoryview) -> None:
        assert file.whole is not None
        (file.ids[place],) = self._storing.blobs(blobs.DATA, [piece])
        file.whole.add(place, [piece])
        self._piece_done(file)

    def _piece_done(self, file: File) -> None:
        with self._lock:
            file.waiting -= 1
            if file.waiting:
                return
        self._in(file)

    def _in(self, file: File) -> None:
        """Every piece of a file is in: its node is whole."""
        assert file.node is not None
        node, item = file.node, file.item
        if len(file.ids) < 2:
            node["c"], depth, needs = b"".join(file.ids), 0, b""
        else:
            node["c"], depth, needs = self._storing.fold(file.ids)
        if depth:
            node["p"] = depth
        if file.whole is not None and len(file.ids) > 1:
            node["h"] = file.whole.digest()
        file.folder.entries[file.place] = [item.name, item.stamp, cipher.pack(node), needs]
        with self._lock:
            self._files += 1
            self._changed += 1
            self._bytes += node["s"]
        self._done(file.folder)

    def _skip(self, file: File, why: str) -> None:
        self._missed(why)
        self._done(file.folder)

    def _done(self, folder: Folder | None) -> None:
        """One thing of a directory is in; with the last, its tree is stored, and its parent has one thing more."""
        while folder is not None:
            with self._lock:
                folder.waiting -= 1
                if folder.waiting:
                    return
            self._close(folder)
            folder.entries, folder.row = [], None
            folder = folder.parent

    def _close(self, folder: Folder) -> None:
        """Store the tree of a directory, unless it is the one that was stored before; tell its parent."""
        row = folder.row
        if row is not None and folder.same and len(folder.entries) == len(row.entries):
            folder.content, folder.depth, folder.needs = row.content, row.depth, row.needs
            if row.generation != self._generation:
                row.generation = self._generation
                self._folders.keep(folder.path, row)
        else:
            entries = [entry for entry in folder.entries if entry is not None]
            ids = self._storing.blobs(blobs.TREE, list(trees.split(entry[NODE] for entry in entries)))
            folder.content, folder.depth, folder.needs = self._storing.fold(ids)
            self._folders.keep(folder.path, Row(self._generation, folder.content, folder.depth, folder.needs, entries))
        if folder.parent is not None and folder.item is not None:
            self._tell(folder, folder.item, folder.parent)

    @staticmethod
    def _tell(folder: Folder, item: Item, parent: Folder) -> None:
        node = folder.node | {"c": folder.content}
        node.pop("p", None)
        if folder.depth:
            node["p"] = folder.depth
        entry = [item.name, item.stamp, cipher.pack(node), b""]
        if entry != parent.entries[folder.place]:
            parent.same = False
        parent.entries[folder.place] = entry

    def _missed(self, why: str) -> None:
        with self._lock:
            self.unread.append(why)

    def _report(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if at_once or now - self._reported >= _EVERY:
            self._reported = now
            self._progress(Progress(self._files, self._bytes, self._storing.added, len(self.unread), self._path))


def _nothing() -> None:
    """Nothing was read ahead."""
