"""The encrypted file format, without Django."""

from __future__ import annotations

import fcntl
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files import engine
from core.files.engine import Damaged, Decrypter, Encrypter, in_memory
from core.files.engine import format as form

KEY, FILE_ID = bytes(range(32)), bytes(range(16))
BITS = 12
CHUNK = 1 << BITS
SEALED = CHUNK + 16

sizes = st.one_of(
    st.integers(0, 3 * CHUNK), st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
)


def clear_bytes(size: int) -> bytes:
    return bytes(number * 31 % 251 for number in range(size))


def encrypted(clear: bytes, *, key: bytes = KEY, file_id: bytes = FILE_ID, step: int = 1000) -> bytes:
    sink = io.BytesIO()
    encrypter = Encrypter(sink, key, file_id, bits=BITS)
    for start in range(0, len(clear), step):
        encrypter.write(clear[start : start + step])
    encrypter.finish()
    return sink.getvalue()


def decrypted(stored: bytes, *, key: bytes = KEY, file_id: bytes = FILE_ID) -> bytes:
    return Decrypter(io.BytesIO(stored), key, file_id).readall()


@given(sizes, st.integers(1, 2 * CHUNK))
def test_what_is_written_is_read(size: int, step: int):
    """A file of any size, written in pieces of any size, is read as it was, and is as long as the format says."""
    clear = clear_bytes(size)
    stored = encrypted(clear, step=step)
    assert decrypted(stored) == clear
    assert len(stored) == engine.stored_size(size, BITS)
    assert engine.clear_size(len(stored), BITS) == size


@given(sizes, st.lists(st.tuples(st.integers(0, 3 * CHUNK), st.integers(0, 2 * CHUNK)), max_size=8))
def test_any_range_is_read(size: int, ranges: list[tuple[int, int]]):
    """From anywhere, as much as is asked for and there: as from a clear file."""
    clear = clear_bytes(size)
    source, model = Decrypter(io.BytesIO(encrypted(clear)), KEY, FILE_ID), io.BytesIO(clear)
    for start, length in ranges:
        assert source.seek(start) == model.seek(start)
        assert source.read(length) == model.read(length)
        assert source.tell() == model.tell()


