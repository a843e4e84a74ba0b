"""A snapshot as one zip, written as it is read: nothing clear touches a disk unless the caller puts it there."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, Protocol

from blake3 import blake3

from backup.engine.errors import Damaged
from backup.engine.format.trees import DIRECTORY, FILE, LINK, Node
from backup.engine.reading.catalogue import Catalogue

REPORT = "restore-report.json"
_OLDEST, _NEWEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
"""What the time of a zip entry can say."""
_BLOCK = 1 << 20


class Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...


@dataclass
class Archive:
    """What was written: the hash each file must have, and what had to be left out."""

    expected: dict[str, bytes] = field(default_factory=dict)
    bytes: int = 0
    problems: list[str] = field(default_factory=list)


def write(catalogue: Catalogue, out: Writable, *, progress: Callable[[int], None] = lambda _bytes: None) -> Archive:
    """Write every file, folder and link of a snapshot into a zip, a report at its end. What is damaged is left out."""
    done = Archive(problems=[str(problem) for problem in catalogue.missing])

    def trouble(path: bytes, error: Damaged) -> None:
        done.problems.append(f"{_name(path) or '/'}: {error}")

    with zipfile.ZipFile(_Forward(out), "w", zipfile.ZIP_STORED) as target:
        for path, node in catalogue.walk(trouble):
            try:
                _entry(target, catalogue, path, node, done, progress)
            except Damaged as error:
                trouble(path, error)
        files = [{"path": path, "blake3": hash_.hex()} for path, hash_ in done.expected.items()]
        report = {"snapshot": catalogue.snapshot.id.hex(), "files": files, "problems": done.problems}
        target.writestr(REPORT, json.dumps(report, ensure_ascii=False, indent=1))
    return done


def identical(archive: BinaryIO, expected: dict[str, bytes], *, progress: Callable[[int], None]) -> set[str]:
    """The files of a zip that are, read back, bit by bit what the snapshot holds."""
    same = set()
    done = 0
    with zipfile.ZipFile(archive) as source:
        names = set(source.namelist())
        for name, hash_ in expected.items():
            if name not in names:
                continue
            state = blake3()
            try:
                with source.open(name) as file:
                    while block := file.read(_BLOCK):
                        state.update(block)
                        done += len(block)
                        progress(done)
            except zipfile.BadZipFile:
                continue
            if state.digest() == hash_:
                same.add(name)
    return same


def _entry(
    target: zipfile.ZipFile,
    catalogue: Catalogue,
    path: bytes,
    node: Node,
    done: Archive,
    progress: Callable[[int], None],
) -> None:
    name = _name(path)
    if node["t"] == DIRECTORY:
        target.writestr(_info(name + "/", node, stat.S_IFDIR), b"")
    elif node["t"] == LINK:
        target.writestr(_info(name, node, stat.S_IFLNK), node["l"])
    elif node["t"] == FILE:
        done.expected[name] = node["h"]
        info = _info(name, node, stat.S_IFREG)
        try:
            with target.open(info, "w", force_zip64=node["s"] >= 1 << 31) as file:
                for piece in catalogue.content(node):
                    file.write(piece)
                    done.bytes += len(piece)
                    progress(done.bytes)
        except Damaged:
            # What was written of it stays in the file as dead bytes: its directory doesn't name it.
            target.filelist.remove(info)
            del target.NameToInfo[name]
            raise
    else:
        raise Damaged(name, "is of a kind this program can't restore")


def _info(name: str, node: Node, kind: int) -> zipfile.ZipInfo:
    moment = datetime.fromtimestamp(node["mt"] // 1_000_000_000, UTC) if node["mt"] > 0 else _OLDEST
    moment = min(max(moment, _OLDEST), _NEWEST)
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.external_attr = (kind | node["m"] & 0o777) << 16
    return info


def _name(path: bytes) -> str:
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
