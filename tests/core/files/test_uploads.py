"""What is sent to the server, before it is kept: no clear byte of it on any disk."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from core.files import storage
from core.files.uploads import Spool

PIECE = b"Jeanne Le Gall;71;sepsis\n" * 1000


def filled(size: int) -> Spool:
    spool = Spool()
    while spool.size < size:
        spool.write(PIECE)
    return spool


@pytest.mark.parametrize("size", [1, 3 << 20], ids=["small", "large"])
def test_a_spool_gives_back_what_it_took(size: int):
    """What is written is read, from the start and from anywhere, as often as wanted."""
    spool = filled(size)
    for _ in range(2):
        assert spool.seek(0) == 0
        assert spool.read() == PIECE * (spool.size // len(PIECE))
    spool.seek(100)
    assert spool.read(50) == (PIECE * 2)[100:150]
    spool.close()


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_a_spool_counts(pieces: list[bytes]):
    """Its size is the sum of what was written."""
    with Spool() as spool:
        for piece in pieces:
            spool.write(piece)
        assert spool.size == len(b"".join(pieces)) == spool.tell()


def test_a_large_spool_is_encrypted_and_nameless(disk, monkeypatch):
    """What goes to disk has no name there and no clear byte."""
    spool = filled(3 << 20)
    assert list(storage.drafts().iterdir()) == []
    raw = Path(f"/proc/self/fd/{spool._file.fileno()}").read_bytes()
    assert len(raw) >= 2 << 20
    assert b"Le Gall" not in raw
    spool.close()


def test_a_spool_is_written_before_it_is_read():
    """Once it was read, nothing can be added."""
    spool = filled(3 << 20)
    spool.seek(0)
    with pytest.raises(io.UnsupportedOperation):
        spool.write(b"more")
    spool.close()


@pytest.mark.parametrize("size", [10, 3 << 20])
def test_a_form_with_a_file(size: int):
    """A file of a form arrives whole, with its name and type, in a spool."""
    content = (PIECE * (size // len(PIECE) + 1))[:size]
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("t.csv", content, "text/csv")})
    file = request.FILES["file"]
    assert (file.name, file.size, file.content_type) == ("t.csv", size, "text/csv")
    assert isinstance(file.file.raw, Spool)
    assert file.read() == content
    file.close()