@given(st.integers(0, 2 * CHUNK), st.data())
def test_a_changed_bit_is_found(size: int, data: st.DataObject):
    """A file with any one bit changed, also in its header or a tag, isn't read to its end."""
    stored = bytearray(encrypted(clear_bytes(size)))
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    stored[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        decrypted(bytes(stored))


@given(st.integers(0, 3 * CHUNK), st.data())
def test_a_cut_file_is_found(size: int, data: st.DataObject):
    """A file cut anywhere, also between two chunks, isn't read to its end."""
    stored = encrypted(clear_bytes(size))
    length = data.draw(st.integers(0, len(stored) - 1))
    with pytest.raises(Damaged):
        decrypted(stored[:length])


def chunks_of(stored: bytes) -> list[bytes]:
    body = stored[form.HEADER_BYTES :]
    return [body[start : start + SEALED] for start in range(0, len(body), SEALED)]


@pytest.mark.parametrize(
    "order",
    [[1, 0, 2, 3], [0, 0, 2, 3], [0, 2, 3], [0, 1, 2], [0, 1, 2, 3, 3], [3]],
    ids=["swapped", "repeated", "left out", "last one cut", "last one twice", "only the last"],
)
def test_chunks_keep_their_order(order: list[int]):
    """Chunks that are swapped, repeated, left out or cut off are found, although each of them is whole."""
    stored = encrypted(clear_bytes(4 * CHUNK))
    chunks = chunks_of(stored)
    with pytest.raises(Damaged):
        decrypted(stored[: form.HEADER_BYTES] + b"".join(chunks[number] for number in order))


def test_a_chunk_of_another_file_is_found():
    """A chunk from another file, even one under the same key, doesn't open here; nor does a whole other file."""
    ours, theirs = encrypted(clear_bytes(2 * CHUNK)), encrypted(bytes(2 * CHUNK), file_id=bytes(16))
    mixed = ours[: form.HEADER_BYTES] + chunks_of(theirs)[0] + chunks_of(ours)[1]
    for stored in (mixed, theirs):
        with pytest.raises(Damaged):
            decrypted(stored)


def test_only_what_is_read_is_checked():
    """A range is read without touching the others: damage elsewhere doesn't stop it, damage there does."""
    stored = bytearray(encrypted(clear_bytes(3 * CHUNK)))
    stored[form.HEADER_BYTES + SEALED + 5] ^= 1
    source = Decrypter(io.BytesIO(bytes(stored)), KEY, FILE_ID)
    assert source.read(CHUNK) == clear_bytes(CHUNK)
    source.seek(2 * CHUNK)
    assert len(source.read(CHUNK)) == CHUNK
    source.seek(CHUNK + 10)
    with pytest.raises(Damaged, match="Chunk 2 of 3"):
        source.read(1)


def test_a_failed_chunk_is_not_kept():
    """After a damaged chunk was refused, none of its bytes are given on a second try."""
    stored = bytearray(encrypted(clear_bytes(2 * CHUNK)))
    stored[form.HEADER_BYTES + SEALED + 5] ^= 1
    source = Decrypter(io.BytesIO(bytes(stored)), KEY, FILE_ID)
    for _ in range(2):
        source.seek(CHUNK + 1)
        with pytest.raises(Damaged):
            source.read(10)


def test_another_size_than_the_stored_one_is_found():
    """Where the row says another size, the file isn't opened."""
    with pytest.raises(Damaged, match="3 bytes where 4 were stored"):
        Decrypter(io.BytesIO(encrypted(b"abc")), KEY, FILE_ID, size=4)


def test_an_unfinished_file_never_opens():
    """A file whose writer stopped before `finish` is refused, at a chunk's end too."""
    sink = io.BytesIO()
    encrypter = Encrypter(sink, KEY, FILE_ID, bits=BITS)
    encrypter.write(clear_bytes(2 * CHUNK + 1))
    with pytest.raises(Damaged):
        decrypted(sink.getvalue())


def test_nothing_is_written_after_the_end():
    """A finished file takes nothing more, and finishing twice changes nothing."""
    sink = io.BytesIO()
    encrypter = Encrypter(sink, KEY, FILE_ID, bits=BITS)
    encrypter.finish()
    encrypter.finish()
    with pytest.raises(ValueError, match="finished"):
        encrypter.write(b"more")
    assert decrypted(sink.getvalue()) == b""


def test_seeking_is_that_of_files():
    """Seeking counts from the start, here or the end; before the start is refused, past the end reads nothing."""
    source = Decrypter(io.BytesIO(encrypted(clear_bytes(100))), KEY, FILE_ID)
    assert source.seek(-10, os.SEEK_END) == 90
    assert source.seek(5, os.SEEK_CUR) == 95
    assert source.read(100) == clear_bytes(100)[95:]
    assert source.seek(1000) == 1000
    assert source.read(10) == b""
    with pytest.raises(ValueError, match="begins at 0"):
        source.seek(-1)


@pytest.mark.parametrize("bits", [11, 25])
def test_chunks_have_bounds(bits: int):
    """Chunks smaller than 4 KiB or larger than 16 MiB are neither written nor believed."""
    with pytest.raises(ValueError, match=r"2\*\*12"):
        Encrypter(io.BytesIO(), KEY, FILE_ID, bits=bits)
    with pytest.raises(Damaged):
        form.bits_of(form.MAGIC + bytes([bits]) + bytes(11))


def test_a_slow_source_is_read_whole():
    """A storage that gives less than it is asked for, as a network does, is asked again."""

    class Slow(io.BytesIO):
        def readinto(self, buffer) -> int:
            return super().readinto(memoryview(buffer)[:7])

    assert Decrypter(Slow(encrypted(clear_bytes(2 * CHUNK))), KEY, FILE_ID).readall() == clear_bytes(2 * CHUNK)


def test_memory_is_sealed():
    """The clear bytes are in a memfd that nobody can change, grow or shrink, and that is gone afterwards."""
    clear = clear_bytes(3 * CHUNK + 5)
    with in_memory(Decrypter(io.BytesIO(encrypted(clear)), KEY, FILE_ID)) as memory:
        assert Path(memory.path).read_bytes() == clear
        seals = fcntl.fcntl(memory.fd, fcntl.F_GET_SEALS)
        assert seals == fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
        with pytest.raises(PermissionError):
            os.write(memory.fd, b"x")
        assert memory.size == len(clear)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(memory.fd)


def test_a_damaged_file_leaves_no_memory_behind():
    """When a chunk doesn't open, the memfd is closed at once."""
    stored = encrypted(clear_bytes(3 * CHUNK))[:-1] + b"x"
    before = descriptors()
    with pytest.raises(Damaged), in_memory(Decrypter(io.BytesIO(stored), KEY, FILE_ID)):
        pytest.fail("it was opened")
    assert descriptors() == before


def descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}
