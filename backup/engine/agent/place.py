"""Where an agent keeps what is its own: for its owner alone what is secret, elsewhere what may be lost."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backup.engine.errors import AlreadyThere, BackupError, Busy
from backup.engine.format import keyfile
from backup.engine.format.keys import Key
from backup.engine.keykeeping.private_files import read_private, write_private


class NotEnrolled(BackupError):
    """This machine is no agent of a portal."""


class Keyless(BackupError):
    """The agent has no key yet."""


@dataclass(frozen=True)
class Identity:
    """What an agent knows of itself and of its portal. No secret is among it."""

    portal: str
    id: str
    name: str
    duty: str
    project: str
    repository: str
    """As the portal names its address."""
    number: str
    """Of the repository, by its format."""
    elsewhere: str = ""
    """Where this machine reaches the repository, if not through the portal."""
    ca: str = ""
    """A file of the authorities that are believed."""

    @property
    def url(self) -> str:
        return self.elsewhere or self.repository

    @property
    def id_bytes(self) -> bytes:
        return bytes.fromhex(self.id.replace("-", ""))


class Place:
    """`own` is for who runs the agent alone; what lies in `memory` may be lost."""

    def __init__(self, own: Path, memory: Path) -> None:
        self.own, self.memory = own, memory

    @property
    def token_file(self) -> Path:
        return self.own / "token"

    @property
    def key_file(self) -> Path:
        return self.own / "keyfile"

    @property
    def is_enrolled(self) -> bool:
        return (self.own / "agent.json").exists()

    def identity(self) -> Identity:
        """Raises NotEnrolled."""
        try:
            return Identity(**json.loads(read_private(self.own / "agent.json")))
        except (BackupError, ValueError, TypeError) as error:
            if not self.is_enrolled:
                raise NotEnrolled(
                    "this machine is no agent: `suite-backup agent enrol URL CODE` makes it one"
                ) from None
            raise NotEnrolled(f"{self.own}: what is kept of the agent can't be read: {error}") from error

    def settle(self, identity: Identity, token: str, private: bytes) -> None:
        """Keep what enrolling gave. Raises AlreadyThere where there is an agent."""
        if self.is_enrolled:
            raise AlreadyThere(str(self.own / "agent.json"))
        self.own.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, text in ((self.token_file, token), (self.own / "seal.key", private.hex())):
            path.unlink(missing_ok=True)  # of an agent that never came so far
            write_private(path, text + "\n")
        self._replace(self.own / "agent.json", json.dumps(asdict(identity), indent=1))

    def token(self) -> str:
        return read_private(self.token_file).strip()

    def private(self) -> bytes:
        """Of the pair to which a keyfile is sealed."""
        return bytes.fromhex(read_private(self.own / "seal.key").strip())

    def key(self) -> Key:
        """Raises Keyless."""
        if not self.key_file.exists():
            raise Keyless("the agent has no key yet: a person with the master key gives it one on the portal's page")
        return keyfile.load(read_private(self.key_file))

    def keep_key(self, text: str) -> None:
        self.own.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._replace(self.key_file, text)

    def forget(self) -> None:
        """Drop everything that is secret."""
        for name in ("agent.json", "token", "seal.key", "keyfile"):
            (self.own / name).unlink(missing_ok=True)

    def read(self, name: str) -> Any:
        """What is remembered under a name; None where nothing is, or can't be read."""
        try:
            return json.loads((self.memory / f"{name}.json").read_text())
        except (OSError, ValueError):
            return None

    def write(self, name: str, value: Any) -> None:
        """Remember something. The disk may be full: then it isn't remembered."""
        try:
            self.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._replace(self.memory / f"{name}.json", json.dumps(value))
        except OSError:
            return

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the agent: two programs don't work as one and the same. Raises Busy."""
        self.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.memory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Busy("this agent is at work already") from None
        try:
            yield
        finally:
            os.close(descriptor)

    @staticmethod
    def _replace(path: Path, text: str) -> None:
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        write_private(fresh, text)
        fresh.replace(path)
