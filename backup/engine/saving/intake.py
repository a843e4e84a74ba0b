"""The working part of a save: many threads, bounded memory, each directory closed as soon as its last file is in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from blake3 import blake3

from backup.engine.format import blobs, cipher, layout, trees
from backup.engine.format.chunker import SMALLEST, Chunker
from backup.engine.format.cipher import Bytes
from backup.engine.format.packs import Packer, PackWriter, Written
from backup.engine.format.snapshots import Counts
from backup.engine.format.trees import DIRECTORY, LINK, Node
from backup.engine.repository import Repository
from backup.engine.saving.state import State
from backup.engine.sources.folder import Item, Source, Unreadable

_BATCH = 2 << 20
"""Small files are handed to a worker by so many bytes at once…"""
_BATCH_FILES = 256
"""…or so many files."""
_IN_FLIGHT = 48 << 20
"""Bytes that may wait for the workers."""
_EVERY = 0.25
"""Seconds between two reports of progress."""


@dataclass(frozen=True)
class Progress:
    files: int
    bytes: int
    added: int


class _Folder:
    """A directory whose nodes are being filled. `waiting` counts what isn't in yet, its own listing among it."""

    __slots__ = ("node", "nodes", "parent", "path", "waiting")

    def __init__(self, path: bytes, node: Node, parent: _Folder | None) -> None:
        self.path, self.node, self.parent = path, node, parent
        self.nodes: list[Node | None] = []
        self.waiting = 1


@dataclass(slots=True)
class _File:
    """A file on its way: where its node stands, and the ids of its pieces."""

    item: Item
    folder: _Folder
    place: int
    ids: list[bytes]
    waiting: int = 1


