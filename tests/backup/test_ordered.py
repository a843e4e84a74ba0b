"""A hash of pieces that come in any order, from several threads."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from blake3 import blake3

from backup.engine.ordered import OrderedHash


@pytest.mark.parametrize("seed", range(20))
def test_any_order(seed: int) -> None:
    """The hash is that of the whole, however its pieces come."""
    chance = random.Random(seed)
    pieces = [[chance.randbytes(chance.randrange(50)) for _ in range(chance.randrange(3))] for _ in range(200)]
    order = list(range(len(pieces)))
    chance.shuffle(order)
    content = OrderedHash()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: content.add(number, pieces[number]), order))
    whole = b"".join(part for parts in pieces for part in parts)
    assert (content.taken, content.size, content.digest()) == (200, len(whole), blake3(whole).digest())


def test_nobody_waits_for_a_piece_that_is_late() -> None:
    """What comes before its turn is taken in by whoever brings the missing piece."""
    content = OrderedHash()
    content.add(1, [b"b"])
    content.add(2, [b"c"])
    assert content.taken == 0
    content.add(0, [b"a"])
    assert (content.taken, content.digest()) == (3, blake3(b"abc").digest())
