"""Test restores: files drawn by chance are restored and compared with what was saved, before anybody needs them."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from backup.engine.checking.drawing import Drawn, Extent, draw_files, draw_snapshots
from backup.engine.checking.drill_report import Drill, Failure, Tried
from backup.engine.checking.report import shown
from backup.engine.checking.walk import CONTENT
from backup.engine.errors import BackupError, Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import Node
from backup.engine.history import History
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.restoring.options import Owners
from backup.engine.restoring.restore import Options, restore

_BLOCK = 1 << 20
_DEFAULT = Extent()


def drill(
    repository: Repository,
    *,
    seed: bytes,
    clock: Callable[[], int],
    tool: str,
    extent: Extent = _DEFAULT,
    place: Path | None = None,
    sources: Mapping[str, Path] | None = None,
    progress: Callable[[int, int], None] = lambda _files, _bytes: None,
) -> Drill:
    """Restore a sample into a temporary folder below `place`, or without one only in memory.

    `sources` are the folders that were saved, by the name of the row of snapshots: a file that stands there with the
    same size and time must have the same content. `progress` gets files and bytes done and may raise to stop.
    """
    started = clock()
    history = repository.history()
    work = _Drill(repository, history, seed, extent, place, sources or {}, progress)
    found = repository.examine(history)
    snapshots = []
    for one in found:
        if isinstance(one, Damaged):
            work.fail("", one.name, one.why)
        elif not history.is_forgotten(one):
            snapshots.append(one)
    for snapshot in draw_snapshots(snapshots, extent.older, seed):
        work.take(snapshot)
    return Drill(
        repository=repository.config.repository.hex(),
        key=repository.key.key_id.hex(),
        role=repository.key.label,
        tool=tool,
        seed=seed.hex(),
        started=started,
        finished=clock(),
        snapshots=tuple(work.tried),
        files=work.files,
        bytes=work.bytes,
        compared=work.compared,
        changed=work.changed,
        failures=tuple(work.failures),
    )


class _Drill:
    def __init__(
        self,
        repository: Repository,
        history: History,
        seed: bytes,
        extent: Extent,
        place: Path | None,
        sources: Mapping[str, Path],
        progress: Callable[[int, int], None],
    ) -> None:
        self._repository, self._history, self._seed, self._extent = repository, history, seed, extent
        self._place, self._sources, self._progress = place, sources, progress
        self._numbers = itertools.count(1)
        self.tried: list[Tried] = []
        self.failures: list[Failure] = []
        self.files = self.bytes = self.compared = self.changed = 0

    def fail(self, snapshot: str, path: str, why: str) -> None:
        self.failures.append(Failure(snapshot, path, why))

    def take(self, snapshot: Snapshot) -> None:
        """Try a part of a snapshot."""
        name = snapshot.id.hex()
        catalogue = Catalogue(self._repository, snapshot, self._history)

        def trouble(path: bytes, error: Damaged) -> None:
            self.fail(name, shown(path or b"/"), str(error))

        files = draw_files(catalogue, self._extent, self._seed, trouble)
        done = size = 0
        for path, node in files:
            if self.bytes + node["s"] > self._extent.most_bytes and done:
                continue
            self._progress(self.files, self.bytes)
            try:
                self._try(catalogue, (path, node))
            except (BackupError, OSError) as error:
                self.fail(name, shown(path), str(error))
            done += 1
            size += node["s"]
            self.files += 1
            self.bytes += node["s"]
        self.tried.append(Tried(name, snapshot.source, snapshot.finished, done, size))

    def _try(self, catalogue: Catalogue, drawn: Drawn) -> None:
        """Raises Damaged where a file doesn't come back as it was saved."""
        path, node = drawn
        digest = self._in_memory(catalogue, node) if self._place is None else self._on_disk(catalogue, drawn)
        source = self._sources.get(catalogue.snapshot.source)
        if source is None:
            return
        original = source / os.fsdecode(path)
        status = original.lstat() if original.exists() else None
        if status is None or (status.st_size, status.st_mtime_ns) != (node["s"], node["mt"]):
            self.changed += 1
            return
        self.compared += 1
        with original.open("rb") as file:
            if _digest(_dense(file, node)) != digest:
                raise Damaged("source", "holds something else under the same size and time")

    def _in_memory(self, catalogue: Catalogue, node: Node) -> bytes:
        return _verified(catalogue, node, catalogue.content(node))

    def _on_disk(self, catalogue: Catalogue, drawn: Drawn) -> bytes:
        """Restore a file as anybody would, and read it back."""
        path, node = drawn
        assert self._place is not None
        folder = Path(tempfile.mkdtemp(prefix="drill-", dir=self._place))
        try:
            target = folder / str(next(self._numbers))
            restored = restore(catalogue, target, Options(path=path, owners=Owners.NOBODY))
            if restored.files != 1:
                raise Damaged("restore", "; ".join(restored.problems) or "made no file")
            with (target / os.fsdecode(path.rpartition(b"/")[2])).open("rb") as file:
                if os.fstat(file.fileno()).st_size != node["s"]:
                    raise Damaged("restore", "made a file of another size")
                return _verified(catalogue, node, _dense(file, node))
        finally:
            shutil.rmtree(folder)


def _verified(catalogue: Catalogue, node: Node, pieces: Iterator[bytes]) -> bytes:
    """The hash of the content, once it is seen to be what the snapshot says. Raises Damaged."""
    key, config = catalogue.repository.key, catalogue.repository.config
    plain, keyed = blake3(), blake3(key=key.knows("id data", config.audience(catalogue.snapshot.head.author)))
    size = 0
    for piece in pieces:
        plain.update(piece)
        keyed.update(piece)
        size += len(piece)
    if size != sum(length for _, length in _extents(node)):
        raise Damaged(CONTENT, "is of another size than was saved")
    digest = plain.digest() if "h" in node else keyed.digest()  # a file of one piece has no hash: its id says as much
    if digest != node.get("h", node["c"] or digest):
        raise Damaged(CONTENT, "isn't what was saved")
    return plain.digest()


def _digest(pieces: Iterator[bytes]) -> bytes:
    state = blake3()
    for piece in pieces:
        state.update(piece)
    return state.digest()


def _extents(node: Node) -> list[tuple[int, int]]:
    """Where a file isn't a hole."""
    return [(offset, length) for offset, length in node.get("e", [[0, node["s"]]])]


def _dense(file: BinaryIO, node: Node) -> Iterator[bytes]:
    """What of a file isn't a hole, in order."""
    for offset, length in _extents(node):
        file.seek(offset)
        left = length
        while left and (block := file.read(min(left, _BLOCK))):
            left -= len(block)
            yield block
