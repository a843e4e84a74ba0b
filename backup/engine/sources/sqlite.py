"""A SQLite database as a stream: a copy of one moment, also while others write to it."""

from __future__ import annotations

import io
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from backup.engine.sources.base import SourceFailed
from backup.engine.sources.streams import Stream

_PATIENCE = 60.0
"""Seconds to wait for who writes."""


def sqlite(options: Mapping[str, str], now: int) -> list[Stream]:
    """`file`: the database. `folder`: where the copy lies meanwhile, without a name. Raises SourceFailed."""
    if "file" not in options:
        raise SourceFailed("which file? Say `file`")
    path = Path(options["file"])
    name = path.name.replace("\0", "_")
    return [Stream(f"sqlite/{name}", lambda: _copy(path, options.get("folder")), _size(path), now)]


def _copy(path: Path, folder: str | None) -> io.FileIO:
    """A sound copy, open to be read and gone once it is closed. Raises SourceFailed."""
    try:
        place = Path(tempfile.mkdtemp(prefix="suite-backup-", dir=folder))
    except OSError as error:
        raise SourceFailed(f"no copy of {path} can be made in {folder or tempfile.gettempdir()}: {error}") from error
    try:
        copy = place / "copy"
        address = f"file:{quote(str(path.absolute()))}?mode=ro"
        with (
            closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)  # in one go: by parts it would begin anew whenever somebody writes
            found = [row[0] for row in target.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise SourceFailed(f"{path} is damaged: {'; '.join(map(str, found[:5]))}")
        return copy.open("rb", buffering=0)
    except (sqlite3.Error, OSError) as error:
        raise SourceFailed(f"{path}: {error}") from error
    finally:
        shutil.rmtree(place)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
