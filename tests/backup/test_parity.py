"""Parity mends what it says it mends, never gives other bytes, and is the code that FORMAT.md describes."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backup.engine.errors import Damaged
from backup.engine.format import cipher, layout, parity
from backup.engine.format.layout import Prologue
from tests.backup.derived import REPOSITORY

PACK = bytes(Prologue(layout.DATA_PACK, REPOSITORY, layout.AES)) + Random(1).randbytes(400_000)
NAME = layout.pack_name(cipher.digest(PACK))
ACT = bytes(Prologue(layout.ACT, REPOSITORY, layout.AES)) + b"what was said"
OF_ACT = layout.act_name(bytes(16), 1)
STEP = -(-len(PACK) // 80)
"""Bytes of each of its parts."""
PLACE = layout.parity_name(NAME)


def kept(percent: int = 5) -> parity.Parity:
    return parity.read(parity.make(NAME, PACK, percent), PLACE)


def spoilt(*parts: int, raw: bytes = PACK) -> bytes:
    """With a byte changed in each of these parts."""
    changed = bytearray(raw)
    for number in parts:
        changed[number * STEP + 7] ^= 0x80
    return bytes(changed)


# The code, by hand: GF(2^8) by x^8 + x^4 + x^3 + x^2 + 1, a Vandermonde matrix whose upper square is made the unit

EXP = [1]
for _ in range(254):
    EXP.append(EXP[-1] << 1 ^ (0x11D if EXP[-1] & 0x80 else 0))
LOG = {value: power for power, value in enumerate(EXP)}


def times(a: int, b: int) -> int:
    return EXP[(LOG[a] + LOG[b]) % 255] if a and b else 0


def over(matrix: list[list[int]], other: list[list[int]]) -> list[list[int]]:
    found = [[0] * len(other[0]) for _ in matrix]
    for number, row in enumerate(matrix):
        for factor, line in zip(row, other, strict=True):
            found[number] = [before ^ times(factor, value) for before, value in zip(found[number], line, strict=True)]
    return found


def inverse(square: list[list[int]]) -> list[list[int]]:
    size = len(square)
    rows = [[*row, *(int(number == column) for column in range(size))] for number, row in enumerate(square)]
    for column in range(size):
        pivot = next(number for number in range(column, size) if rows[number][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        unit = EXP[-LOG[rows[column][column]] % 255]
        rows[column] = [times(unit, value) for value in rows[column]]
        for number in range(size):
            if number != column and (factor := rows[number][column]):
                rows[number] = [
                    value ^ times(factor, above) for value, above in zip(rows[number], rows[column], strict=True)
                ]
    return [row[size:] for row in rows]


def made_by_hand(raw: bytes, parts: int, more: int) -> list[bytes]:
    step = -(-len(raw) // parts)
    cut = [list(raw[start : start + step].ljust(step, b"\0")) for start in range(0, parts * step, step)]
    rows = [[1] + [0] * (parts - 1)]
    rows += [[EXP[row * column % 255] for column in range(parts)] for row in range(parts + more - 1)]
    code = over(rows, inverse(rows[:parts]))
    assert [row.index(1) for row in code[:parts]] == list(range(parts))
    return [bytes(line) for line in over(code[parts:], cut)]


@pytest.mark.parametrize(("size", "percent", "parts", "more"), [(20_480, 60, 5, 3), (9000, 50, 2, 1), (100, 5, 1, 1)])
def test_the_code_is_the_one_that_is_written_down(size: int, percent: int, parts: int, more: int) -> None:
    """What another program computes from FORMAT.md is what is stored."""
    raw = PACK[:size]
    name = layout.pack_name(cipher.digest(raw))
    found = parity.read(parity.make(name, raw, percent), layout.parity_name(name))
    assert (found.parts, len(found.made)) == (parts, more)
    assert list(found.made) == made_by_hand(raw, parts, more)


# What it mends


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 100), st.data())
def test_as_many_parts_as_were_made(percent: int, data: st.DataObject) -> None:
    """Any parts may be damaged, so many as were made of them; of one more nothing is made up."""
    found = kept(percent)
    more = len(found.made)
    assert more == -(-80 * percent // 100)
    numbers = data.draw(st.lists(st.integers(0, 79), min_size=more, max_size=more, unique=True))
    assert found.mend(spoilt(*numbers)) == PACK
    other = next((number for number in range(80) if number not in numbers), None)
    if other is not None:
        with pytest.raises(Damaged, match="more places"):
            found.mend(spoilt(*numbers, other))


def test_damaged_parity_counts_less() -> None:
    """Parts that were made of the others may be damaged as well."""
    raw = bytearray(parity.make(NAME, PACK, 5))
    at = raw.index(kept().made[1])
    raw[at] ^= 1
    found = parity.read(bytes(raw), PLACE)
    assert found.mend(spoilt(3, 40, 79)) == PACK
    with pytest.raises(Damaged):
        found.mend(spoilt(3, 40, 41, 79))


@pytest.mark.parametrize("length", [0, 1, len(PACK) // 2, len(PACK) - 3 * STEP, len(PACK) - 1, len(PACK) + 9])
def test_a_pack_that_was_cut(length: int) -> None:
    """What is missing at the end is damage like any other; what is too much is cut away."""
    cut = (PACK + b"too much.")[:length]
    if len(PACK) - length <= 3 * STEP:
        assert kept().mend(cut) == PACK
    else:
        with pytest.raises(Damaged):
            kept().mend(cut)


def test_as_much_parity_as_there_is() -> None:
    """With a hundred percent, nothing of the pack itself has to be left; of what isn't a pack a copy is kept."""
    assert kept(100).mend(b"") == PACK
    assert parity.read(parity.make(OF_ACT, ACT, 5), layout.parity_name(OF_ACT)).mend(b"") == ACT


