"""Bech32 (BIP 173), in which keys of age are written; without its limit of 90 characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SIGNS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def checksum(values: Iterable[int]) -> int:
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for number, part in enumerate(GENERATOR):
            total ^= part if top >> number & 1 else 0
    return total


def spread(prefix: str) -> list[int]:
    return [*(ord(sign) >> 5 for sign in prefix), 0, *(ord(sign) & 31 for sign in prefix)]


def regrouped(values: Iterable[int], given: int, wanted: int, *, pad: bool) -> list[int] | None:
    """Groups of bits in another size; None where what is left over isn't padding."""
    held = bits = 0
    found: list[int] = []
    for value in values:
        held, bits = (held << given | value) & 0xFFFFFF, bits + given
        while bits >= wanted:
            bits -= wanted
            found.append(held >> bits & ((1 << wanted) - 1))
    left = held & ((1 << bits) - 1)
    if pad and bits:
        found.append(left << (wanted - bits))
    elif not pad and (bits >= given or left):
        return None
    return found


def encode(prefix: str, content: bytes) -> str:
    values = regrouped(content, 8, 5, pad=True) or []
    sum_ = checksum([*spread(prefix), *values, *[0] * 6]) ^ 1
    tail = [sum_ >> 5 * (5 - number) & 31 for number in range(6)]
    return f"{prefix}1{''.join(SIGNS[value] for value in (*values, *tail))}"


def decode(prefix: str, text: str) -> bytes | None:
    """What stands behind the prefix; None for anything else, and for one that is mistyped."""
    if text not in (text.lower(), text.upper()) or len(text) > 500:
        return None
    name, one, rest = text.lower().rpartition("1")
    if not one or name != prefix or len(rest) < 6 or any(sign not in SIGNS for sign in rest):
        return None
    values: Sequence[int] = [SIGNS.index(sign) for sign in rest]
    if checksum([*spread(prefix), *values]) != 1:
        return None
    found = regrouped(values[:-6], 5, 8, pad=False)
    return None if found is None else bytes(found)
