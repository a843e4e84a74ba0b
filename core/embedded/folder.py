"""The data folder: where an instance keeps its database, its keys, its logs and its locks. Only its owner opens it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.embedded.errors import CantStart

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SOCKET = 107
"""Bytes that Linux leaves for the path of a Unix socket."""
LONGEST_NAME = len("/.s.PGSQL.5432")


@dataclass(frozen=True)
class Folder:
    """The places in a data folder, by name."""

    path: Path

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def static(self) -> Path:
        """Where `collectstatic` puts what a proxy serves; WhiteNoise wants it to be there."""
        return self.path / "static"

    @property
    def sockets(self) -> Path:
        """Where the sockets are: in the folder, or under /tmp where its path is too long for a socket."""
        if len(os.fsencode(self.run)) + LONGEST_NAME <= LONGEST_SOCKET:
            return self.run
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(f"/tmp/suite-{os.getuid()}-{name}")  # noqa: S108  (private: see make_private)

    def make(self) -> None:
        """Make what is missing, for its owner alone. Raises CantStart where somebody else could read or write."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(self.path.iterdir()) and not self.is_ours():
            raise CantStart(f"{self.path} holds something else. Choose an empty or a new folder as DATA_DIR.")
        for place in (self.path, self.run):
            make_private(place)
        (self.run / "start.lock").touch()  # first of all: from now on the folder is ours
        for place in (self.secrets, self.valkey, self.logs, self.static, self.sockets):
            make_private(place)

    def is_ours(self) -> bool:
        """Whether an instance began here: nobody else leaves this lock, or all of these names."""
        rooms = (self.secrets, self.valkey, self.logs, self.run)
        return (self.run / "start.lock").exists() or all(room.is_dir() for room in rooms)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time starts, stops or removes what is in here; the others wait."""
        with (self.run / "start.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def locate(data_dir: str | Path | None) -> Folder:
    """The folder named by DATA_DIR, or `var/` next to manage.py."""
    return Folder(Path(data_dir or ROOT / "var").expanduser().resolve())


def make_private(place: Path) -> None:
    """Make a folder that only its owner opens. Raises CantStart where it is somebody else's or a link."""
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise CantStart(f"{place} isn't a folder of yours. Move it away, or choose another DATA_DIR.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        place.chmod(0o700)
