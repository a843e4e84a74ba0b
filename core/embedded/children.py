"""What the supervisor keeps alive: our own processes, and the embedded servers, which outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol

from core.embedded import postgres, valkey
from core.embedded.folder import Folder


class Kept(Protocol):
    """Something that runs and is started again when it ends."""

    @property
    def name(self) -> str: ...

    def start(self) -> int:
        """Start it and give its process number. Raises OSError or CantStart."""


@dataclass
class Child:
    """A process of ours, in a group of its own so that Ctrl-C reaches the supervisor alone, which stops it in order."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    patience: float = 10
    """Seconds it may take to end by itself."""
    sockets: Sequence[int] = ()
    """Descriptors that it gets from us."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> int:
        # Should the supervisor be killed, the kernel ends its children: no worker is left without anybody to watch it.
        command = ["setpriv", "--pdeathsig", "TERM", *self.command]
        self.process = subprocess.Popen(
            command,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            pass_fds=self.sockets,
        )
        return self.process.pid

    @property
    def output(self) -> IO[bytes]:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout

    def ask_to_end(self) -> None:
        self.send(signal.SIGTERM)

    def kill(self) -> None:
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Signal the child itself; the kill reaches what it has started too."""
        if self.process is None:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            return


@dataclass
class Server:
    """An embedded server, found running or started. Others may use it, so it isn't stopped with the children."""

    name: str
    folder: Folder
    begin: Callable[[Folder], bool]
    pid: Callable[[Folder], int | None]

    def start(self) -> int:
        with self.folder.locked():
            self.begin(self.folder)
            number = self.pid(self.folder)
        if number is None:
            raise ProcessLookupError(f"{self.name} ended at once")
        return number


def servers(folder: Folder, environ: Mapping[str, str]) -> list[Server]:
    """The embedded servers that this environment stands on."""
    kept = []
    if environ.get("DATABASE_URL") == postgres.url(folder):
        kept.append(Server("postgres", folder, postgres.start, postgres.pid))
    if environ.get("REDIS_URL") == valkey.url(folder):
        kept.append(Server("valkey", folder, valkey.start, valkey.pid))
    return kept
