"""A part of a file: as RFC 9110 says, only its chunks decrypted, one download in the audit trail."""

from __future__ import annotations

import io

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from core import files
from core.errors import Away
from core.files import downloads, storage
from core.files.engine import Decrypter, ranges
from core.files.models import StoredFile

CONTENT = bytes(range(256)) * 16_384  # 4 MiB: four chunks


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=2-5", 2, 5),
        ("bytes=7-", 7, 9),
        ("bytes=7-99", 7, 9),
        ("bytes=-3", 7, 9),
        ("bytes=-99", 0, 9),
        ("BYTES = 2-5", 2, 5),
    ],
)
def test_a_part_is_understood(header: str, first: int, last: int):
    """From a byte to another, to the end, or the last so many; what goes beyond the end stops there."""
    assert ranges.part(header, 10) == range(first, last + 1)


@pytest.mark.parametrize(
    "header",
    ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=0-1,4-5", "lines=1-2", "0-5", "bytes=1-" + "9" * 30],
)
def test_what_is_no_single_range_is_the_whole_file(header: str):
    """Several ranges, other units and nonsense are as if nothing had been asked for."""
    assert ranges.part(header, 10) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=99-100", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_beyond_the_end_there_is_nothing(header: str, size: int):
    """A range that holds no byte of the file can't be satisfied."""
    with pytest.raises(ranges.Unsatisfiable):
        ranges.part(header, size)


@given(st.text(max_size=40), st.integers(0, 1000))
def test_no_header_breaks_it(text: str, size: int):
    """Whatever is sent, the answer is a part of the file, the whole file, or that there is nothing."""
    for header in (text, f"bytes={text}"):
        try:
            part = ranges.part(header, size)
        except ranges.Unsatisfiable:
            continue
        assert part is None or 0 <= part.start < part.stop <= size


@pytest.fixture
def stored(world) -> StoredFile:
    cache.clear()
    return files.store(None, world.project, io.BytesIO(CONTENT), name="x")


def ask(world, stored: StoredFile, method: str = "get", **said: str):
    request = getattr(RequestFactory(), method)("/", headers={name.replace("_", "-"): said[name] for name in said})
    request.user = world.user["owner"]
    return downloads.send(request, stored, name="x.bin", media_type="application/octet-stream")


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_part_is_sent(world, stored):
    """206 with the bytes that were asked for, where they lie, and a tag by which to go on."""
    whole = ask(world, stored)
    assert (whole.status_code, whole["Accept-Ranges"], whole["Content-Length"]) == (200, "bytes", str(len(CONTENT)))
    assert body(whole) == CONTENT
    answer = ask(world, stored, Range="bytes=1000000-3000000", If_Range=whole["ETag"])
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes 1000000-3000000/{len(CONTENT)}"
    assert answer["Content-Length"] == "2000001"
    assert body(answer) == CONTENT[1_000_000:3_000_001]


@pytest.mark.parametrize("tag", ['"another"', 'W/"{0}"', "Sun, 29 Nov 2026 10:00:00 GMT"])
def test_of_another_file_all_is_sent(world, stored, tag):
    """Where If-Range names anything but this file, the part would not fit what is there: the whole file comes."""
    answer = ask(world, stored, Range="bytes=5-9", If_Range=tag.format(stored.pk.hex))
    assert answer.status_code == 200
    assert body(answer) == CONTENT


def test_a_part_that_is_not_there(world, stored):
    """416 says how long the file is."""
    answer = ask(world, stored, Range=f"bytes={len(CONTENT)}-")
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")


def test_only_its_chunks_are_decrypted(world, stored, monkeypatch):
    """A few bytes cost one chunk, or two where they lie across; HEAD costs none and says the length."""
    opened, decrypt = [], Decrypter._decrypt

    def counted(self, number, target):
        opened.append(number)
        decrypt(self, number, target)

    monkeypatch.setattr(Decrypter, "_decrypt", counted)
    body(ask(world, stored, Range="bytes=2500000-2500009"))
    assert opened == [2]
    body(ask(world, stored, Range="bytes=1048570-1048580"))
    assert opened == [2, 0, 1]
    answer = ask(world, stored, "head", Range="bytes=5-9")
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, str(len(CONTENT)), b"")
    assert len(opened) == 3


def test_a_download_in_parts_is_one_download(world, stored):
    """Parts that one person fetches of one file within an hour are recorded once; whole files, and others', always."""
    other = files.store(None, world.project, io.BytesIO(CONTENT), name="y")

    def is_new(file: StoredFile = stored, who: str = "owner", method: str = "get", **headers: str) -> bool:
        request = getattr(RequestFactory(), method)("/file/", headers=headers)
        request.user = world.user[who]
        return downloads.is_new(request, file)

    assert is_new(Range="bytes=5-")  # also where the first byte is left out
    assert not is_new(Range="bytes=0-4")
    assert not is_new(method="head")
    assert is_new()
    assert is_new()
    assert is_new(other, Range="bytes=5-")
    assert is_new(who="member", Range="bytes=5-")
    assert is_new(other, who="member")
    assert not is_new(other, who="member", Range="bytes=5-")


def test_a_file_that_can_t_be_read_is_told_before_the_answer_begins(world, stored, monkeypatch):
    """Damage, or a store that is away, is an error, not an answer that breaks off."""

    def away(_name: str):
        raise Away

    monkeypatch.setattr(storage.Disk, "open", lambda _disk, name: away(name))
    with pytest.raises(Away):
        ask(world, stored)
