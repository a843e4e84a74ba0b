"""A repository in a folder."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from backup.engine.errors import AlreadyThere, BackupError, Denied, Full, Missing, Unreachable
from backup.engine.format import layout
from backup.engine.format.cipher import Bytes
from backup.engine.naming import give_name
from backup.engine.stores.base import Listed

RESERVE = 4 << 20
"""Bytes kept free for the day the disk is full: room can then be made, which takes some."""
_STALE_NS = 24 * 3600 * 10**9
_IOV = 512
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class LocalStore:
    """A folder. Objects are written to ``tmp/``, synced, then given their name in one step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._temporary = folder / "tmp"
        self._reserve = folder / "reserve"

    def prepare(self) -> None:
        with _in_words(str(self.folder)):
            if self.folder.exists() and any(self.folder.iterdir()):
                raise BackupError(f"{self.folder} isn't empty")
            for name in ("tmp", *layout.FOLDERS, *(f"packs/{number:02x}" for number in range(256))):
                (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fill_reserve()
            for parent in (self.folder / "packs", self.folder, self.folder.parent):
                _sync(parent)

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        try:
            self._create(name, parts)
        except Full:
            if not urgent or not self._reserve.exists():
                raise
            self._reserve.unlink(missing_ok=True)
            self._create(name, parts)

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        with _in_words(name):
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                wanted = os.fstat(descriptor).st_size - offset if length is None else length
                data = os.pread(descriptor, max(wanted, 0), offset)
                while len(data) < wanted and (more := os.pread(descriptor, wanted - len(data), offset + len(data))):
                    data += more
                return data
            finally:
                os.close(descriptor)

    def list(self, prefix: str) -> Iterator[Listed]:
        layout.check_folder(prefix)
        waiting = [self.folder / prefix]
        while waiting:
            top = waiting.pop()
            try:
                with os.scandir(top) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(Path(entry.path))
                            continue
                        name = Path(entry.path).relative_to(self.folder).as_posix()
                        if layout.NAME.fullmatch(name):
                            with contextlib.suppress(FileNotFoundError):
                                status = entry.stat(follow_symlinks=False)
                                yield Listed(name, status.st_size, status.st_mtime_ns)
            except FileNotFoundError:
                if not self.folder.is_dir():
                    raise Unreachable(f"{self.folder} isn't there: is its disk connected?") from None

    def look(self, name: str) -> Listed:
        with _in_words(name):
            status = self._path(name).stat(follow_symlinks=False)
        return Listed(name, status.st_size, status.st_mtime_ns)

    def delete(self, name: str) -> None:
        with _in_words(name), contextlib.suppress(FileNotFoundError):
            self._path(name).unlink()

    def now(self) -> int:
        descriptor, path = self._unfinished()
        try:
            return os.fstat(descriptor).st_mtime_ns
        finally:
            os.close(descriptor)
            path.unlink(missing_ok=True)

    def tidy(self) -> None:
        before = self.now() - _STALE_NS
        for path in self._temporary.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime_ns < before:
                    path.unlink()
        with contextlib.suppress(Full):
            self._fill_reserve()

    def probe(self) -> None:
        if not self.folder.is_dir():
            raise Unreachable(f"{self.folder} isn't there: is its disk connected?")
        path = self.folder / f"probe-{secrets.token_hex(16)}"
        with _in_words(str(self.folder)):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            path.unlink()

    def erase(self) -> None:
        with _in_words(str(self.folder)), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder)

    def close(self) -> None:
        pass

    def _create(self, name: str, parts: Sequence[Bytes]) -> None:
        path = self._path(name)
        descriptor, temporary = self._unfinished()
        try:
            with _in_words(name):
                try:
                    _write(descriptor, parts)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                if not path.parent.is_dir():
                    path.parent.mkdir(mode=0o700, exist_ok=True)  # another writer may have made it since
                    _sync(path.parent.parent)
                try:
                    give_name(temporary, path)
                except FileExistsError:
                    raise AlreadyThere(name) from None
                _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def _unfinished(self) -> tuple[int, Path]:
        path = self._temporary / secrets.token_hex(16)
        with _in_words(str(self.folder)):
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), path

    def _fill_reserve(self) -> None:
        if self._reserve.exists():
            return
        descriptor, path = self._unfinished()
        try:
            with _in_words("reserve"):
                os.posix_fallocate(descriptor, 0, RESERVE)
                path.rename(self._reserve)
        finally:
            os.close(descriptor)
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        layout.check_name(name)
        return self.folder / name


@contextlib.contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Turn what the system answers into what a store may raise."""
    try:
        yield
    except FileNotFoundError:
        raise Missing(name) from None
    except PermissionError as error:
        raise Denied(f"{name}: {error.strerror}") from error
    except OSError as error:
        if error.errno in _FULL:
            raise Full(f"{name}: {error.strerror}") from error
        raise Unreachable(f"{name}: {error.strerror}") from error


def _write(descriptor: int, parts: Sequence[Bytes]) -> None:
    waiting = [memoryview(part).cast("B") for part in parts if len(part)]
    waiting.reverse()
    while waiting:
        written = os.writev(descriptor, waiting[: -_IOV - 1 : -1])
        while waiting and written >= len(waiting[-1]):
            written -= len(waiting.pop())
        if written:
            waiting[-1] = waiting[-1][written:]


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
