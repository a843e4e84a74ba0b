"""One SSH connection for all threads of a store."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError
from threading import Lock, Thread
from typing import Any, TypeVar

import asyncssh
from asyncssh import SFTPClient

from backup.engine.errors import Denied, Full, Missing, Unreachable
from backup.engine.stores.placing import Broken, twice
from backup.engine.stores.ssh_server import Server

T = TypeVar("T")

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells of every step otherwise

CONNECT = 30
"""Seconds for a connection, and as many for the login."""
ALIVE = 15
SIGNS = 4
"""Seconds between signs of life; after so many without an answer the connection counts as broken."""
PATIENCE = 3600
"""Seconds for whatever is asked for over a connection that shows life: large objects over a poor line take long."""
WHOLE = 4
"""Times what somebody waits for an answer, where he is in a hurry: an object takes several."""
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr")
"""What is sent is encrypted already: of the sound ones, the fastest first."""
_NO_ROOM = (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)
_MISSING = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
_FORBIDDEN = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect, asyncssh.SFTPCannotDelete)
_BROKEN = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError, OSError, EOFError)


class Line:
    """Carries what the threads ask to one event loop with one connection, made when needed and again when it broke."""

    def __init__(self, server: Server, within: float = math.inf) -> None:
        self._server, self._within = server, within
        self._loop = asyncio.new_event_loop()
        self._opening = asyncio.Lock()
        self._client: SFTPClient | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = Lock()
        self._is_closed = False
        self._thread = Thread(target=self._run_loop, name=f"sftp {server.host}", daemon=True)
        self._thread.start()

    def ask(self, about: str, action: Callable[[SFTPClient], Awaitable[T]]) -> T:
        """Do this, and once more over a fresh connection where it broke: for what does no harm when done twice."""
        return twice(lambda: self.ask_once(about, action))

    def ask_once(self, about: str, action: Callable[[SFTPClient], Awaitable[T]]) -> T:
        """Do this. Raises Missing, Denied, Full, and Unreachable where nobody knows whether it was done."""
        with self._closing:
            if self._is_closed:
                raise Unreachable(f"{about}: the connection is closed")
            waiting = asyncio.run_coroutine_threadsafe(self._run(action), self._loop)
        try:
            with in_words(about):
                return waiting.result()
        except CancelledError:
            raise Unreachable(f"{about}: the connection was closed meanwhile") from None
        finally:
            waiting.cancel()

    def close(self) -> None:
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run_loop(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _run(self, action: Callable[[SFTPClient], Awaitable[T]]) -> T:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            client = await self._connected()
            try:
                async with asyncio.timeout(min(PATIENCE, WHOLE * self._within)):
                    return await action(client)
            except _BROKEN:
                await self._drop(client)
                raise
        finally:
            self._tasks.discard(task)

    async def _end(self) -> None:
        """Let the connection go, and whoever still waits for an answer, or for a connection."""
        await self._drop(self._client)
        waiting = list(self._tasks)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _connected(self) -> SFTPClient:
        async with self._opening:
            if self._client is None:
                self._connection = await _connect(self._server, self._within)
                try:
                    self._client = await self._connection.start_sftp_client()
                except (asyncssh.Error, OSError) as error:
                    self._connection.abort()
                    raise Unreachable(f"{self._server.host} offers no SFTP: {error}") from error
            return self._client

    async def _drop(self, client: SFTPClient | None) -> None:
        """Let a connection go, unless another thread has done so and a new one is there."""
        if client is not None and client is self._client and self._connection is not None:
            connection, self._client, self._connection = self._connection, None, None
            connection.abort()
            await connection.wait_closed()


async def _connect(server: Server, within: float) -> asyncssh.SSHClientConnection:
    """Raises Denied where the server isn't the one that is known, or doesn't let us in; Unreachable otherwise."""
    pin = _Pin(server.fingerprint)
    try:
        return await asyncssh.connect(
            client_factory=lambda: pin,
            connect_timeout=min(CONNECT, within),
            login_timeout=min(CONNECT, within),
            keepalive_interval=min(ALIVE, within / SIGNS),
            keepalive_count_max=SIGNS,
            compression_algs=None,
            encryption_algs=CIPHERS,
            gss_kex=False,
            gss_auth=False,
            **server.options(),
        )
    except asyncssh.HostKeyNotVerifiable as error:
        known = server.fingerprint or "any of its lines in known_hosts"
        shown = f"shows the host key {pin.shown or 'of another kind'}, which isn't {known}"
        raise Denied(f"{server.host} {shown}: somebody may be in between") from error
    except (asyncssh.PermissionDenied, asyncssh.KeyExchangeFailed) as error:
        raise Denied(f"{server.host} refuses: {error.reason}") from error
    except (asyncssh.Error, OSError) as error:
        raise Unreachable(f"{server.host} doesn't answer: {error or type(error).__name__}") from error


class _Pin(asyncssh.SSHClient):
    """Lets a server in by the fingerprint of its key, and remembers the key that it showed."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        found = key.get_fingerprint()
        self.shown = f"{found} ({key.get_algorithm()})"
        return found == self._fingerprint


@contextlib.contextmanager
def in_words(about: str) -> Iterator[None]:
    """Turn what SFTP answers into what a store may raise."""
    try:
        yield
    except _MISSING:
        raise Missing(about) from None
    except _FORBIDDEN as error:
        raise Denied(f"{about}: {error.reason}") from error
    except _NO_ROOM as error:
        raise Full(f"{about}: {error.reason}") from error
    except _BROKEN as error:
        raise Broken(f"{about}: {error or type(error).__name__}") from error
    except asyncssh.Error as error:
        raise Unreachable(f"{about}: {error}") from error
