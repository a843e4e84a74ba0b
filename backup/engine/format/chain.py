"""What snapshots and acts have in common: signed, numbered, each naming the one before (FORMAT.md, section 9)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from backup.engine.errors import Damaged
from backup.engine.format import cipher, layout
from backup.engine.format.config import Config
from backup.engine.format.keys import Key, key_id
from backup.engine.format.layout import Prologue

_CHAIN = struct.Struct("<16sQ32s")
HEAD = layout.SIZE + _CHAIN.size
FIRST = bytes(32)
_FOLDERS = {layout.SNAPSHOT: layout.snapshot_name, layout.ACT: layout.act_name}


@dataclass(frozen=True)
class Head:
    """What anybody sees of a link: whose it is and where it stands in his row."""

    author: bytes
    sequence: int
    previous: bytes
    epoch: int = 0


def write_head(config: Config, key: Key, kind: bytes, sequence: int, previous: bytes) -> bytes:
    prologue = Prologue(kind, config.repository, config.suite, config.epoch.number)
    return bytes(prologue) + _CHAIN.pack(key.key_id, sequence, previous)


def read_head(raw: bytes, kind: bytes, verify: bytes, repository: bytes, name: str) -> Head:
    """The head, once the author's key is seen to have signed the whole; needs no key that opens anything."""
    epoch = layout.parse(raw, kind, repository, name).epoch
    if len(cipher.check_signed(verify, raw, name)) < HEAD:
        raise Damaged(name, "cut")
    author, sequence, previous = _CHAIN.unpack_from(raw, layout.SIZE)
    head = Head(author, sequence, previous, epoch)
    if head.author != key_id(verify) or name != _FOLDERS[kind](head.author, head.sequence):
        raise Damaged(name, "stands under a name that isn't its own")
    return head
