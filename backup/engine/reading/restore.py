"""Restore a snapshot into an empty folder: every name made inside it, every byte verified, nothing followed."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from backup.engine.errors import BackupError, Damaged
from backup.engine.format import blobs
from backup.engine.format.trees import DIRECTORY, FILE, LINK, Node
from backup.engine.reading.catalogue import Catalogue

_BATCH = 4 << 20
_BATCH_FILES = 128
_TASKS = 64
"""Tasks that may wait for the workers, with the directories they hold open."""
_EVERY = 0.25
_HASHED = 4 << 20


@dataclass(frozen=True)
class Restored:
    """What a restore did. It is whole where `problems` is empty."""

    files: int
    directories: int
    links: int
    bytes: int
    verified: int
    """Files whose content, read back, has the hash that the snapshot holds."""
    problems: tuple[str, ...]


class _Folder:
    """A directory being filled, open by descriptor so that no link can stand in for it."""

    __slots__ = ("_descriptor", "node", "parent", "path", "waiting")

    def __init__(self, descriptor: int | None, node: Node, path: bytes, parent: _Folder | None) -> None:
        self._descriptor, self.node, self.path, self.parent = descriptor, node, path, parent
        self.waiting = 1

    @property
    def descriptor(self) -> int:
        assert self._descriptor is not None
        return self._descriptor

    def open(self) -> None:
        """Open what its parent has made when its turn has come: there may be more of them than descriptors."""
        if self._descriptor is None and self.parent is not None:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            self._descriptor = os.open(self.node["n"], flags, dir_fd=self.parent.descriptor)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def restore(
    catalogue: Catalogue,
    target: Path,
    *,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda _files, _bytes: None,
) -> Restored:
    """Restore everything into `target`, which is made or must be empty. What is damaged is left out and told.

    `progress` gets files and bytes done; it may raise to stop. Owners aren't restored, and so neither are set-id bits.
    """
    with contextlib.closing(_Restore(catalogue, target, workers, progress)) as work:
        return work.run()


class _Restore:
    def __init__(self, catalogue: Catalogue, target: Path, workers: int, progress: Callable[[int, int], None]) -> None:
        self._catalogue, self._target, self._progress = catalogue, target, progress
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="restore")
        self._change = threading.Condition()
        self._tasks = 0
        self._failure: BaseException | None = None
        self._stopped = False
        self._reported = 0.0
        self._files = self._directories = self._links = self._bytes = self._verified = 0
        self._problems: list[str] = []

    def run(self) -> Restored:
        self._target.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(self._target.iterdir()):
            raise BackupError(f"{self._target} isn't empty")
        top = os.open(self._target, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._problems += map(str, self._catalogue.missing)
        waiting = [_Folder(top, self._catalogue.root(), b"", None)]
        try:
            while waiting:
                folder = waiting.pop()
                try:
                    folder.open()
                except OSError as error:
                    self._trouble(folder, None, str(error))
                    self._done(folder.parent)
                    continue
                waiting.extend(reversed(self._fill(folder)))
                self._done(folder)
            self._wait_until(lambda: not self._tasks)
        finally:
            for folder in waiting:
                folder.close()
        self._progress(self._files, self._bytes)
        return Restored(
            files=self._files,
            directories=self._directories,
            links=self._links,
            bytes=self._bytes,
            verified=self._verified,
            problems=tuple(self._problems),
        )

    def close(self) -> None:
        self._stopped = True
        self._workers.shutdown(cancel_futures=True)

    def _fill(self, folder: _Folder) -> list[_Folder]:
        """Make what a directory holds; files go to the workers. The directories in it come back, open."""
        below: list[_Folder] = []
        batch: list[Node] = []
        size = 0
        try:
            for node in self._catalogue.nodes(folder.node):
                if node["t"] in (DIRECTORY, LINK):
                    try:
                        self._make(folder, node, below)
                    except OSError as error:
                        self._trouble(folder, node, str(error))
                elif node["t"] == FILE:
                    batch.append(node)
                    size += node["s"]
                    if size >= _BATCH or len(batch) >= _BATCH_FILES:
                        self._submit(folder, batch)
                        batch, size = [], 0
                else:
                    self._trouble(folder, node, "of a kind this program can't restore")
        except (Damaged, OSError) as error:
            self._trouble(folder, None, str(error))
        if batch:
            self._submit(folder, batch)
        return below

    def _make(self, folder: _Folder, node: Node, below: list[_Folder]) -> None:
        if node["t"] == DIRECTORY:
            self._directory(folder, node, below)
        else:
            os.symlink(node["l"], node["n"], dir_fd=folder.descriptor)
            os.utime(node["n"], ns=(node["mt"], node["mt"]), dir_fd=folder.descriptor, follow_symlinks=False)
            self._links += 1

    def _directory(self, folder: _Folder, node: Node, below: list[_Folder]) -> None:
        os.mkdir(node["n"], 0o700, dir_fd=folder.descriptor)
        with self._change:
            folder.waiting += 1
        below.append(_Folder(None, node, folder.path + node["n"] + b"/", folder))
        self._directories += 1

    def _done(self, folder: _Folder | None) -> None:
        """One thing of a directory is made; with the last it gets its own mode and time, and is closed."""
        while folder is not None:
            with self._change:
                folder.waiting -= 1
                if folder.waiting:
                    return
            if folder.parent is not None:
                os.fchmod(folder.descriptor, folder.node["m"] & 0o777)
                os.utime(folder.descriptor, ns=(folder.node["mt"], folder.node["mt"]))
            folder.close()
            folder = folder.parent

    # The workers

    def _batch(self, folder: _Folder, nodes: list[Node]) -> None:
        for node in nodes:
            if self._stopped:
                break
            try:
                self._file(folder, node)
            except (Damaged, OSError) as error:
                self._trouble(folder, node, str(error))
        self._done(folder)

    def _file(self, folder: _Folder, node: Node) -> None:
        """Write a file under another name, read it back where it has several pieces, then give it its own."""
        temporary = b".restore-" + secrets.token_hex(8).encode()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o600, dir_fd=folder.descriptor)
        try:
            try:
                self._content(descriptor, node, os.fsdecode(folder.path + node["n"]))
                os.fchmod(descriptor, node["m"] & 0o777)
                os.utime(descriptor, ns=(node["mt"], node["mt"]))
            finally:
                os.close(descriptor)
            os.rename(temporary, node["n"], src_dir_fd=folder.descriptor, dst_dir_fd=folder.descriptor)
        except BaseException:
            os.unlink(temporary, dir_fd=folder.descriptor)
            raise
        with self._change:
            self._files += 1
            self._verified += 1

    def _content(self, descriptor: int, node: Node, path: str) -> None:
        size = 0
        state = blake3()
        for id_ in self._catalogue.ids(node):
            piece = self._catalogue.read(id_, blobs.DATA)
            if size + len(piece) > node["s"]:
                raise Damaged(path, "holds more than its node says")
            state.update(piece)
            view = memoryview(piece)
            while view:
                view = view[os.write(descriptor, view) :]
            size += len(piece)
            with self._change:
                self._bytes += len(piece)
            if self._stopped:
                raise InterruptedError("the restore was stopped")
        if size != node["s"] or state.digest() != node["h"]:
            raise Damaged(path, "isn't the file that was saved")

    # Between them

    def _submit(self, folder: _Folder, nodes: list[Node]) -> None:
        self._wait_until(lambda: self._tasks < _TASKS)
        with self._change:
            self._tasks += 1
            folder.waiting += 1
        self._workers.submit(self._guard, folder, nodes)

    def _guard(self, folder: _Folder, nodes: list[Node]) -> None:
        try:
            self._batch(folder, nodes)
        except BaseException as error:  # raised again in the caller's thread
            self._failure = self._failure or error
        finally:
            with self._change:
                self._tasks -= 1
                self._change.notify_all()

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        while True:
            with self._change:
                if not ready() and self._failure is None:
                    self._change.wait(_EVERY)
                failure, over = self._failure, ready()
            if failure is not None:
                raise failure
            now = time.monotonic()
            if now - self._reported >= _EVERY:
                self._reported = now
                self._progress(self._files, self._bytes)
            if over:
                return

    def _trouble(self, folder: _Folder, node: Node | None, why: str) -> None:
        path = os.fsdecode(folder.path + (node["n"] if node else b""))
        with self._change:
            self._problems.append(f"{path or '/'}: {why}")
