"""Parity (FORMAT.md, section 15): with it bytes that a store has let rot are made again. It takes no key.

An object is cut into k parts of the same length, and m more are made of them (Reed-Solomon): any k of these k + m give
the object back. The code is that of zfec, after L. Rizzo, "Effective erasure codes for reliable computer communication
protocols", ACM SIGCOMM CCR 27(2), 1997.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from backup.engine.errors import Damaged
from backup.engine.format import cipher, layout
from backup.engine.format.cipher import Bytes
from backup.engine.format.layout import Prologue

MOST = 100
"""Percent: as much parity as there is to protect."""
_PARTS, _SHORTEST = 80, 4096
"""A pack is cut into as many parts, unless they became shorter than so many bytes."""
_HEAD = struct.Struct("<Q32sBBH")
_END = struct.Struct("<I")
_DIGEST, _SEAL = 16, 32


@dataclass(frozen=True)
class Parity:
    """What was kept to mend an object, as far as it is sound itself."""

    name: str
    size: int
    digest: bytes
    parts: int
    digests: tuple[bytes, ...]
    """Of each part, then of each that was made of them."""
    made: tuple[bytes, ...]

    def mend(self, raw: bytes) -> bytes:
        """The object as it was, from what is there of it (maybe nothing). Raises Damaged where that isn't enough."""
        length = -(-self.size // self.parts)
        found = [*_cut(raw[: self.size], self.parts, length), *self.made]
        sound = [cipher.digest(part)[:_DIGEST] == digest for part, digest in zip(found, self.digests, strict=True)]
        spare = iter([number for number in range(self.parts, len(found)) if sound[number]])
        numbers = [number if sound[number] else next(spare, -1) for number in range(self.parts)]
        if -1 in numbers:
            raise Damaged(self.name, "is damaged in more places than its parity mends")
        from zfec import Decoder  # loaded where something is to be mended: every command would wait for it

        decoder = Decoder(self.parts, len(found))
        mended = b"".join(decoder.decode([found[number] for number in numbers], numbers))[: self.size]
        if cipher.digest(mended) != self.digest:
            raise Damaged(self.name, "isn't what its parity was made of")
        return mended


def make(name: str, raw: bytes, percent: int) -> bytes:
    """The parity of an object. Raises Damaged for bytes that aren't those of the name."""
    prologue = layout.parse(raw, layout.KINDS, None, name)
    digest = cipher.digest(raw)
    folder, last = name.partition("/")[0], name.rpartition("/")[2]
    if folder in layout.HASHED and digest.hex() != last:
        raise Damaged(name, "its bytes aren't those of its name")
    from zfec import Encoder

    parts, more = _counts(folder, len(raw), percent)
    cut = _cut(raw, parts, -(-len(raw) // parts))
    made = Encoder(parts, parts + more).encode(cut, list(range(parts, parts + more)))
    head = bytes(Prologue(layout.PARITY, prologue.repository, prologue.suite))
    head += _HEAD.pack(len(raw), digest, parts, more, len(name)) + name.encode()
    head += b"".join(cipher.digest(part)[:_DIGEST] for part in (*cut, *made))
    head += cipher.digest(head)
    return b"".join((head, *made, head, _END.pack(len(head))))


def read(raw: bytes, name: str) -> Parity:
    """Parity, by its head or by the second one at its end. Raises Damaged where neither is sound."""
    try:
        return _read(raw, raw, name)
    except Damaged:
        size = _END.unpack(raw[-_END.size :])[0] if len(raw) >= _END.size else 0
        return _read(raw[max(0, len(raw) - _END.size - size) :], raw, name)


def _read(head: bytes, raw: bytes, name: str) -> Parity:
    layout.parse(head, layout.PARITY, None, name)
    start = layout.SIZE + _HEAD.size
    if len(head) < start:
        raise Damaged(name, "its head is malformed")
    size, digest, parts, more, length = _HEAD.unpack_from(head, layout.SIZE)
    digests = start + length
    end = digests + _DIGEST * (parts + more)
    if cipher.digest(head[:end]) != head[end : end + _SEAL]:
        raise Damaged(name, "its head was changed")
    of = head[start:digests].decode(errors="replace")
    if not parts or not size or not layout.NAME.fullmatch(of) or layout.parity_name(of) != name:
        raise Damaged(name, "stands under a name that isn't its own")
    if of.partition("/")[0] in layout.HASHED and digest.hex() != of.rpartition("/")[2]:
        raise Damaged(name, "was made of other bytes")
    layout.check_size(of, size)
    step = -(-size // parts)
    at = [end + _SEAL + step * number for number in range(more)]
    return Parity(
        name=of,
        size=size,
        digest=digest,
        parts=parts,
        digests=tuple(head[place : place + _DIGEST] for place in range(digests, end, _DIGEST)),
        made=tuple(raw[place : place + step] for place in at),
    )


def _counts(folder: str, size: int, percent: int) -> tuple[int, int]:
    """Into how many parts an object is cut, and how many are made of them. All but packs are small: a copy is kept."""
    if folder != "packs":
        return 1, 1
    parts = max(1, min(_PARTS, size // _SHORTEST))
    return parts, max(1, -(-parts * percent // 100))


def _cut(raw: Bytes, parts: int, length: int) -> list[bytes]:
    return [bytes(raw[start : start + length]).ljust(length, b"\0") for start in range(0, parts * length, length)]
