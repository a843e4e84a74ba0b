"""A repository on a server that speaks WebDAV, or behind `rclone serve webdav`, wherever rclone can write."""

from __future__ import annotations

import contextlib
import math
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock

from backup.engine.errors import AlreadyThere, BackupError, Denied, Full, Missing, Unreachable
from backup.engine.format import layout
from backup.engine.format.cipher import Bytes
from backup.engine.stores import placing
from backup.engine.stores.base import Listed
from backup.engine.stores.dav import Dav, Locked, NoFolder, OutOfRange, moment
from backup.engine.stores.local import RESERVE
from backup.engine.stores.placing import Placing, twice

ABREAST = 16
"""Folders looked at, or made, at the same time."""
LOCKED_TRIES, LOCKED_PAUSE = 5, 0.2
"""A server locks a name while it gives it to somebody: how often it is asked, and how many seconds pass between."""
_STALE_NS = 24 * 3600 * 10**9


class WebDavStore:
    """A folder of a server. Objects are put to ``tmp/``, then moved to a name that nobody has.

    Times are those of the server's disk, in whole seconds. Whether the server refuses to overwrite is tried out before
    the first object; one that doesn't is asked for the name just before.
    """

    def __init__(
        self, url: str, *, user: str = "", password: str = "", ca: Path | None = None, within: float = math.inf
    ) -> None:
        self._dav = Dav(url, user, password, ca=ca, within=within)
        self._finding_out = Lock()

    @cached_property
    def refuses(self) -> bool:
        """Whether the server heeds `Overwrite: F`, tried on two files of no worth."""
        one, other = self._put(b""), self._put(b"")
        try:
            self._move(one, other)
        except AlreadyThere:
            self._remove(one)
            return True
        finally:
            self._remove(other)
        return False

    def prepare(self) -> None:
        try:
            found = {entry.path for entry in self._dav.look("")}
        except Missing:
            found = set()
            self._dav.ask("MKCOL", "")
        # What another try began and left empty is no hindrance.
        looked = [self._dav.look(path) for path in found & set(layout.FOLDERS) - {"packs"}]
        if found - {"tmp", "reserve", *layout.FOLDERS} or any(looked):
            raise BackupError(f"{self._dav.url} isn't empty")
        for folder in ("tmp", *layout.FOLDERS):
            self._make_folder(folder)
        with ThreadPoolExecutor(ABREAST) as pool:
            for _made in pool.map(self._make_folder, (f"packs/{number:02x}" for number in range(256))):
                pass
        self._fill_reserve()

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        layout.check_name(name)
        with self._finding_out:  # once, also where many threads begin at the same time
            _known = self.refuses
        data = b"".join(parts)
        place = Placing(lambda: self._place(name, data), lambda: placing.holds(self, name, parts))
        try:
            twice(place)
        except Full:
            if not urgent or not self._remove("reserve"):
                raise
            twice(place)

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        layout.check_name(name)
        end = "" if length is None else str(offset + max(length, 1) - 1)
        part = {"Range": f"bytes={offset}-{end}"} if offset or end else {}
        try:
            answer = twice(lambda: self._dav.ask("GET", name, part))
        except OutOfRange:
            return b""
        start = 0 if answer.status_code == 206 else offset
        return answer.content[start:] if length is None else answer.content[start : start + length]

    def list(self, prefix: str) -> Iterator[Listed]:
        layout.check_folder(prefix)
        waiting = [prefix]
        with ThreadPoolExecutor(ABREAST) as pool:
            while waiting:
                looked, waiting = pool.map(self._look, waiting), []
                for folders, found in looked:
                    waiting += folders
                    yield from found

    def look(self, name: str) -> Listed:
        layout.check_name(name)
        return twice(lambda: self._dav.entry(name))

    def delete(self, name: str) -> None:
        layout.check_name(name)
        self._remove(name)

    def now(self) -> int:
        try:
            date = twice(lambda: self._dav.ask("PROPFIND", "tmp/", {"Depth": "0"})).headers.get("Date")
        except Missing:
            raise self._gone() from None
        if not date:
            raise Unreachable("the server doesn't say what time it is")
        return moment(date)

    def tidy(self) -> None:
        before = self.now() - _STALE_NS
        for entry in self._dav.look("tmp"):
            if entry.modified < before:
                self._remove(entry.path)
        with contextlib.suppress(Full):
            self._fill_reserve()

    def probe(self) -> None:
        path = f"probe-{secrets.token_hex(16)}"
        try:
            twice(lambda: self._dav.ask("PUT", path, {"Content-Type": "application/octet-stream"}, b""))
        except (NoFolder, Missing):
            raise Unreachable(f"{self._dav.url} isn't there") from None
        self._remove(path)

    def erase(self) -> None:
        self._remove("")

    def close(self) -> None:
        self._dav.session.close()

    def _place(self, name: str, data: bytes) -> None:
        temporary = self._put(data)
        try:
            try:
                self._give_name(temporary, name)
            except (NoFolder, Missing, Denied):  # servers differ in what they call a folder that isn't there
                self._make_folder(name.rpartition("/")[0])
                self._give_name(temporary, name)
        finally:
            self._remove(temporary)

    def _give_name(self, temporary: str, name: str) -> None:
        if not self.refuses and self._is_there(name):
            raise AlreadyThere(name)
        for left in reversed(range(LOCKED_TRIES)):
            try:
                return self._move(temporary, name)
            except Locked:
                if not left:
                    raise
                time.sleep(LOCKED_PAUSE)
        return None

    def _move(self, path: str, name: str) -> None:
        """Raises AlreadyThere, with the name that is taken."""
        try:
            self._dav.ask("MOVE", path, {"Destination": self._dav.address(name), "Overwrite": "F"})
        except AlreadyThere:
            raise AlreadyThere(name) from None

    def _put(self, data: bytes) -> str:
        """Keep data in an unfinished file, and give its path."""
        path = f"tmp/{secrets.token_hex(16)}"
        try:
            self._dav.ask("PUT", path, {"Content-Type": "application/octet-stream"}, data)
        except (NoFolder, Missing):
            raise self._gone() from None
        return path

    def _gone(self) -> Unreachable:
        return Unreachable(f"{self._dav.url} isn't there, or holds no repository")

    def _is_there(self, name: str) -> bool:
        try:
            self._dav.ask("HEAD", name)
        except Missing:
            return False
        return True

    def _make_folder(self, path: str) -> None:
        """Make a folder; one that is there already will do."""
        try:
            self._dav.ask("MKCOL", f"{path}/")
        except AlreadyThere:
            return

    def _remove(self, path: str) -> bool:
        """Whether it was there."""
        try:
            self._dav.ask("DELETE", path)
        except Missing:
            return False
        return True

    def _fill_reserve(self) -> None:
        if not self._is_there("reserve"):
            # Random, as some servers keep a row of zeros in no room at all.
            self._dav.ask("PUT", "reserve", data=secrets.token_bytes(RESERVE))

    def _look(self, folder: str) -> tuple[Sequence[str], Sequence[Listed]]:
        """The folders and the objects in a folder."""
        try:
            entries = twice(lambda: self._dav.look(folder))
        except Missing:
            if not self._is_there(""):
                raise Unreachable(f"{self._dav.url} isn't there: is its disk connected?") from None
            return [], []
        return [entry.path for entry in entries if entry.is_folder], [
            Listed(entry.path, entry.size, entry.modified)
            for entry in entries
            if not entry.is_folder and layout.NAME.fullmatch(entry.path)
        ]
