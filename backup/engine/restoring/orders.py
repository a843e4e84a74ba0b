"""What a restore asks of its processes and what they answer, over a line that carries open folders too."""

from __future__ import annotations

import socket
from dataclasses import astuple, dataclass, field
from typing import Any

from backup.engine.format import cipher
from backup.engine.format.trees import Node

MOST = 16
"""Folders of one order: so many are open at the same time."""
_SIZE = 4
"""Bytes that say how many follow."""


@dataclass
class Order:
    """What new folders are to hold: of each its path, whether things may inherit from it, and the nodes."""

    groups: list[tuple[bytes, bool, list[Node]]] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    """Of the folders, open, in their order."""


@dataclass
class Answer:
    """What came of an order."""

    files: int
    others: int
    size: int
    verified: int
    problems: list[str]
    events: list[tuple[str, bytes, str, int]]
    """The fields of each Event."""
    apart: list[bytes]
    """As a Site's."""
    outage: str
    """Why the store gives nothing any more."""


def ask(line: socket.socket, order: Order) -> Answer:
    """Raises OSError where nobody answers."""
    _send(line, order.groups, order.descriptors)
    found, _descriptors = _receive(line)
    if found is None:
        raise ConnectionResetError
    return Answer(*found)


def listen(line: socket.socket) -> Order | None:
    """The next order; None where nobody asks any more. Raises OSError where that is in the middle of one."""
    groups, descriptors = _receive(line)
    return None if groups is None else Order(groups, descriptors)


def answer(line: socket.socket, done: Answer) -> None:
    """Raises OSError where nobody waits for it any more."""
    _send(line, astuple(done), [])


def _send(line: socket.socket, what: object, descriptors: list[int]) -> None:
    raw = cipher.pack(what)
    socket.send_fds(line, [len(raw).to_bytes(_SIZE, "big")], descriptors)
    line.sendall(raw)


def _receive(line: socket.socket) -> tuple[Any, list[int]]:
    head, descriptors, _flags, _address = socket.recv_fds(line, _SIZE, MOST)
    if not head:
        return None, []
    head += _read(line, _SIZE - len(head))
    return cipher.unpack(_read(line, int.from_bytes(head, "big")), "an order"), descriptors


def _read(line: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = line.recv(min(size, 1 << 20))
        if not part:
            raise ConnectionResetError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
