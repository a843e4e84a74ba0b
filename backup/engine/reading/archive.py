"""A snapshot as one zip, written as it is read: nothing clear touches a disk unless the caller puts it there."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from blake3 import blake3

from backup.engine.errors import Damaged
from backup.engine.format.trees import DIRECTORY, FILE, LINK, Node
from backup.engine.reading.ahead import Ahead, Entry, with_holes
from backup.engine.reading.bound import Bound
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.site import stored_size

REPORT = "restore-report.json"
_OLDEST, _NEWEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
"""What the time of a zip entry can say."""
_BLOCK = 1 << 20
_HOLES = 1 << 30
"""A file with more bytes of holes isn't written out: they would fill a disk, or a connection, for nothing."""


class Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...


@dataclass
class Archive:
    """What was written: the hash each file must have, and what had to be left out."""

    files: int = 0
    """Those the snapshot holds, written or not."""
    expected: dict[str, bytes] = field(default_factory=dict)
    bytes: int = 0
    problems: list[str] = field(default_factory=list)


def trouble(done: Archive, path: bytes, error: Exception) -> None:
    """Note what couldn't be written."""
    done.problems.append(f"{shown(path) or '/'}: {error}")


def write(
    catalogue: Catalogue,
    out: Writable,
    *,
    path: bytes = b"",
    workers: int = 2,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Archive:
    """Write every file, folder and link below a path into a zip, a report at its end. What is damaged is left out.

    `progress` gets the bytes done and may raise to stop. Raises Missing where there is no such path.
    """
    done = Archive(problems=[str(problem) for problem in catalogue.missing])
    with zipfile.ZipFile(_Forward(out), "w", zipfile.ZIP_STORED) as target, closing(Ahead(catalogue, workers)) as ahead:
        for place, node, parts in ahead.walk(entries(catalogue, path, done)):
            try:
                _entry(target, place, node, parts, done, progress)
            except Damaged as error:
                trouble(done, place, error)
        files = [{"path": name, "blake3": hash_.hex()} for name, hash_ in done.expected.items()]
        report = {"snapshot": catalogue.snapshot.id.hex(), "files": files, "problems": done.problems}
        target.writestr(REPORT, json.dumps(report, ensure_ascii=False, indent=1))
    return done


def entries(catalogue: Catalogue, path: bytes, done: Archive) -> Iterator[Entry]:
    """What lies below a path, or the one thing that has it, by the paths from there. Raises Missing."""
    top = catalogue.find(path)
    if top["t"] != DIRECTORY:
        return iter([(top["n"], top)])
    return _in_depth(catalogue, top, done)


def _in_depth(catalogue: Catalogue, top: Node, done: Archive) -> Iterator[Entry]:
    """A folder's content comes right behind it: who unpacks gives it its time when its last name has come."""
    bound = Bound(catalogue.snapshot)
    waiting = [(b"", bound.of(catalogue.nodes(top)))]
    while waiting and not bound.is_met:
        path, nodes = waiting[-1]
        try:
            node = next(nodes, None)
        except Damaged as error:
            trouble(done, path, error)
            node = None
        if node is None:
            waiting.pop()
            continue
        yield path + node["n"], node
        if node["t"] == DIRECTORY:
            waiting.append((path + node["n"] + b"/", bound.of(catalogue.nodes(node))))


def _entry(
    target: zipfile.ZipFile,
    path: bytes,
    node: Node,
    parts: Iterator[bytes],
    done: Archive,
    progress: Callable[[int], None],
) -> None:
    name = shown(path)
    if node["t"] == DIRECTORY:
        target.writestr(_info(name + "/", node, stat.S_IFDIR), b"")
    elif node["t"] == LINK:
        target.writestr(_info(name, node, stat.S_IFLNK), node["l"])
    elif node["t"] == FILE:
        done.files += 1
        if node["s"] - stored_size(node) > _HOLES:
            raise Damaged(name, "has holes that are too large for a zip: restore it into a folder")
        _file(target, name, node, parts, done, progress)
    else:
        raise Damaged(name, "is of a kind that a zip can't hold")


def _file(
    target: zipfile.ZipFile,
    name: str,
    node: Node,
    parts: Iterator[bytes],
    done: Archive,
    progress: Callable[[int], None],
) -> None:
    info, state = _info(name, node, stat.S_IFREG), blake3()
    try:
        with target.open(info, "w", force_zip64=node["s"] >= 1 << 31) as file:
            for part in with_holes(node, parts):
                file.write(part)
                state.update(part)
                done.bytes += len(part)
                progress(done.bytes)
    except Damaged:
        # What was written of it stays in the file as dead bytes: its directory doesn't name it.
        target.filelist.remove(info)
        del target.NameToInfo[name]
        raise
    done.expected[name] = state.digest()


def _info(name: str, node: Node, kind: int) -> zipfile.ZipInfo:
    moment = _OLDEST
    if 0 < node["mt"] < _NEWEST.timestamp() * 1e9:
        moment = max(datetime.fromtimestamp(node["mt"] // 1_000_000_000, UTC), _OLDEST)
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.external_attr = (kind | node["m"] & 0o777) << 16
    return info


def shown(path: bytes) -> str:
    """A zip names files in Unicode: other bytes are shown as escapes."""
    return path.decode(errors="backslashreplace")


class _Forward:
    """A file that is only written forwards, as zipfile takes it."""

    def __init__(self, out: Writable) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        self._out.write(data)
        return len(data)

    def flush(self) -> None:
        """There is nothing to flush: what takes the bytes keeps them."""

    def close(self) -> None:
        """Closing is for who opened it."""
