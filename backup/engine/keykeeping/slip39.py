"""Shamir's secret sharing as SLIP-39 writes it: any k of n rows of words give the secret back, fewer tell nothing.

One group, extendable, no passphrase, as https://github.com/satoshilabs/slips/blob/master/slip-0039.md lays it down, and
the list of words from there: other programs read these shares too. The library of its authors (shamir-mnemonic) says of
itself that it isn't for real secrets, so all it does is to check ours, in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

WORDS = tuple(Path(__file__).with_name("slip39.txt").read_text(encoding="ascii").split())
"""1024 words, of which the first four letters tell one from another."""
MOST = 16
BITS = 10
HEAD, TAIL = 4, 3
"""How many words say which share this is, and how many check it."""
_BY_START = {word[:4]: number for number, word in enumerate(WORDS)}
_CUSTOM = tuple(b"shamir_extendable")
_DIGEST, _SECRET = 254, 255
_DIGEST_SIZE = 4
_ROUNDS, _ITERATIONS = 4, 2500
_GENERATOR = (
    0xE0E040, 0x1C1C080, 0x3838100, 0x7070200, 0xE0E0009, 0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x3F3F120,
)  # fmt: skip


@dataclass(frozen=True)
class Share:
    """One share. Those of one split have the same `identifier` (15 random bits) and the same threshold."""

    identifier: int
    threshold: int
    index: int
    value: bytes


def split(secret: bytes, threshold: int, count: int, random: Callable[[int], bytes]) -> tuple[Share, ...]:
    """Shares of which `threshold` are enough. Raises ValueError unless 2 <= threshold <= count <= 16."""
    if not 2 <= threshold <= count <= MOST:
        raise ValueError(f"from 2 to {MOST} shares, of which at least 2 are needed")
    identifier = int.from_bytes(random(2), "big") >> 1
    hidden = _scramble(secret, range(_ROUNDS))
    noise = random(len(secret) - _DIGEST_SIZE)
    given = {index: random(len(secret)) for index in range(threshold - 2)}
    points = given | {_DIGEST: _digest(noise, hidden) + noise, _SECRET: hidden}
    values = (given.get(index) or _at(index, points) for index in range(count))
    return tuple(Share(identifier, threshold, index, value) for index, value in enumerate(values))


def combine(shares: Sequence[Share]) -> bytes:
    """The secret of enough different shares of one split. Raises ValueError if they don't fit together."""
    points = {share.index: share.value for share in shares}
    hidden, digest = _at(_SECRET, points), _at(_DIGEST, points)
    if not hmac.compare_digest(digest[:_DIGEST_SIZE], _digest(digest[_DIGEST_SIZE:], hidden)):
        raise ValueError("the shares don't fit together")
    return _scramble(hidden, reversed(range(_ROUNDS)))


def write(share: Share) -> tuple[str, ...]:
    """The words of a share."""
    head = share.identifier << 25 | 1 << 24 | share.index << 4 | share.threshold - 1
    size = -(-len(share.value) * 8 // BITS)
    body = (*_digits(head, HEAD), *_digits(int.from_bytes(share.value, "big"), size))
    return tuple(WORDS[digit] for digit in (*body, *_digits(_polymod((*_CUSTOM, *body, 0, 0, 0)) ^ 1, TAIL)))


def number(word: str) -> int | None:
    """Which word of the list this is, told by its first four letters or by all of a shorter one."""
    return _BY_START.get(word[:4].lower())


def read(numbers: Sequence[int]) -> Share:
    """The share that these words are. Raises ValueError where one is wrong, or where the share is of another making."""
    if _polymod((*_CUSTOM, *numbers)) != 1:
        raise ValueError("a word is wrong")
    head = _joined(numbers[:HEAD])
    if head >> 20 & 0x1F != 1 << 4 or head >> 8 & 0xFFF:
        raise ValueError("was made by another program")
    size = (len(numbers) - HEAD - TAIL) * BITS // 16 * 2
    try:
        value = _joined(numbers[HEAD:-TAIL]).to_bytes(size, "big")
    except OverflowError:
        raise ValueError("was made by another program") from None
    return Share(head >> 25, (head & 15) + 1, head >> 4 & 15, value)


def wrong_place(numbers: Sequence[int]) -> int | None:
    """Where the one wrong word stands, from 0; None where more than one is wrong, or none."""
    base = _polymod((*_CUSTOM, *numbers))
    for place in range(len(numbers) if base != 1 else 0):
        basis: list[int] = []
        for bit in range(BITS):
            changed = (*numbers[:place], numbers[place] ^ 1 << bit, *numbers[place + 1 :])
            if image := _reduced(_polymod((*_CUSTOM, *changed)) ^ base, basis):
                basis.append(image)
        if not _reduced(base ^ 1, basis):
            return place
    return None


def _reduced(value: int, basis: Iterable[int]) -> int:
    """What is left of a value once as much of the basis is taken from it as it holds: the code is linear over GF(2)."""
    return reduce(lambda left, vector: min(left, left ^ vector), basis, value)


def _digits(value: int, count: int) -> tuple[int, ...]:
    return tuple(value >> BITS * place & 1023 for place in reversed(range(count)))


def _joined(digits: Iterable[int]) -> int:
    return reduce(lambda value, digit: value << BITS | digit, digits, 0)


def _polymod(values: Iterable[int]) -> int:
    """The remainder that the checking words make 1: a Reed-Solomon code over GF(1024)."""
    state = 1
    for value in values:
        top, state = state >> 20, (state & 0xFFFFF) << BITS ^ value
        for bit, term in enumerate(_GENERATOR):
            state ^= term if top >> bit & 1 else 0
    return state


def _scramble(secret: bytes, rounds: Iterable[int]) -> bytes:
    """A permutation of the secrets; with the rounds in reverse, the way back."""
    left, right = secret[: len(secret) // 2], secret[len(secret) // 2 :]
    for turn in rounds:
        mask = hashlib.pbkdf2_hmac("sha256", bytes([turn]), right, _ITERATIONS, len(right))
        left, right = right, _plus(left, mask)
    return right + left


def _digest(key: bytes, secret: bytes) -> bytes:
    return hmac.digest(key, secret, "sha256")[:_DIGEST_SIZE]


def _at(x: int, points: Mapping[int, bytes]) -> bytes:
    """The value at x of the polynomial through the points, byte by byte in GF(256) (Lagrange)."""
    total = bytes(len(next(iter(points.values()))))
    for here, value in points.items():
        weight = 1
        for other in points.keys() - {here}:
            weight = _times(weight, _times(x ^ other, _inverse(here ^ other)))
        total = _plus(total, bytes(_times(byte, weight) for byte in value))
    return total


def _plus(first: bytes, second: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(first, second, strict=True))


def _times(first: int, second: int) -> int:
    """The product modulo x^8 + x^4 + x^3 + x + 1, by the same steps whatever the factors are."""
    product = 0
    for _ in range(8):
        product ^= first & -(second & 1)
        second >>= 1
        first = first << 1 ^ 0x11B & -(first >> 7)
    return product


def _inverse(value: int) -> int:
    return reduce(_times, [value] * 254)
