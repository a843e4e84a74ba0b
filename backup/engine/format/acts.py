"""What is said of snapshots and packs after they were written (FORMAT.md, section 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from backup.engine.errors import Damaged
from backup.engine.format import chain, cipher, layout
from backup.engine.format.chain import HEAD, Head
from backup.engine.format.config import Config
from backup.engine.format.keys import Key, Role

Which = tuple[bytes, int, bytes]
"""A snapshot by its writer, its number and its id."""
_KEEPERS = frozenset({Role.MASTER, Role.PRUNER})
_HEALERS = _KEEPERS | {Role.VERIFIER}
_WATCHERS = _HEALERS | {Role.READER, Role.LISTER}
_MAY = {
    "condemned": _HEALERS,
    "spared": _HEALERS,
    "moved": _HEALERS,
    "leaving": _KEEPERS,
    "forget": _KEEPERS,
    "recall": _KEEPERS,
    "release": _KEEPERS,
    "tag": _KEEPERS,
    "hold": _WATCHERS,
}
"""Who may say what."""


@dataclass(frozen=True)
class Clear:
    """What writers must know, who open nothing."""

    condemned: frozenset[bytes] = frozenset()
    spared: frozenset[bytes] = frozenset()
    leaving: frozenset[bytes] = frozenset()
    moved: tuple[tuple[tuple[bytes, ...], tuple[bytes, ...]], ...] = ()


@dataclass(frozen=True)
class Said:
    """What only keys that open the log know."""

    time: int = 0
    why: str = ""
    forget: tuple[Which, ...] = ()
    recall: tuple[Which, ...] = ()
    hold: tuple[bytes, ...] = ()
    release: tuple[bytes, ...] = ()
    tag: tuple[tuple[bytes, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Act:
    id: bytes
    head: Head
    clear: Clear
    said: Said = field(default_factory=Said)
    received: int = 0
    """When the store took it, by its own clock."""


def overstepped(role: Role, clear: Clear, said: Said) -> list[str]:
    """What a key of this role may not say."""
    uttered = {name for part in (clear, said) for name in vars(part) if getattr(part, name)}
    return sorted(name for name in uttered if role not in _MAY.get(name, _WATCHERS))


def write(config: Config, key: Key, sequence: int, previous: bytes, clear: Clear, said: Said) -> bytes:
    """The object of an act. Raises KeyRefused where the key may not say this."""
    allowed = [role for role in Role if role is not Role.WRITER and not overstepped(role, clear, said)]
    key.require(*allowed)
    opened = cipher.pack(_clear_body(clear))
    head = chain.write_head(config, key, layout.ACT, sequence, previous) + len(opened).to_bytes(4, "little") + opened
    return key.signed(head + cipher.seal(config.suite, config.epoch.log, "act", head, cipher.pack(_said_body(said))))


def read(raw: bytes, verify: bytes, key: Key, name: str, received: int = 0) -> Act:
    """An act, verified, and opened as far as the key can. Raises Damaged."""
    head = chain.read_head(raw, layout.ACT, verify, key.repository, name)
    start = HEAD + 4
    end = start + int.from_bytes(raw[HEAD:start], "little")
    sealed = raw[end : -cipher.SIGNATURE]
    try:
        clear = _clear(cipher.unpack(raw[start:end], name))
        said = Said()
        if key.can_open("log", head.epoch):
            said = _said(cipher.unpack(key.unseal("log", head.epoch, "act", raw[:end], sealed, name), name))
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(name, "its body is malformed") from error
    return Act(cipher.digest(raw), head, clear, said, received)


def _clear_body(clear: Clear) -> dict[str, Any]:
    body: dict[str, Any] = {name: b"".join(sorted(getattr(clear, name))) for name in ("condemned", "spared", "leaving")}
    body["moved"] = [[b"".join(old), b"".join(new)] for old, new in clear.moved]
    return {name: value for name, value in body.items() if value}


def _clear(body: Any) -> Clear:
    if not isinstance(body, dict):
        raise TypeError("a map is due")
    condemned, spared, leaving = (
        frozenset(_digests(body.get(name, b""))) for name in ("condemned", "spared", "leaving")
    )
    moved = ((tuple(_digests(old)), tuple(_digests(new))) for old, new in body.get("moved", ()))
    return Clear(condemned, spared, leaving, tuple(moved))


def _said_body(said: Said) -> dict[str, Any]:
    return {name: value for name, value in vars(said).items() if value}


def _said(body: Any) -> Said:
    if not isinstance(body, dict):
        raise TypeError("a map is due")
    known = {one.name for one in fields(Said)}
    said = Said(**{name: _frozen(value) for name, value in body.items() if name in known})
    if not _is_sound(said):
        raise TypeError("a part of it is of another kind")
    return said


def _is_sound(said: Said) -> bool:
    """Whether every part is of its kind: whoever signed it may have meant harm."""
    return (
        type(said.time) is int
        and isinstance(said.why, str)
        and all(isinstance(row, tuple) for row in (said.forget, said.recall, said.hold, said.release, said.tag))
        and all(list(map(type, one)) == [bytes, int, bytes] for one in (*said.forget, *said.recall))
        and all(isinstance(id_, bytes) for id_ in (*said.hold, *said.release))
        and all(isinstance(id_, bytes) and _is_text(tags) for id_, tags in said.tag)
    )


def _is_text(tags: Any) -> bool:
    return isinstance(tags, tuple) and all(isinstance(tag, str) for tag in tags)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _digests(data: bytes) -> Iterable[bytes]:
    if not isinstance(data, bytes) or len(data) % 32:
        raise ValueError("a list of digests is cut")
    return (data[at : at + 32] for at in range(0, len(data), 32))
