"""The 24 bytes that begin every object (FORMAT.md, section 3) and the names objects have in a store."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from backup.engine.errors import Damaged

VERSION = 1
SUITE = 1
SIZE = 24
_LAYOUT = struct.Struct("<3sBcBH16s")

CONFIG, BADGE, DATA_PACK, META_PACK, INDEX, SNAPSHOT, KEYFILE = b"C", b"K", b"D", b"T", b"I", b"S", b"F"


@dataclass(frozen=True)
class Prologue:
    kind: bytes
    repository: bytes
    epoch: int = 0

    def __bytes__(self) -> bytes:
        return _LAYOUT.pack(b"SBK", VERSION, self.kind, SUITE, self.epoch, self.repository)


def parse(data: bytes, kinds: bytes, repository: bytes | None, name: str) -> Prologue:
    """The prologue of an object of one of these kinds, in this repository. Raises Damaged with the reason otherwise."""
    if len(data) < SIZE:
        raise Damaged(name, "shorter than a prologue")
    magic, version, kind, suite, epoch, owner = _LAYOUT.unpack_from(data)
    if magic != b"SBK":
        raise Damaged(name, "not an object of a backup repository")
    if (version, suite) != (VERSION, SUITE):
        raise Damaged(name, f"version {version}, suite {suite} aren't known to this program")
    if kind not in kinds:
        raise Damaged(name, f"of kind {kind!r} where {kinds!r} is due")
    if repository is not None and owner != repository:
        raise Damaged(name, "belongs to another repository")
    return Prologue(kind, owner, epoch)


def pack_name(digest: bytes) -> str:
    return f"packs/{digest.hex()[:2]}/{digest.hex()}"


def index_name(digest: bytes) -> str:
    return f"index/{digest.hex()}"


def badge_name(key_id: bytes) -> str:
    return f"keys/{key_id.hex()}"


def snapshot_name(writer: bytes, sequence: int) -> str:
    return f"snapshots/{writer.hex()}/{sequence:016x}"
