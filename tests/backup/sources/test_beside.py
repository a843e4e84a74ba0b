"""Streams beside paths: a machine's files and its databases in one snapshot."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from backup.engine.format.trees import ASKED_FOR, STREAMS
from backup.engine.saving.intake import Progress
from backup.engine.sources.base import SourceFailed, Unreadable
from backup.engine.sources.beside import StreamsBesidePaths
from backup.engine.sources.commands import command
from backup.engine.sources.paths import PathsSource
from backup.engine.sources.streams import Stream
from tests.backup.conftest import LATER, Vault


def stream(path: str, content: bytes) -> Stream:
    return Stream(path, lambda: io.BytesIO(content), modified=5)


def beside(folder: Path, *streams: Stream) -> StreamsBesidePaths:
    return StreamsBesidePaths(PathsSource("machine", [folder], now=LATER), streams)


def test_both_come_back(vault: Vault) -> None:
    """Paths stand where they stood, streams in a folder of their own, large ones and empty ones too."""
    (vault.source / "file").write_text("file")
    large = os.urandom(3 << 20)
    source = beside(vault.source, stream("base/large", large), stream("empty", b""))
    saved = vault.save(source)
    assert (saved.counts.files, saved.unread) == (3, ())
    target, restored = vault.restore(saved)
    assert restored.problems == ()
    assert (target / str(vault.source).lstrip("/") / "file").read_text() == "file"
    assert (target / "streams" / "base" / "large").read_bytes() == large
    assert (target / "streams" / "empty").read_bytes() == b""
    assert vault.as_reader().snapshot(saved.snapshot).paths == (os.fsencode(vault.source),)
    marks = {node["n"]: node["a"] for node in vault.catalogue(saved).nodes(vault.catalogue(saved).root())}
    assert marks.pop(b"streams") == {STREAMS: "yes"}
    assert all(ASKED_FOR in mark for mark in marks.values())


def test_files_that_have_not_changed_are_not_read_again(vault: Vault) -> None:
    """A second save reads the streams again, and of the files none."""
    (vault.source / "file").write_text("file")
    vault.save(beside(vault.source, stream("dump", b"one")))
    saved = vault.save(beside(vault.source, stream("dump", b"two")))
    assert saved.effort.changed == 1


def test_a_stream_that_fails(vault: Vault) -> None:
    """Where a stream fails there is no snapshot, of the files neither."""
    (vault.source / "file").write_text("file")
    failing = command("dump", [sys.executable, "-c", "print('half'); raise SystemExit(3)"], now=5)
    with pytest.raises(SourceFailed, match="ended with code 3"):
        vault.save(beside(vault.source, failing))
    assert vault.as_reader().snapshots() == []


def test_a_stream_of_any_length_is_read_in_pieces(vault: Vault) -> None:
    """A stream says nothing of its length: it is never held in memory as a whole."""
    asked: list[int] = []

    class Long(io.BytesIO):
        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            asked.append(len(buffer))
            return super().readinto(buffer)

    def told(now: Progress) -> None:
        assert now.unread == 0

    source = beside(vault.source, Stream("dump", lambda: Long(bytes(100 << 20))))
    saved = vault.save(source, progress=told)
    assert saved.counts.bytes == 100 << 20
    assert max(asked) <= 32 << 20


def test_a_folder_of_this_name(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose own folder has this name is told so: nothing hides anything."""
    source = beside(vault.source, stream("dump", b"x"))
    before = vault.base / "streams"
    before.mkdir()
    listed = list(PathsSource("", [before], now=LATER).children((b"/", None)))
    (item,) = [one for one in listed if not isinstance(one, Unreadable)]
    item.name = b"streams"
    monkeypatch.setattr(source._files, "children", lambda _handle: iter([item]))
    with pytest.raises(SourceFailed, match="/streams is where streams lie"):
        vault.save(source)


def test_streams_that_have_no_place(vault: Vault) -> None:
    """Two streams of one path are refused before anything is read."""
    with pytest.raises(ValueError, match="comes twice"):
        beside(vault.source, stream("dump", b"x"), stream("dump", b"y"))
