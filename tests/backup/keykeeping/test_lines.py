"""Bytes as typed lines: what is typed loosely is read, and what is mistyped is named."""

from __future__ import annotations

import base64
import random
import textwrap

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from backup.engine.errors import BadKeyfile
from backup.engine.keykeeping import lines
from backup.engine.keykeeping.lines import ALPHABET, Mistyped

DATA = bytes(range(100, 200))
CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)


def test_the_lines_of_the_specification() -> None:
    """A line is its number, its row in base32 and twenty bits of a hash, in groups of four."""
    row = (b"\5\0suite" + blake3(b"suite").digest()[:4]).ljust(20, b"\0")
    check = blake3(b"\1" + row).digest()[:5]
    symbols = (base64.b32encode(row) + base64.b32encode(check)[:4]).decode().translate(CROCKFORD)
    assert lines.write(b"suite") == (f"01 {' '.join(textwrap.wrap(symbols, 4))}",)


@settings(deadline=None)
@given(st.binary(max_size=1900))
def test_round_trip(data: bytes) -> None:
    """What was written is read, whatever it is."""
    assert lines.read(lines.write(data)) == data


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=200), st.randoms(use_true_random=False))
def test_loosely_typed(data: bytes, chance: random.Random) -> None:
    """Case, spaces, hyphens, the order of the lines, and O for 0, I and L for 1, don't matter."""
    loose = []
    for line in lines.write(data):
        number, rest = line[:2], line[3:].replace(" ", chance.choice(["", " ", "-", "  ", " - "]))
        rest = "".join(chance.choice({"0": "0oO", "1": "1iIlL"}.get(sign, sign + sign.lower())) for sign in rest)
        loose += [chance.choice([number, f"{int(number)}"]) + chance.choice([" ", "\t", ". ", "  "]) + rest, ""]
    chance.shuffle(loose)
    assert lines.read(loose) == data


def test_without_numbers() -> None:
    """Lines typed in their order need no numbers."""
    assert lines.read(line[3:] for line in lines.write(DATA)) == DATA


def test_every_wrong_sign_is_noticed() -> None:
    """One wrong sign anywhere, or two neighbours exchanged, names the line, and mostly the group."""
    written = lines.write(DATA)
    named = 0
    slips = 0
    for at in (place for place, sign in enumerate(written[1]) if place > 2 and sign != " "):
        for sign in set(ALPHABET[at % 7 :: 7]) - {written[1][at]}:
            other = written[1][:at] + sign + written[1][at + 1 :]
            with pytest.raises(Mistyped) as refused:
                lines.read([written[0], other, *written[2:]])
            assert list(refused.value.faults) == [2]
            slips += 1
            named += f"group {(at - 3) // 5 + 1}" in refused.value.faults[2]
    assert named / slips > 0.99


def test_every_wrong_line_is_told_at_once() -> None:
    """All that is wrong is told in one go, each with its line."""
    first, second, third, fourth, *rest = lines.write(DATA)
    with pytest.raises(Mistyped) as refused:
        lines.read(
            [first, second[:-1], third.replace(third[3], "U", 1), fourth[:3] + fourth[4:2:-1] + fourth[5:], *rest[1:]]
        )
    assert list(refused.value.faults) == [2, 3, 4, 5]
    assert "35 signs" in refused.value.faults[2]
    assert "U" in refused.value.faults[3]
    assert refused.value.faults[5] == "is missing"
    assert str(refused.value).startswith("line 2: ")


def test_twice_and_too_many() -> None:
    """A line may be typed twice if both are alike; a line that the sheet doesn't have is named."""
    written = lines.write(DATA)
    assert lines.read([*written, written[0]]) == DATA
    other = lines.write(DATA[::-1])
    with pytest.raises(Mistyped, match="line 2: is there twice"):
        lines.read([*written, other[1]])
    with pytest.raises(Mistyped, match="line 7: isn't of this sheet"):
        lines.read([*written, *lines.write(bytes(140))[6:7]])


def test_lines_of_two_sheets() -> None:
    """Lines that are each well typed but of different sheets are refused."""
    first, second = lines.write(DATA), lines.write(DATA[::-1])
    with pytest.raises(BadKeyfile, match="one sheet"):
        lines.read([*first[:3], *second[3:]])


@pytest.mark.parametrize("typed", [[], [""], ["hello"], ["01"], ["é" * 36], ["²1 " + "0" * 36], ["00 " + "0" * 36]])
def test_nonsense(typed: list[str]) -> None:
    """What isn't a line is refused in words."""
    with pytest.raises(Mistyped):
        lines.read(typed)


def test_too_much_for_a_page() -> None:
    """Nobody is asked to type more than 99 lines."""
    with pytest.raises(ValueError, match="page"):
        lines.write(bytes(2000))
