"""The official files out of a folder or a ZIP archive: a stranger's, so what unfolds is bounded before it is read."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path

from prescriptions.engine.reference.official import LARGEST, STEMS, Unreadable

ALL = 256 << 20
"""Bytes of all files together."""
MEMBERS = 200
"""Files in an archive."""


def read_files(path: Path) -> dict[str, bytes]:
    """Stem -> bytes of each official file in a folder or a ZIP archive, unpacked. Raises Unreadable."""
    try:
        return archived(path.read_bytes(), path.name) if path.is_file() else _in_folder(path)
    except OSError as error:
        raise Unreadable(f"{path.name}: {error.strerror or error}") from error


def _in_folder(folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for stem in STEMS.values():
        for ending in (".txt", ".txt.gz"):
            path = folder / f"{stem}{ending}"
            if not path.is_file():
                continue
            if path.stat().st_size > LARGEST:
                raise Unreadable(f"{path.name} is larger than {LARGEST >> 20} MB")
            found[stem] = _unpacked(path.read_bytes(), path.name) if ending.endswith("gz") else path.read_bytes()
            break
    return _bounded(found)


def archived(data: bytes, name: str = "archive") -> dict[str, bytes]:
    """The same from the bytes of a ZIP archive. Raises Unreadable."""
    found: dict[str, bytes] = {}
    wanted = {f"{stem}{ending}": stem for stem in STEMS.values() for ending in (".txt", ".txt.gz")}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MEMBERS:
                raise Unreadable(f"{name} holds more than {MEMBERS} files")
            for member in archive.infolist():
                own = member.filename.rpartition("/")[2]
                if (stem := wanted.get(own)) is None or stem in found:
                    continue
                with archive.open(member) as stream:
                    content = stream.read(LARGEST + 1)
                if len(content) > LARGEST:
                    raise Unreadable(f"{own} is larger than {LARGEST >> 20} MB")
                found[stem] = _unpacked(content, own) if own.endswith("gz") else content
                _bounded(found)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"{name} is no ZIP archive that can be opened: {error}") from error
    return found


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{name} is no gzip file: {error}") from error
    if len(content) > LARGEST:
        raise Unreadable(f"{name} unfolds to more than {LARGEST >> 20} MB")
    return content


def _bounded(found: dict[str, bytes]) -> dict[str, bytes]:
    if sum(map(len, found.values())) > ALL:
        raise Unreadable(f"the files together are larger than {ALL >> 20} MB")
    return found
