"""Bytes as lines that a person types, each with a number and a check: a mistake has a place (FORMAT.md, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from backup.engine.errors import BadKeyfile
from backup.engine.format import cipher

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: neither I, L, O nor U."""
ROW = 20
MOST = 99
_SYMBOLS, _CHECK, _GROUP = 32, 4, 4
_ALIKE = str.maketrans("OIL", "011")
_NOISE = re.compile(r"[\s\-.·|]+")
_DIGEST = 4


class Mistyped(BadKeyfile):
    """What was typed isn't what was printed; `faults` says of each line what is wrong with it."""

    def __init__(self, faults: Mapping[int, str], word: str = "line") -> None:
        self.faults = dict(sorted(faults.items()))
        super().__init__("; ".join(f"{word} {number}: {why}" for number, why in self.faults.items()))


def write(data: bytes) -> tuple[str, ...]:
    """The lines, in groups of four, numbered from 01; the last group is the check. Raises ValueError for too much."""
    framed = len(data).to_bytes(2, "little") + data + cipher.digest(data)[:_DIGEST]
    rows = [framed[at : at + ROW].ljust(ROW, b"\0") for at in range(0, len(framed), ROW)]
    if len(rows) > MOST:
        raise ValueError("too much for a page")
    return tuple(_line(number, row) for number, row in enumerate(rows, 1))


def read(typed: Iterable[str]) -> bytes:
    """What the lines hold, in whatever order, case and grouping they were typed.

    Raises Mistyped with every line that is wrong, BadKeyfile where all are right but of different sheets.
    """
    rows: dict[int, bytes] = {}
    faults: dict[int, str] = {}
    for number, symbols in _numbered(typed):
        if why := _fault(number, symbols):
            faults[number] = why
        elif rows.setdefault(number, _decode(symbols)) != _decode(symbols):
            faults[number] = "is there twice, and not the same"
    if 1 not in rows:
        faults.setdefault(1, "is missing")
    else:
        size = int.from_bytes(rows[1][:2], "little") + 2 + _DIGEST
        due = range(1, -(-size // ROW) + 1)
        faults |= {number: "is missing" for number in due if number not in rows and number not in faults}
        faults |= {number: "isn't of this sheet" for number in rows if number not in due}
    if faults:
        raise Mistyped(faults)
    framed = b"".join(row for _, row in sorted(rows.items()))[:size]
    data, digest = framed[2:-_DIGEST], framed[-_DIGEST:]
    if cipher.digest(data)[:_DIGEST] != digest:
        raise BadKeyfile("each line is well typed, but they aren't all of one sheet")
    return data


def _line(number: int, row: bytes) -> str:
    symbols = _encode(int.from_bytes(row, "big"), _SYMBOLS) + _check(number, row)
    groups = (symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))
    return f"{number:02} {' '.join(groups)}"


def _numbered(typed: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Each line that isn't empty: its number, as typed or by its place, and its symbols."""
    lines = (line.upper().translate(_ALIKE).strip() for line in typed)
    for place, line in enumerate(filter(None, lines), 1):
        symbols = _NOISE.sub("", line)
        first = re.match(r"\d{1,2}(?=[\s\-.])", line)
        if len(symbols) == 2 + _SYMBOLS + _CHECK and symbols[:2].isdecimal():
            yield int(symbols[:2]), symbols[2:]
        elif first and len(symbols) != _SYMBOLS + _CHECK:
            yield int(first[0]), symbols[len(first[0]) :]
        else:
            yield place, symbols


def _fault(number: int, symbols: str) -> str:
    """What is wrong with a line; nothing if it is as it was printed."""
    if foreign := sorted(set(symbols) - set(ALPHABET)):
        return f"holds {' '.join(foreign)}, which no line has"
    if len(symbols) != _SYMBOLS + _CHECK:
        return f"has {len(symbols)} signs after its number where {_SYMBOLS + _CHECK} are due"
    if not _fits(number, symbols):
        groups = {at // _GROUP + 1 for at, other in _neighbours(symbols) if _fits(number, other)}
        return f"is mistyped, most likely in group {groups.pop()}" if len(groups) == 1 else "is mistyped"
    return ""


def _neighbours(symbols: str) -> Iterator[tuple[int, str]]:
    """What is one slip away: another sign in one place, or two signs exchanged."""
    for at, sign in enumerate(symbols):
        yield from ((at, symbols[:at] + other + symbols[at + 1 :]) for other in ALPHABET if other != sign)
        yield at, symbols[:at] + symbols[at : at + 2][::-1] + symbols[at + 2 :]


def _fits(number: int, symbols: str) -> bool:
    return _check(number, _decode(symbols)) == symbols[_SYMBOLS:]


def _check(number: int, row: bytes) -> str:
    """Twenty bits that tell whether a line is the one that was printed in this place."""
    return _encode(int.from_bytes(cipher.digest(bytes([number]), row)[:3], "big") >> 4, _CHECK)


def _encode(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(count)))


def _decode(symbols: str) -> bytes:
    value = 0
    for symbol in symbols[:_SYMBOLS]:
        value = value << 5 | ALPHABET.index(symbol)
    return value.to_bytes(ROW, "big")