class Intake:
    def __init__(
        self,
        repository: Repository,
        state: State,
        source: Source,
        workers: int,
        progress: Callable[[Progress], None],
    ) -> None:
        key, epoch = repository.key, repository.config.epoch
        self._source, self._state, self._progress = source, state, progress
        self._id_data, self._id_meta = key.knows("id data"), key.knows("id meta")
        self._chunker = Chunker(key.knows("chunk"))
        self._known = state.known()
        self._remembered = state.files()
        self._fresh: list[tuple[bytes, bytes, bytes]] = []
        self._writer = PackWriter(repository.store, self._wrote)
        self._data = Packer(layout.DATA_PACK, key.repository, epoch, self._writer)
        self._meta = Packer(layout.META_PACK, key.repository, epoch, self._writer)
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="backup")
        self._change = threading.Condition()
        self._in_flight = 0
        self._failure: BaseException | None = None
        self._batch: list[_File] = []
        self._batch_size = 0
        self._reported = 0.0
        self._files = self._directories = self._links = self._bytes = 0
        self.added = self.new_blobs = 0
        self.unread: list[str] = []

    @property
    def counts(self) -> Counts:
        return Counts(self._files, self._directories, self._links, self._bytes)

    def fresh_files(self) -> list[tuple[bytes, bytes, bytes]]:
        return self._fresh

    def run(self) -> tuple[bytes, int]:
        """Take the whole source in: the ids of the root's tree blobs and their depth. All is durable on return."""
        root = _Folder(b"", {"t": DIRECTORY}, None)
        self._walk(root)
        self._flush()
        self._wait_until(lambda: not self._in_flight and not root.waiting)
        self._workers.shutdown()
        self._data.close()
        self._meta.close()
        self._writer.close()
        self._report(at_once=True)
        return root.node["c"], root.node.get("p", 0)

    def close(self) -> None:
        """Stop every thread; what is durable stays."""
        self._workers.shutdown(cancel_futures=True)
        self._writer.stop()

    # The walk, in the caller's thread

    def _walk(self, root: _Folder) -> None:
        waiting: list[tuple[_Folder, Any]] = [(root, self._source.root())]
        while waiting:
            folder, handle = waiting.pop()
            below: list[tuple[_Folder, Any]] = []
            try:
                for item in self._source.children(handle):
                    if isinstance(item, Unreadable):
                        self.unread.append(str(item))
                    else:
                        self._take(folder, item, below)
            except (OSError, Unreadable) as error:
                if folder.parent is None:
                    raise
                self.unread.append(str(error))
            waiting.extend(reversed(below))
            self._directories += 1
            self._done(folder)
            self._report()

    def _take(self, folder: _Folder, item: Item, below: list[tuple[_Folder, Any]]) -> None:
        node, place = item.node, len(folder.nodes)
        folder.nodes.append(node)
        if node["t"] == DIRECTORY:
            with self._change:
                folder.waiting += 1
            below.append((_Folder(folder.path + node["n"] + b"/", node, folder), item.handle))
        elif node["t"] == LINK:
            self._links += 1
        elif not self._unchanged(folder, item):
            with self._change:
                folder.waiting += 1
            file = _File(item, folder, place, [])
            if self._source.parallel and item.size <= SMALLEST:
                self._batch.append(file)
                self._batch_size += item.size
                if self._batch_size >= _BATCH or len(self._batch) >= _BATCH_FILES:
                    self._flush()
            else:
                self._stream(file)

    def _unchanged(self, folder: _Folder, item: Item) -> bool:
        """Take a file's content from the last save where nothing of it can have changed."""
        if item.signature is None:
            return False
        signature, packed = self._remembered.get(self._path_key(folder, item), (b"", b""))
        if signature != item.signature:
            return False
        content = cipher.unpack(packed, "state")
        if not all(id_ in self._known for id_ in content.pop("ids")):
            return False
        item.node.update(content)
        self._count(content["s"])
        return True

    def _flush(self) -> None:
        if self._batch:
            self._submit(max(self._batch_size, 1), self._small, self._batch)
            self._batch, self._batch_size = [], 0

    def _stream(self, file: _File) -> None:
        """Cut one file in this thread and give its pieces to the workers."""
        whole, size = blake3(), 0
        try:
            with self._source.open(file.item) as stream:
                for piece in self._chunker.cut(stream, file.item.size):
                    whole.update(piece)
                    size += len(piece)
                    file.ids.append(b"")
                    with self._change:
                        file.waiting += 1
                    self._submit(len(piece), self._piece, file, len(file.ids) - 1, piece)
                steady = self._source.steady(file.item, stream)
        except (OSError, Unreadable) as error:
            self._skip(file, str(error))
            return
        file.item.node |= {"s": size, "h": whole.digest()}
        if not steady:
            file.item.signature = None
        self._count(size)
        self._piece_done(file)

    # The workers

    def _small(self, files: list[_File]) -> None:
        for file in files:
            try:
                with self._source.open(file.item) as stream:
                    content = stream.read(file.item.size + 1)
                    while len(content) > file.item.size and (more := stream.read(SMALLEST)):
                        content += more  # it grew: take what is there
                    if not self._source.steady(file.item, stream):
                        file.item.signature = None
            except (OSError, Unreadable) as error:
                self._skip(file, str(error))
                continue
            pieces = (content[start : start + blobs.LARGEST] for start in range(0, len(content), blobs.LARGEST))
            file.ids = [self._blob(blobs.DATA, piece) for piece in pieces]
            file.item.node |= {"s": len(content), "h": cipher.digest(content)}
            self._count(len(content))
            self._piece_done(file)

    def _piece(self, file: _File, place: int, piece: memoryview) -> None:
        file.ids[place] = self._blob(blobs.DATA, piece)
        self._piece_done(file)

    def _blob(self, type_: int, content: Bytes) -> bytes:
        """The id of a blob, which is stored first where this writer hasn't stored it yet."""
        id_ = blobs.identify(content, self._id_data if type_ == blobs.DATA else self._id_meta)
        mine = object()
        if self._known.setdefault(id_, mine) is mine:  # atomic: of two threads one stores
            method, body = blobs.compress(content)
            packer = self._data if type_ == blobs.DATA else self._meta
            packer.add(type_, id_, method, len(content), body)
            with self._change:
                self.new_blobs += 1
        return id_

    def _piece_done(self, file: _File) -> None:
        with self._change:
            file.waiting -= 1
            if file.waiting:
                return
        node, lists = file.item.node, self._fold(file.item.node, b"".join(file.ids))
        if file.item.signature is not None:
            content = {name: node[name] for name in ("s", "h", "c", "p") if name in node}
            packed = cipher.pack(content | {"ids": [*dict.fromkeys(file.ids), *lists]})
            self._fresh.append((self._path_key(file.folder, file.item), file.item.signature, packed))
        self._done(file.folder)

    def _skip(self, file: _File, why: str) -> None:
        file.folder.nodes[file.place] = None
        with self._change:
            self.unread.append(why)
        self._done(file.folder)

    def _done(self, folder: _Folder | None) -> None:
        """One thing of a directory is in; with the last, its tree is stored, and its parent has one thing more."""
        while folder is not None:
            with self._change:
                folder.waiting -= 1
                if folder.waiting:
                    return
            parts = trees.split(node for node in folder.nodes if node is not None)
            self._fold(folder.node, b"".join(self._blob(blobs.TREE, part) for part in parts))
            folder.nodes = []
            folder = folder.parent
        with self._change:
            self._change.notify_all()

    def _fold(self, node: Node, ids: bytes) -> list[bytes]:
        """Put the ids of a content into its node, through lists where they are many: the ids of those lists."""
        lists: list[bytes] = []

        def store(part: bytes) -> bytes:
            lists.append(self._blob(blobs.LIST, part))
            return lists[-1]

        node["c"], depth = trees.fold(ids, store)
        if depth:
            node["p"] = depth
        return lists

    # Between them

    def _submit(self, cost: int, work: Callable[..., None], *arguments: Any) -> None:
        """Give work to a thread once there is room for its bytes."""
        self._wait_until(lambda: not self._in_flight or self._in_flight + cost <= _IN_FLIGHT)
        with self._change:
            self._in_flight += cost
        self._workers.submit(self._guard, cost, work, arguments)

    def _guard(self, cost: int, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            if self._failure is None:
                work(*arguments)
        except BaseException as error:  # raised again in the caller's thread
            self._failure = self._failure or error
        finally:
            with self._change:
                self._in_flight -= cost
                self._change.notify_all()

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait, reporting meanwhile. Raises what a worker raised."""
        while True:
            with self._change:
                if not ready() and self._failure is None:
                    self._change.wait(_EVERY)
                failure, over = self._failure, ready()
            if failure is not None:
                raise failure
            if over:
                return
            self._report()

    def _count(self, size: int) -> None:
        with self._change:
            self._files += 1
            self._bytes += size

    def _wrote(self, pack: Written) -> None:
        self._state.wrote(pack)
        self.added += pack.size

    def _report(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if at_once or now - self._reported >= _EVERY:
            self._reported = now
            self._progress(Progress(self._files, self._bytes, self.added))

    def _path_key(self, folder: _Folder, item: Item) -> bytes:
        label = self._source.label.encode(errors="surrogateescape")
        return blobs.identify(label + b"\0" + folder.path + item.node["n"], self._id_meta)
