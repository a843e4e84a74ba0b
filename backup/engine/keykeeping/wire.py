"""What goes over the socket of a key agent: frames of a length (u32, little-endian) and a msgpack map."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backup.engine.errors import Damaged
from backup.engine.format import cipher

LONGEST = 64 << 20
_LENGTH = struct.Struct("<I")
_PEER = struct.Struct("=iII")


class Broken(Exception):
    """The other side went away, or sends what isn't a frame."""


@dataclass(frozen=True)
class Peer:
    """Who is at the other end, by the word of the kernel."""

    pid: int
    uid: int

    @property
    def program(self) -> str:
        """What it runs, as far as one may see; it may change meanwhile, so this is for people, not for decisions."""
        try:
            return str(Path(f"/proc/{self.pid}/exe").readlink())
        except OSError:
            return "an unknown program"

    @property
    def trusted(self) -> bool:
        """Whether it is of our own user, or of root, who could read our memory anyway."""
        return self.uid in (0, os.geteuid())


def peer(connection: socket.socket) -> Peer:
    """Raises OSError."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    pid, uid, _gid = _PEER.unpack(raw)
    return Peer(pid, uid)


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Raises Broken for what is too long, OSError."""
    body = cipher.pack(message)
    if len(body) > LONGEST:
        raise Broken("longer than a frame may be")
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket) -> dict[str, Any]:
    """The next frame. Raises Broken, OSError."""
    [length] = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > LONGEST:
        raise Broken("longer than a frame may be")
    try:
        message = cipher.unpack(_exactly(connection, length), "frame")
    except Damaged as error:
        raise Broken(str(error)) from error
    if not isinstance(message, dict):
        raise Broken("not a map")
    return message


def _exactly(connection: socket.socket, length: int) -> bytes:
    """So many bytes; memory is taken as they come, not as they are announced."""
    received = bytearray()
    while len(received) < length:
        block = connection.recv(min(length - len(received), 1 << 20))
        if not block:
            raise Broken("the other side went away")
        received += block
    return bytes(received)
