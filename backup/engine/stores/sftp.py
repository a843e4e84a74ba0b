"""A repository on a server that speaks SFTP, in the same files as in a folder."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Iterator, Sequence
from functools import partial
from typing import NoReturn, TypeVar

import asyncssh
from asyncssh import SFTPAttrs, SFTPClient, SFTPName

from backup.engine.errors import AlreadyThere, BackupError, Full, Unreachable
from backup.engine.format import layout
from backup.engine.format.cipher import Bytes
from backup.engine.stores import placing
from backup.engine.stores.base import Listed
from backup.engine.stores.local import RESERVE
from backup.engine.stores.placing import Placing, twice
from backup.engine.stores.ssh import Line, Server

T = TypeVar("T")

ABREAST = 16
"""Folders looked at, or made, at the same time."""
_STALE_NS = 24 * 3600 * 10**9
_REFUSED = (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists)
"""What OpenSSH says to a name that is taken, and says of much else."""
_NO_LINKS = (asyncssh.SFTPOpUnsupported, asyncssh.SFTPPermissionDenied, *_REFUSED)
_GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


class SftpStore:
    """A folder of a server. Objects are written to ``tmp/``, synced where the server can, then linked to their name.

    A server's times have whole seconds, and who may write there may change them: for writers that aren't trusted,
    give each an account of its own, or a store that locks.
    """

    def __init__(self, server: Server, folder: str) -> None:
        self.folder = folder.rstrip("/") or "/"
        self._line = Line(server)
        self._rename_refuses: bool | None = None

    def prepare(self) -> None:
        self._line.ask(self.folder, self._prepare)
        self._fill_reserve()

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        layout.check_name(name)
        data = b"".join(parts)
        place = Placing(
            lambda: self._line.ask_once(name, lambda sftp: self._there(self._place(sftp, name, data))),
            lambda: placing.holds(self, name, parts),
        )
        try:
            twice(place)
        except Full:
            if not urgent or not self._line.ask("reserve", self._use_reserve):
                raise
            twice(place)

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        layout.check_name(name)

        async def read(sftp: SFTPClient) -> bytes:
            async with sftp.open(self._path(name), "rb") as file:
                wanted = ((await file.stat()).size or 0) - offset if length is None else length
                data: bytes = await file.read(wanted, offset) if wanted > 0 else b""
                return data

        return self._line.ask(name, read)

    def list(self, prefix: str) -> Iterator[Listed]:
        layout.check_folder(prefix)
        waiting = [prefix]
        while waiting:
            some, waiting = waiting[:ABREAST], waiting[ABREAST:]
            for folders, found in self._line.ask(prefix, partial(self._scan, folders=some)):
                waiting += folders
                yield from found

    def delete(self, name: str) -> None:
        layout.check_name(name)
        self._line.ask(name, lambda sftp: _remove(sftp, self._path(name)))

    def now(self) -> int:
        return self._line.ask("tmp", lambda sftp: self._there(self._now(sftp)))

    def tidy(self) -> None:
        self._line.ask("tmp", lambda sftp: self._there(self._tidy(sftp)))
        with contextlib.suppress(Full):
            self._fill_reserve()

    def close(self) -> None:
        self._line.close()

    async def _prepare(self, sftp: SFTPClient) -> None:
        await sftp.makedirs(self.folder, SFTPAttrs(permissions=0o700), exist_ok=True)
        if await _entries(sftp, self.folder):
            raise BackupError(f"{self.folder} isn't empty")
        names = ["tmp", *layout.FOLDERS, *(f"packs/{number:02x}" for number in range(256))]
        for start in range(0, len(names), ABREAST):
            await asyncio.gather(*(self._make_folder(sftp, name) for name in names[start : start + ABREAST]))

    async def _make_folder(self, sftp: SFTPClient, name: str) -> None:
        """Make a folder; one that is there already will do."""
        path = self._path(name)
        try:
            await sftp.mkdir(path, SFTPAttrs(permissions=0o700))
        except _REFUSED:
            if not await sftp.isdir(path):
                raise

    async def _place(self, sftp: SFTPClient, name: str, data: bytes) -> None:
        temporary, path = self._unfinished(), self._path(name)
        await self._write(sftp, temporary, data)
        try:
            try:
                await self._give_name(sftp, temporary, path, name)
            except _GONE:
                await self._make_folder(sftp, name.rpartition("/")[0])
                await self._give_name(sftp, temporary, path, name)
        finally:
            await _remove(sftp, temporary)

    async def _write(self, sftp: SFTPClient, path: str, data: bytes) -> None:
        try:
            async with sftp.open(path, "xb", SFTPAttrs(permissions=0o600)) as file:
                await file.write(data, 0)
                with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                    await file.fsync()
        except asyncssh.SFTPFailure as error:
            await _remove(sftp, path)
            await self._explain(sftp, len(data), error)

    async def _explain(self, sftp: SFTPClient, size: int, error: asyncssh.SFTPFailure) -> NoReturn:
        """OpenSSH has one word, failure, for a full disk, a quota and a broken disk."""
        why = "its quota may be reached, or its disk may fail"
        with contextlib.suppress(asyncssh.SFTPError):
            room = await sftp.statvfs(self.folder)
            if room.bavail * room.frsize < size + room.frsize or room.favail == 0 < room.files:
                why = "its disk is full"
        raise Full(f"the server can't write {size} bytes below {self.folder}: {why}") from error

    async def _give_name(self, sftp: SFTPClient, temporary: str, path: str, name: str) -> None:
        """Raises AlreadyThere. A link is tried first: some servers' rename would overwrite, their link never does."""
        try:
            await sftp.link(temporary, path)
        except _NO_LINKS:
            if await sftp.lexists(path):
                raise AlreadyThere(name) from None
            await self._rename(sftp, temporary, path, name)

    async def _rename(self, sftp: SFTPClient, temporary: str, path: str, name: str) -> None:
        if self._rename_refuses is None:
            self._rename_refuses = await self._try_rename(sftp)
        if not self._rename_refuses and await sftp.lexists(path):
            raise AlreadyThere(name)
        try:
            await sftp.rename(temporary, path)
        except _REFUSED:
            if await sftp.lexists(path):
                raise AlreadyThere(name) from None
            raise

    async def _try_rename(self, sftp: SFTPClient) -> bool:
        """Whether this server's rename refuses a name that is taken, tried on two files of no worth."""
        one, other = self._unfinished(), self._unfinished()
        for path in (one, other):
            async with sftp.open(path, "xb"):
                pass
        try:
            await sftp.rename(one, other)
        except _REFUSED:
            await _remove(sftp, one)
            return True
        finally:
            await _remove(sftp, other)
        return False

    async def _now(self, sftp: SFTPClient) -> int:
        path = self._unfinished()
        async with sftp.open(path, "xb") as file:
            now = _received(await file.stat())
        await _remove(sftp, path)
        return now

    async def _tidy(self, sftp: SFTPClient) -> None:
        before = await self._now(sftp) - _STALE_NS
        for entry in await _entries(sftp, self._path("tmp")):
            if _received(entry.attrs) < before:
                await _remove(sftp, self._path(f"tmp/{entry.filename!s}"))

    def _fill_reserve(self) -> None:
        self._line.ask("reserve", self._keep_reserve)

    async def _keep_reserve(self, sftp: SFTPClient) -> None:
        if not await sftp.lexists(self._path("reserve")):
            # Random, as some servers keep a row of zeros in no room at all.
            await self._write(sftp, self._path("reserve"), secrets.token_bytes(RESERVE))

    async def _use_reserve(self, sftp: SFTPClient) -> bool:
        """Let the reserve go. Whether there was one."""
        try:
            await sftp.remove(self._path("reserve"))
        except _GONE:
            return False
        return True

    async def _scan(self, sftp: SFTPClient, folders: Sequence[str]) -> Sequence[tuple[Sequence[str], Sequence[Listed]]]:
        """The folders and the objects in each of these folders."""
        return await asyncio.gather(*(self._look(sftp, folder) for folder in folders))

    async def _look(self, sftp: SFTPClient, folder: str) -> tuple[Sequence[str], Sequence[Listed]]:
        try:
            entries = await _entries(sftp, self._path(folder))
        except _GONE:
            if not await sftp.isdir(self.folder):
                raise Unreachable(f"{self.folder} isn't there: is its disk connected?") from None
            return [], []
        folders, found = [], []
        for entry in entries:
            name = f"{folder}/{entry.filename!s}"
            if entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                folders.append(name)
            elif layout.NAME.fullmatch(name):
                found.append(Listed(name, entry.attrs.size or 0, _received(entry.attrs)))
        return folders, found

    async def _there(self, action: Awaitable[T]) -> T:
        try:
            return await action
        except _GONE:
            raise Unreachable(f"{self.folder} isn't there, or holds no repository") from None

    def _unfinished(self) -> str:
        return self._path(f"tmp/{secrets.token_hex(16)}")

    def _path(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}"


async def _entries(sftp: SFTPClient, path: str) -> list[SFTPName]:
    return [entry async for entry in sftp.scandir(path) if entry.filename not in (".", "..")]


async def _remove(sftp: SFTPClient, path: str) -> None:
    with contextlib.suppress(*_GONE):
        await sftp.remove(path)


def _received(attrs: SFTPAttrs) -> int:
    return (attrs.mtime or 0) * 10**9 + (attrs.mtime_ns or 0)
