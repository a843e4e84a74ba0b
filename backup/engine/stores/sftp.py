"""A repository on a server that speaks SFTP, in the same files as in a folder."""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
from collections.abc import Awaitable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import asyncssh
from asyncssh import SFTPAttrs, SFTPClient

from backup.engine.errors import BackupError, Full, Unreachable
from backup.engine.format import layout
from backup.engine.format.cipher import Bytes
from backup.engine.stores import placing
from backup.engine.stores.base import Listed
from backup.engine.stores.local import RESERVE
from backup.engine.stores.placing import Placing, twice
from backup.engine.stores.sftp_files import GONE, Files, entries, remove
from backup.engine.stores.ssh import Line
from backup.engine.stores.ssh_server import Server

T = TypeVar("T")

ABREAST = 16
"""Folders looked at, or made, at the same time."""
_STALE_NS = 24 * 3600 * 10**9


class SftpStore:
    """A folder of a server. Objects are written to ``tmp/``, synced where the server can, then linked to their name.

    A server's times have whole seconds, and who may write there may change them: for writers that aren't trusted,
    give each an account of its own, or a store that locks.
    """

    def __init__(self, server: Server, folder: str, *, within: float = math.inf) -> None:
        self._files = Files(folder)
        self.folder = self._files.folder
        self._line = Line(server, within)

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
            async with sftp.open(self._files.path(name), "rb") as file:
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

    def look(self, name: str) -> Listed:
        layout.check_name(name)
        attrs = self._line.ask(name, lambda sftp: sftp.lstat(self._files.path(name)))
        return Listed(name, attrs.size or 0, _received(attrs))

    def delete(self, name: str) -> None:
        layout.check_name(name)
        self._line.ask(name, lambda sftp: remove(sftp, self._files.path(name)))

    def now(self) -> int:
        return self._line.ask("tmp", lambda sftp: self._there(self._now(sftp)))

    def tidy(self) -> None:
        self._line.ask("tmp", lambda sftp: self._there(self._tidy(sftp)))
        with contextlib.suppress(Full):
            self._fill_reserve()

    def probe(self) -> None:
        self._line.ask(self.folder, self._probe)

    def erase(self) -> None:
        self._line.ask(self.folder, self._erase)

    def close(self) -> None:
        self._line.close()

    async def _prepare(self, sftp: SFTPClient) -> None:
        await sftp.makedirs(self.folder, SFTPAttrs(permissions=0o700), exist_ok=True)
        found = {str(entry.filename) for entry in await entries(sftp, self.folder)}
        # What another try began and left empty is no hindrance.
        looked = [await entries(sftp, self._files.path(name)) for name in found & set(layout.FOLDERS) - {"packs"}]
        if found - {"tmp", "reserve", *layout.FOLDERS} or any(looked):
            raise BackupError(f"{self.folder} isn't empty")
        names = ["tmp", *layout.FOLDERS, *(f"packs/{number:02x}" for number in range(256))]
        for start in range(0, len(names), ABREAST):
            await asyncio.gather(*(self._files.make_folder(sftp, name) for name in names[start : start + ABREAST]))

    async def _probe(self, sftp: SFTPClient) -> None:
        await sftp.makedirs(self.folder, SFTPAttrs(permissions=0o700), exist_ok=True)
        path = self._files.path(f"probe-{secrets.token_hex(16)}")
        async with sftp.open(path, "xb"):
            pass
        await remove(sftp, path)

    async def _erase(self, sftp: SFTPClient) -> None:
        with contextlib.suppress(*GONE):
            await sftp.rmtree(self.folder)

    async def _place(self, sftp: SFTPClient, name: str, data: bytes) -> None:
        temporary = self._files.unfinished()
        await self._files.write(sftp, temporary, data)
        try:
            try:
                await self._files.give_name(sftp, temporary, name)
            except GONE:
                await self._files.make_folder(sftp, name.rpartition("/")[0])
                await self._files.give_name(sftp, temporary, name)
        finally:
            await remove(sftp, temporary)

    async def _now(self, sftp: SFTPClient) -> int:
        path = self._files.unfinished()
        async with sftp.open(path, "xb") as file:
            now = _received(await file.stat())
        await remove(sftp, path)
        return now

    async def _tidy(self, sftp: SFTPClient) -> None:
        before = await self._now(sftp) - _STALE_NS
        for entry in await entries(sftp, self._files.path("tmp")):
            if _received(entry.attrs) < before:
                await remove(sftp, self._files.path(f"tmp/{entry.filename!s}"))

    def _fill_reserve(self) -> None:
        self._line.ask("reserve", self._keep_reserve)

    async def _keep_reserve(self, sftp: SFTPClient) -> None:
        if not await sftp.lexists(self._files.path("reserve")):
            # Random, as some servers keep a row of zeros in no room at all.
            await self._files.write(sftp, self._files.path("reserve"), secrets.token_bytes(RESERVE))

    async def _use_reserve(self, sftp: SFTPClient) -> bool:
        """Let the reserve go. Whether there was one."""
        try:
            await sftp.remove(self._files.path("reserve"))
        except GONE:
            return False
        return True

    async def _scan(self, sftp: SFTPClient, folders: Sequence[str]) -> Sequence[tuple[Sequence[str], Sequence[Listed]]]:
        """The folders and the objects in each of these folders."""
        return await asyncio.gather(*(self._look(sftp, folder) for folder in folders))

    async def _look(self, sftp: SFTPClient, folder: str) -> tuple[Sequence[str], Sequence[Listed]]:
        try:
            lying = await entries(sftp, self._files.path(folder))
        except GONE:
            if not await sftp.isdir(self.folder):
                raise Unreachable(f"{self.folder} isn't there: is its disk connected?") from None
            return [], []
        folders, found = [], []
        for entry in lying:
            name = f"{folder}/{entry.filename!s}"
            if entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                folders.append(name)
            elif layout.NAME.fullmatch(name):
                found.append(Listed(name, entry.attrs.size or 0, _received(entry.attrs)))
        return folders, found

    async def _there(self, action: Awaitable[T]) -> T:
        try:
            return await action
        except GONE:
            raise Unreachable(f"{self.folder} isn't there, or holds no repository") from None


def _received(attrs: SFTPAttrs) -> int:
    return (attrs.mtime or 0) * 10**9 + (attrs.mtime_ns or 0)
