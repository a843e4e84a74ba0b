"""List and open ZIP archives that somebody sent. Runs in the sandbox, and trusts nothing that the archive says."""

from __future__ import annotations

import json
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from core.files.unreadable import Unreadable

BLOCK = 1 << 20
ENTRIES, TOTAL, RATIO, DEPTH = 10_000, 4 << 30, 200, 16
"""The most files, bytes of all of them, times that one may be larger than when packed, and folders in each other."""
ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b\x08\x00", b"\x1f\x8b\x08\x08")
SUSPICIOUS = 1 << 20
"""An entry smaller than this may be as well compressed as it likes."""


def listing(
    source: BinaryIO,
    result: BinaryIO,
    *,
    entries: int = ENTRIES,
    total: int = TOTAL,
    ratio: int = RATIO,
    depth: int = DEPTH,
) -> dict[str, int]:
    """Write a line of JSON (name, size) per file, once all of them have been unpacked, counted and let go.

    Raises Unreadable: damaged, encrypted, too_many_entries, too_much_inside, bomb, bad_name, link, twice, nested.
    """
    with opened(source, entries) as archive:
        files = checked(archive, depth)
        left, lines = total, []
        for info in files:
            size = counted(archive, info, left, ratio)
            left -= size
            lines.append(json.dumps({"name": info.filename, "size": size}, ensure_ascii=False) + "\n")
        result.write("".join(lines).encode())
    return {"files": len(files), "bytes": total - left}


def extract(
    source: BinaryIO,
    result: BinaryIO,
    *,
    names: Sequence[str],
    size: int,
    entries: int = ENTRIES,
    ratio: int = RATIO,
    depth: int = DEPTH,
) -> list[int]:
    """Write these files of the archive one after the other, each of at most `size` bytes; gives the size of each.

    Raises as `listing`, and Unreadable: not_inside.
    """
    with opened(source, entries) as archive:
        found = {info.filename: info for info in checked(archive, depth)}
        if not found.keys() >= set(names):
            raise Unreadable("not_inside")
        return [counted(archive, found[name], size, ratio, result) for name in names]


def opened(source: BinaryIO, entries: int) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise Unreadable("damaged") from None
    if len(archive.infolist()) > entries:
        raise Unreadable("too_many_entries", most=entries)
    return archive


def checked(archive: zipfile.ZipFile, depth: int) -> list[zipfile.ZipInfo]:
    """The files of the archive, where each is a plain file with a plain name, in a place of its own."""
    names: set[str] = set()
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise Unreadable("bomb")  # two entries share the same bytes
        end = info.header_offset + 30 + info.compress_size
        if info.flag_bits & 1:
            raise Unreadable("encrypted")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Unreadable("link")
        if not is_plain(info.filename, depth):
            raise Unreadable("bad_name")
        if (key := info.filename.rstrip("/").casefold()) in names:
            raise Unreadable("twice")
        names.add(key)
    return [info for info in archive.infolist() if not info.is_dir()]


def is_plain(name: str, depth: int = DEPTH) -> bool:
    """Whether a name stays below the folder it would be unpacked in, on every system."""
    parts = PurePosixPath(name).parts
    return (
        0 < len(parts) <= depth
        and len(name) <= 500
        and not name.startswith("/")
        and ".." not in parts
        and not any(letter in name for letter in "\\:\0")
        and name.isprintable()
    )


def counted(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int, ratio: int, result: IO[bytes] | None = None
) -> int:
    """Unpack one file, by pieces; gives its true size. Raises Unreadable."""
    size = 0
    try:
        with archive.open(info) as file:
            while block := file.read(BLOCK):
                if not size and block.startswith(ARCHIVES):
                    raise Unreadable("nested")
                size += len(block)
                if size > left:
                    raise Unreadable("too_much_inside")
                if size > SUSPICIOUS and size > ratio * max(info.compress_size, 1):
                    raise Unreadable("bomb")
                if result is not None:
                    result.write(block)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError):
        raise Unreadable("damaged") from None
    return size
