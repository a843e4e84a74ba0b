"""The files of a folder on a server that speaks SFTP: written whole, and given a name that nobody has."""

from __future__ import annotations

import contextlib
import secrets
from typing import NoReturn

import asyncssh
from asyncssh import SFTPAttrs, SFTPClient, SFTPName

from backup.engine.errors import AlreadyThere, Full

GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
_REFUSED = (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists)
"""What OpenSSH says to a name that is taken, and says of much else."""
_NO_LINKS = (asyncssh.SFTPOpUnsupported, asyncssh.SFTPPermissionDenied, *_REFUSED)


class Files:
    """Names are below the folder, with slashes between them."""

    def __init__(self, folder: str) -> None:
        self.folder = folder.rstrip("/") or "/"
        self._rename_refuses: bool | None = None

    def path(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}"

    def unfinished(self) -> str:
        """The path of a file that has no name yet."""
        return self.path(f"tmp/{secrets.token_hex(16)}")

    async def make_folder(self, sftp: SFTPClient, name: str) -> None:
        """Make a folder; one that is there already will do."""
        path = self.path(name)
        try:
            await sftp.mkdir(path, SFTPAttrs(permissions=0o700))
        except _REFUSED:
            if not await sftp.isdir(path):
                raise

    async def write(self, sftp: SFTPClient, path: str, data: bytes) -> None:
        try:
            async with sftp.open(path, "xb", SFTPAttrs(permissions=0o600)) as file:
                await file.write(data, 0)
                with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                    await file.fsync()
        except asyncssh.SFTPFailure as error:
            await remove(sftp, path)
            await self._explain(sftp, len(data), error)

    async def _explain(self, sftp: SFTPClient, size: int, error: asyncssh.SFTPFailure) -> NoReturn:
        """OpenSSH has one word, failure, for a full disk, a quota and a broken disk."""
        why = "its quota may be reached, or its disk may fail"
        with contextlib.suppress(asyncssh.SFTPError):
            room = await sftp.statvfs(self.folder)
            if room.bavail * room.frsize < size + room.frsize or room.favail == 0 < room.files:
                why = "its disk is full"
        raise Full(f"the server can't write {size} bytes below {self.folder}: {why}") from error

    async def give_name(self, sftp: SFTPClient, temporary: str, name: str) -> None:
        """Raises AlreadyThere. A link is tried first: some servers' rename would overwrite, their link never does."""
        path = self.path(name)
        try:
            await sftp.link(temporary, path)
        except _NO_LINKS:
            if await sftp.lexists(path):
                raise AlreadyThere(name) from None
            await self._rename(sftp, temporary, name)

    async def _rename(self, sftp: SFTPClient, temporary: str, name: str) -> None:
        path = self.path(name)
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
        one, other = self.unfinished(), self.unfinished()
        for path in (one, other):
            async with sftp.open(path, "xb"):
                pass
        try:
            await sftp.rename(one, other)
        except _REFUSED:
            await remove(sftp, one)
            return True
        finally:
            await remove(sftp, other)
        return False


async def entries(sftp: SFTPClient, path: str) -> list[SFTPName]:
    return [entry async for entry in sftp.scandir(path) if entry.filename not in (".", "..")]


async def remove(sftp: SFTPClient, path: str) -> None:
    with contextlib.suppress(*GONE):
        await sftp.remove(path)
