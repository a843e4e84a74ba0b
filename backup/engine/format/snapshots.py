"""One save: sealed to the log key, signed by its writer, chained to the one before (FORMAT.md, section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backup.engine.errors import Damaged
from backup.engine.format import chain, cipher, layout
from backup.engine.format.chain import FIRST, HEAD, Head
from backup.engine.format.config import Config
from backup.engine.format.keys import Key, Role


@dataclass(frozen=True)
class Counts:
    """What a snapshot's tree holds."""

    files: int = 0
    directories: int = 0
    others: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Effort:
    """What a save had to do."""

    added: int = 0
    """Bytes stored."""
    fresh: int = 0
    """Bytes of content that weren't held before."""
    dense: int = 0
    """How many of the fresh bytes didn't compress."""
    changed: int = 0
    """Files that were read."""
    unread: int = 0
    """Files that couldn't be."""


@dataclass(frozen=True)
class Snapshot:
    id: bytes
    head: Head
    source: str
    host: str
    paths: tuple[bytes, ...]
    tags: tuple[str, ...]
    started: int
    finished: int
    root: bytes
    depth: int
    indexes: tuple[bytes, ...]
    counts: Counts
    effort: Effort
    notes: Mapping[str, str] = field(default_factory=dict)
    received: int = 0
    """When the store took it, by its own clock; 0 where that isn't known."""

    @property
    def name(self) -> str:
        return layout.snapshot_name(self.head.author, self.head.sequence)


@dataclass(frozen=True)
class Taken:
    """What a save knows when it announces its snapshot."""

    source: str
    host: str
    paths: tuple[bytes, ...]
    tags: tuple[str, ...]
    started: int
    finished: int
    root: bytes
    depth: int
    indexes: tuple[bytes, ...]
    counts: Counts
    effort: Effort
    notes: Mapping[str, str]


def write(config: Config, key: Key, sequence: int, previous: bytes, taken: Taken) -> bytes:
    """The object of a snapshot."""
    key.require(Role.WRITER)
    head = chain.write_head(config, key, layout.SNAPSHOT, sequence, previous)
    body: dict[str, Any] = {
        "source": taken.source,
        "host": taken.host,
        "paths": list(taken.paths),
        "tags": list(taken.tags),
        "started": taken.started,
        "finished": taken.finished,
        "root": taken.root,
        **({"p": taken.depth} if taken.depth else {}),
        "indexes": list(taken.indexes),
        **vars(taken.counts),
        **vars(taken.effort),
        "notes": dict(taken.notes),
    }
    return key.signed(head + cipher.seal(config.suite, config.epoch.log, "snapshot", head, cipher.pack(body)))


def read(raw: bytes, verify: bytes, key: Key, name: str, received: int = 0) -> Snapshot:
    """A snapshot, verified and opened. Raises Damaged, KeyRefused."""
    head = chain.read_head(raw, layout.SNAPSHOT, verify, key.repository, name)
    sealed = raw[HEAD : -cipher.SIGNATURE]
    body = cipher.unpack(key.unseal("log", head.epoch, "snapshot", raw[:HEAD], sealed, name), name)
    if not _sound(body):
        raise Damaged(name, "its body is none that a writer makes")
    try:
        return Snapshot(
            id=cipher.digest(raw),
            head=head,
            source=body["source"],
            host=body["host"],
            paths=tuple(body["paths"]),
            tags=tuple(body["tags"]),
            started=body["started"],
            finished=body["finished"],
            root=body["root"],
            depth=body.get("p", 0),
            indexes=tuple(body["indexes"]),
            counts=Counts(*(body[name] for name in Counts.__dataclass_fields__)),
            effort=Effort(*(body[name] for name in Effort.__dataclass_fields__)),
            notes=body["notes"],
            received=received,
        )
    except (KeyError, TypeError) as error:
        raise Damaged(name, "its body lacks a part") from error


def _sound(body: Any) -> bool:
    """Whether every part that is there is of its kind: whoever signed it may have meant harm."""
    if not isinstance(body, dict):
        return False
    numbers = ("started", "finished", *Counts.__dataclass_fields__, *Effort.__dataclass_fields__)
    root, indexes, notes = body.get("root"), body.get("indexes"), body.get("notes")
    return (
        all(isinstance(body.get(name), int) for name in (*numbers, *(["p"] if "p" in body else [])))
        and all(isinstance(body.get(name), str) for name in ("source", "host"))
        and _is_list_of(body.get("paths"), bytes)
        and _is_list_of(body.get("tags"), str)
        and isinstance(root, bytes)
        and isinstance(indexes, list)
        and all(isinstance(one, bytes) and len(one) == len(FIRST) for one in indexes)
        and isinstance(notes, dict)
        and _is_list_of([*notes, *notes.values()], str)
    )


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)
