"""An SFTP server in this process that breaks off, knows little, overwrites or runs full, as it is told."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from unittest import mock

import asyncssh
from asyncssh.sftp import SFTPServerHandler

from backup.engine.stores.ssh_server import Server

PASSWORD = "a password"


@dataclass
class Faults:
    breaks_before: Counter[str] = field(default_factory=Counter)
    """How many of these requests are lost with the connection before they are served."""
    breaks_after: Counter[str] = field(default_factory=Counter)
    """How many are served, and their answers lost."""
    overwrites: bool = False
    """A rename takes a name that is taken."""
    forbids: set[str] = field(default_factory=set)
    links_fail: bool = False
    """As on a file system that has none."""
    room: int | None = None
    """Bytes that a file may have, until the reserve is given up."""
    free: int = 1 << 40
    """Bytes that the server says are free."""
    served: Counter[str] = field(default_factory=Counter)
    logins: int = 0


class _Server(asyncssh.SSHServer):
    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.faults.logins += 1
        return password == PASSWORD


def _sftp(faults: Faults) -> type[asyncssh.SFTPServer]:
    class Sftp(asyncssh.SFTPServer):
        def _around(self, kind: str, *arguments: Any) -> Any:
            if faults.breaks_before[kind]:
                faults.breaks_before[kind] -= 1
                self.connection.abort()
                raise asyncssh.SFTPFailure("lost")
            if kind in faults.forbids:
                raise asyncssh.SFTPPermissionDenied("Permission denied")
            faults.served[kind] += 1
            result = getattr(asyncssh.SFTPServer, kind)(self, *arguments)
            if faults.breaks_after[kind]:
                faults.breaks_after[kind] -= 1
                self.connection.abort()
            return result

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
            return self._around("open", path, pflags, attrs)

        def link(self, oldpath: bytes, newpath: bytes) -> Any:
            if faults.links_fail:
                raise asyncssh.SFTPPermissionDenied("Operation not permitted")
            return self._around("link", oldpath, newpath)

        def rename(self, oldpath: bytes, newpath: bytes) -> Any:
            if faults.overwrites:
                faults.served["rename"] += 1
                return os.replace(oldpath, newpath)  # noqa: PTH105 (of bytes)
            return self._around("rename", oldpath, newpath)

        def remove(self, path: bytes) -> Any:
            if path.endswith(b"/reserve"):
                faults.room = None
            return self._around("remove", path)

        def read(self, file_obj: object, offset: int, size: int) -> Any:
            return self._around("read", file_obj, offset, size)

        def write(self, file_obj: object, offset: int, data: bytes) -> Any:
            if faults.room is not None and offset + len(data) > faults.room:
                raise asyncssh.SFTPQuotaExceeded("Disk quota exceeded")
            return self._around("write", file_obj, offset, data)

        def statvfs(self, path: bytes) -> Any:
            return asyncssh.SFTPVFSAttrs(
                bsize=4096, frsize=4096, blocks=1 << 30, bfree=faults.free // 4096, bavail=faults.free // 4096
            )

    return Sftp


@dataclass(frozen=True)
class Running:
    server: Server
    faults: Faults
    folder: Path


@contextmanager
def faulty_sftp(folder: Path, *, without: tuple[bytes, ...] = ()) -> Iterator[Running]:
    """A server that doesn't know these extensions."""
    faults, key = Faults(), asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    known = [extension for extension in SFTPServerHandler._extensions if extension[0] not in without]
    with mock.patch.object(SFTPServerHandler, "_extensions", known):
        listening = asyncio.run_coroutine_threadsafe(_begin(key, faults), loop).result()
        server = Server(
            "127.0.0.1", listening.get_port(), "anybody", fingerprint=key.get_fingerprint(), password=PASSWORD
        )
        try:
            yield Running(server, faults, folder)
        finally:
            asyncio.run_coroutine_threadsafe(_end(listening), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _begin(key: asyncssh.SSHKey, faults: Faults) -> asyncssh.SSHAcceptor:
    return await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[key],
        server_factory=lambda: _Server(faults),
        sftp_factory=_sftp(faults),
    )


async def _end(listening: asyncssh.SSHAcceptor) -> None:
    listening.close()
    await listening.wait_closed()
    waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
