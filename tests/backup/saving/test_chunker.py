"""Chunks: content decides where, and nothing else."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backup.engine.format.chunker import LARGEST, SEGMENT, SMALLEST, Chunker

KEY = bytes(range(32))


class Halting(io.RawIOBase):
    """A stream that hands out as little as it likes at a time."""

    def __init__(self, content: bytes, steps: random.Random) -> None:
        self._stream, self._steps = io.BytesIO(content), steps

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        block = self._stream.read(min(len(buffer), self._steps.randrange(1, 1 << 22)))
        buffer[: len(block)] = block
        return len(block)


def pieces(content: bytes, size: int = SEGMENT) -> list[bytes]:
    return [bytes(piece) for piece in Chunker(KEY).cut(io.BytesIO(content), size)]


BORDERS = [0, 1, SMALLEST - 1, SMALLEST, SMALLEST + 1, LARGEST, LARGEST + 1, SEGMENT - 1, SEGMENT, SEGMENT + 1]


@pytest.mark.parametrize("size", BORDERS)
def test_pieces_make_the_content(size: int) -> None:
    """The pieces in a row are the content, none empty, none too long, none but the last too short."""
    content = random.Random(size).randbytes(size)
    found = pieces(content)
    assert b"".join(found) == content
    assert all(0 < len(piece) <= LARGEST for piece in found)
    assert all(len(piece) >= SMALLEST for piece in found[:-1])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(0, SEGMENT + LARGEST), guess=st.integers(0, 3 * SEGMENT))
def test_cuts_depend_on_content_alone(seed: int, size: int, guess: int) -> None:
    """However the stream hands out its bytes, and whatever length was guessed, the cuts are the same."""
    content = random.Random(seed).randbytes(size)
    halting = Chunker(KEY).cut(Halting(content, random.Random(seed)), guess)  # type: ignore[arg-type]
    assert [bytes(piece) for piece in halting] == pieces(content)


def test_an_insertion_moves_few_cuts() -> None:
    """A hundred bytes put into a large file leave almost all its pieces as they were."""
    content = random.Random(1).randbytes(40 << 20)
    changed = content[: 12 << 20] + b"x" * 100 + content[12 << 20 :]
    before, after = set(pieces(content)), pieces(changed)
    assert len([piece for piece in after if piece not in before]) <= 2


def test_another_key_cuts_elsewhere() -> None:
    """Who doesn't hold the key can't tell where a known file is cut."""
    content = random.Random(2).randbytes(16 << 20)
    other = [len(piece) for piece in Chunker(bytes(32)).cut(io.BytesIO(content))]
    assert other != [len(piece) for piece in pieces(content)]