@pytest.mark.parametrize("raw", [PACK, ACT], ids=["a pack", "an act"])
def test_every_byte_of_it_may_be_damaged(raw: bytes) -> None:
    """Whichever byte of the parity is changed, and wherever it is cut: what is mended is right, or nothing is."""
    name = NAME if raw is PACK else OF_ACT
    whole = parity.make(name, raw, 5)
    head = whole.rindex(b"SBK\x01P") - 40
    places = [*range(min(2200, len(whole))), *range(head, len(whole))]
    for place in places:
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        assert parity.read(changed, layout.parity_name(name)).mend(raw) == raw
    for length in range(0, len(whole), 97):
        try:
            found = parity.read(whole[:length], layout.parity_name(name)).mend(raw)
        except Damaged:
            continue
        assert found == raw


def test_both_heads_damaged() -> None:
    """Then it is told that it is of no use."""
    raw = bytearray(parity.make(NAME, PACK, 5))
    raw[30] ^= 1
    raw[raw.rindex(b"SBK\x01P") + 30] ^= 1
    with pytest.raises(Damaged):
        parity.read(bytes(raw), PLACE)


# What it refuses


def test_of_damaged_bytes_none_is_made() -> None:
    """A pack that isn't what its name says, and what is no object, get no parity."""
    with pytest.raises(Damaged, match="aren't those of its name"):
        parity.make(NAME, spoilt(1), 5)
    with pytest.raises(Damaged, match="not an object"):
        parity.make(NAME, b"x" * 1000, 5)


def forged(name: str, raw: bytes, percent: int, **instead: object) -> bytes:
    """Parity whose head says something else, and is sealed again."""
    head, count = parity._HEAD, layout.SIZE
    made = parity.make(name, raw, percent)
    fields = dict(zip(("size", "digest", "parts", "more", "length"), head.unpack_from(made, count), strict=True))
    end = made.rindex(b"SBK\x01P")
    size = len(made) - end - 4
    front = bytearray(made[:size])
    fields.update(instead)
    head.pack_into(front, count, *fields.values())
    front[-32:] = cipher.digest(bytes(front[:-32]))
    return bytes(front) + made[size:end] + bytes(front) + size.to_bytes(4, "little")


def test_what_somebody_made_up() -> None:
    """Whoever may write to the store may put any parity there: it is refused, or mends nothing."""
    other = cipher.digest(b"another pack")
    for wrong in ({"digest": other}, {"parts": 0}, {"length": 3}, {"size": 1 << 40}):
        with pytest.raises(Damaged):
            parity.read(forged(NAME, PACK, 5, **wrong), PLACE)
    for wrong in ({"parts": 79}, {"parts": 255, "more": 255}, {"size": len(PACK) - 1}, {"size": 0}):
        with pytest.raises(Damaged):
            parity.read(forged(NAME, PACK, 5, **wrong), PLACE).mend(spoilt(3))
    with pytest.raises(Damaged, match="a name that isn't its own"):
        parity.read(parity.make(NAME, PACK, 5), layout.parity_name(OF_ACT))
