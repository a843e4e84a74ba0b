"""The 24 bytes that begin every object (FORMAT.md, section 3) and the names objects have in a store (section 2)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from blake3 import blake3

from backup.engine.errors import Damaged

VERSION = 1
AES, CHACHA = 1, 2
SUITES = (AES, CHACHA)
SIZE = 24
_LAYOUT = struct.Struct("<3sBcBH16s")

CONFIG, BADGE, KEYFILE = b"C", b"K", b"F"
DATA_PACK, META_PACK, INDEX, MANIFEST = b"D", b"T", b"I", b"M"
SNAPSHOT, ACT = b"S", b"A"
PARITY = b"P"
KINDS = b"".join((CONFIG, BADGE, DATA_PACK, META_PACK, INDEX, MANIFEST, SNAPSHOT, ACT))
"""What a repository is made of. Parity is beside it: whoever doesn't know it misses nothing."""

FOLDERS = ("config", "keys", "packs", "index", "manifests", "snapshots", "acts", "parity")
"""Where objects lie in a store."""
HASHED = ("packs", "index", "manifests")
"""Folders of objects that are named by BLAKE3 of their bytes."""
NAME = re.compile(
    r"config/[0-9a-f]{8}|keys/[0-9a-f]{32}|packs/[0-9a-f]{2}/[0-9a-f]{64}|(?:index|parity)/[0-9a-f]{64}"
    r"|manifests/[0-9a-f]{32}/[0-9a-f]{64}|(?:snapshots|acts)/[0-9a-f]{32}/[0-9a-f]{16}"
)
_FOLDER = re.compile(rf"(?:{'|'.join(FOLDERS)})|packs/[0-9a-f]{{2}}|(?:manifests|snapshots|acts)/[0-9a-f]{{32}}")
TEST_RESTORE = b"suite-backup 1 test restore\0"
"""How what a key signs of a test restore begins: no object of a repository begins so."""
EVERYBODY = bytes(16)
"""The audience of a manifest that is for all writers."""


_LARGEST = {
    "config": 16 << 20,
    "keys": 1 << 20,
    "packs": 256 << 20,
    "index": 256 << 20,
    "manifests": 256 << 20,
    "snapshots": 16 << 20,
    "acts": 64 << 20,
    "parity": 257 << 20,
}


@dataclass(frozen=True)
class Prologue:
    kind: bytes
    repository: bytes
    suite: int
    epoch: int = 0

    def __bytes__(self) -> bytes:
        return _LAYOUT.pack(b"SBK", VERSION, self.kind, self.suite, self.epoch, self.repository)


def parse(data: bytes, kinds: bytes, repository: bytes | None, name: str) -> Prologue:
    """The prologue of an object of one of these kinds, in this repository. Raises Damaged with the reason otherwise."""
    if len(data) < SIZE:
        raise Damaged(name, "shorter than a prologue")
    magic, version, kind, suite, epoch, owner = _LAYOUT.unpack_from(data)
    if magic != b"SBK":
        raise Damaged(name, "not an object of a backup repository")
    if version != VERSION or suite not in SUITES:
        raise Damaged(name, f"version {version}, suite {suite} aren't known to this program")
    if kind not in kinds:
        raise Damaged(name, f"of kind {kind!r} where {kinds!r} is due")
    if repository is not None and owner != repository:
        raise Damaged(name, "belongs to another repository")
    return Prologue(kind, owner, suite, epoch)


def largest(folder: str) -> int:
    """Bytes that an object of a folder has at most: nobody is made to read more before he knows whose it is."""
    return _LARGEST[folder]


def check_size(name: str, size: int) -> None:
    """Raises Damaged for an object that is larger than any that a writer makes."""
    if size > largest(name.partition("/")[0]):
        raise Damaged(name, "is larger than any object of its kind")


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an object")


def check_folder(prefix: str) -> None:
    if not _FOLDER.fullmatch(prefix):
        raise ValueError(f"{prefix!r} is no folder of a repository")


def config_name(number: int) -> str:
    return f"config/{number:08x}"


def badge_name(key_id: bytes) -> str:
    return f"keys/{key_id.hex()}"


def pack_name(digest: bytes) -> str:
    return f"packs/{digest.hex()[:2]}/{digest.hex()}"


def index_name(digest: bytes) -> str:
    return f"index/{digest.hex()}"


def manifest_name(audience: bytes, digest: bytes) -> str:
    return f"manifests/{audience.hex()}/{digest.hex()}"


def snapshot_name(writer: bytes, sequence: int) -> str:
    return f"snapshots/{writer.hex()}/{sequence:016x}"


def parity_name(name: str) -> str:
    """Where the parity of an object lies."""
    return f"parity/{blake3(name.encode()).hexdigest()}"


def act_name(key_id: bytes, sequence: int) -> str:
    return f"acts/{key_id.hex()}/{sequence:016x}"
