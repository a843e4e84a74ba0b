"""A key that an agent holds: what it opens and signs is done there, and its private keys never come here."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

from backup.engine import errors
from backup.engine.errors import BackupError, Damaged, KeyRefused
from backup.engine.format.keys import Badge, Key, Role
from backup.engine.keykeeping import wire

PREFIX = "agent:"
_PATIENCE = 300
"""Seconds for one answer: somebody may have to be asked."""


class Connection:
    """One conversation with an agent, shared by the threads of this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def ask(self, what: str, **details: Any) -> dict[str, Any]:
        """Raises what the agent raised, KeyRefused where it doesn't answer."""
        request = {"do": what, **details}
        with self._lock:
            try:
                answer = self._exchange(request)
            except (wire.Broken, OSError) as error:
                self.close()
                raise KeyRefused(f"the key agent at {self.path} doesn't answer: {error}") from error
        if "error" in answer:
            raise _error(answer)
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._socket is None:
            self._socket = self._connected()
        wire.send(self._socket, request)
        return wire.receive(self._socket)

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(_PATIENCE)
            connection.connect(str(self.path))
            if not wire.peer(connection).trusted:
                raise wire.Broken("it is of another user")
        except BaseException:
            connection.close()
            raise
        return connection


class RemoteHolder:
    """The private keys of one key, where an agent keeps them (keys.Holder)."""

    def __init__(self, connection: Connection, key_id: bytes) -> None:
        self._connection, self._key_id = connection, key_id
        self._holds: dict[tuple[str, int], bool] = {}

    def holds(self, part: str, epoch: int) -> bool:
        if (part, epoch) not in self._holds:
            answer = self._connection.ask("holds", key=self._key_id, part=part, epoch=epoch)
            self._holds[part, epoch] = answer["holds"]
        return self._holds[part, epoch]

    def unseal(self, part: str, epoch: int, use: str, context: bytes, data: bytes, name: str) -> bytes:
        request = {"part": part, "epoch": epoch, "use": use, "context": context, "data": data, "name": name}
        opened: bytes = self._connection.ask("unseal", key=self._key_id, **request)["data"]
        return opened

    def sign(self, data: bytes) -> bytes:
        signature: bytes = self._connection.ask("sign", key=self._key_id, data=data)["signature"]
        return signature

    def close(self) -> None:
        self._connection.close()


def load(path: Path, key_id: str = "") -> Key:
    """A key of the agent at a socket: the only one, or the one whose id begins so. Raises KeyRefused."""
    connection = Connection(path)
    try:
        known = _chosen(connection.ask("list")["keys"], key_id.lower())
        repository, master = known["repository"], known["master"]
        return Key(
            role=Role(known["role"]),
            repository=repository,
            suite=known["suite"],
            master=master,
            holder=RemoteHolder(connection, known["key"]),
            shared=connection.ask("shared", key=known["key"])["shared"],
            badge=Badge.parse(known["badge"], repository, master, "badge") if known["badge"] else None,
        )
    except BaseException:
        connection.close()
        raise


def _chosen(keys: list[dict[str, Any]], key_id: str) -> dict[str, Any]:
    found = [one for one in keys if one["key"].hex().startswith(key_id)]
    if len(found) != 1:
        there = ", ".join(f"{one['key'].hex()} ({Role(one['role']).name.lower()})" for one in keys) or "none"
        raise KeyRefused(f"{len(found)} keys of the agent fit; add # and the first digits of an id. There: {there}")
    return found[0]


def _error(answer: dict[str, Any]) -> BackupError:
    if answer["error"] == "Damaged":
        return Damaged(answer["name"], answer["why"])
    kind = getattr(errors, answer["error"], KeyRefused)
    known = isinstance(kind, type) and kind in (errors.BadKeyfile, errors.PassphraseNeeded)
    return kind(answer["why"]) if known else KeyRefused(answer["why"])
