"""One save: sealed to the log key, signed by its writer, chained to the one before (FORMAT.md, section 9)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backup.engine.errors import Damaged
from backup.engine.format import cipher, layout
from backup.engine.format.config import Config
from backup.engine.format.keys import Badge, Key, Role

_CHAIN = struct.Struct("<16sQ32s")
HEAD = layout.SIZE + _CHAIN.size
FIRST = bytes(32)


@dataclass(frozen=True)
class Counts:
    """What a snapshot's tree holds."""

    files: int = 0
    directories: int = 0
    links: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Head:
    """What anybody sees of a snapshot: whose it is and where it stands in his row."""

    writer: bytes
    sequence: int
    previous: bytes


@dataclass(frozen=True)
class Snapshot:
    id: bytes
    head: Head
    source: str
    host: str
    started: int
    finished: int
    root: bytes
    depth: int
    indexes: tuple[bytes, ...]
    counts: Counts
    added: int
    unread: int
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return layout.snapshot_name(self.head.writer, self.head.sequence)


def write(config: Config, key: Key, sequence: int, previous: bytes, body: Mapping[str, Any]) -> bytes:
    """The object of a snapshot."""
    sign, badge = key.signer()
    prologue = layout.Prologue(layout.SNAPSHOT, config.repository, config.epoch.number)
    head = bytes(prologue) + _CHAIN.pack(badge.key_id, sequence, previous)
    return cipher.signed(sign, head + cipher.seal(config.epoch.log, "snapshot", head, cipher.pack(body)))


def read_head(raw: bytes, badge: Badge, repository: bytes, name: str) -> Head:
    """The head, once the badge's key is seen to have signed the whole; needs no key that opens anything."""
    layout.parse(raw, layout.SNAPSHOT, repository, name)
    if badge.role is not Role.WRITER:
        raise Damaged(name, "signed by a key that may not save")
    signed = cipher.check_signed(badge.verify, raw, name)
    if len(signed) < HEAD:
        raise Damaged(name, "cut")
    head = Head(*_CHAIN.unpack_from(signed, layout.SIZE))
    if head.writer != badge.key_id or name != layout.snapshot_name(head.writer, head.sequence):
        raise Damaged(name, "stands under a name that isn't its own")
    return head


def read(raw: bytes, badge: Badge, key: Key, name: str) -> Snapshot:
    head = read_head(raw, badge, key.repository, name)
    epoch = layout.parse(raw, layout.SNAPSHOT, key.repository, name).epoch
    sealed = raw[HEAD : -cipher.SIGNATURE]
    body = cipher.unpack(cipher.unseal(key.opens("log", epoch), "snapshot", raw[:HEAD], sealed, name), name)
    try:
        return Snapshot(
            id=cipher.digest(raw),
            head=head,
            source=body["source"],
            host=body["host"],
            started=body["started"],
            finished=body["finished"],
            root=body["root"],
            depth=body.get("p", 0),
            indexes=tuple(body["indexes"]),
            counts=Counts(body["files"], body["directories"], body["links"], body["bytes"]),
            added=body["added"],
            unread=body["unread"],
            notes=body["notes"],
        )
    except (KeyError, TypeError) as error:
        raise Damaged(name, "its body lacks a part") from error
