"""A key agent at its socket: only programs of the same user, or root's, get an answer."""

from __future__ import annotations

import os
import socket
import socketserver
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from backup.engine.errors import AlreadyThere
from backup.engine.keykeeping import wire
from backup.engine.keykeeping.agent import Agent
from backup.engine.keykeeping.conversation import Conversation

MOST = 64
"""Connections at a time; one more is hung up on."""


class Server(socketserver.ThreadingUnixStreamServer):
    """Answers each connection in a thread of its own; `serve_forever` also locks what has outlived its time."""

    daemon_threads = True

    def __init__(self, agent: Agent, path: str) -> None:
        self.agent = agent
        self._connections: set[socket.socket] = set()
        super().__init__(path, _Handler)

    def server_bind(self) -> None:
        """The socket is ours alone from its first moment: its file takes the mode of its descriptor."""
        os.fchmod(self.fileno(), 0o600)
        super().server_bind()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        try:
            allowed = wire.peer(request).trusted and len(self._connections) < MOST
        except OSError:
            return False
        if allowed:
            self._connections.add(request)
        return allowed

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        self.agent.expire()

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(socketserver.BaseRequestHandler):
    request: socket.socket
    server: Server

    def handle(self) -> None:
        conversation = Conversation(self.server.agent, wire.peer(self.request))
        with suppress(wire.Broken, OSError):
            while True:
                wire.send(self.request, conversation.answer(wire.receive(self.request)))


@contextmanager
def listening(agent: Agent, path: Path) -> Iterator[Server]:
    """The agent at a socket, which goes away in the end. Raises AlreadyThere where another one answers."""
    _clear(path)
    with Server(agent, str(path)) as server:
        try:
            yield server
        finally:
            path.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Remove the socket of an agent that ended without doing so."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(status.st_mode) or status.st_uid != os.geteuid():
        raise AlreadyThere(str(path))
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        else:
            raise AlreadyThere(str(path))
