"""The output of a command as a file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

from backup.engine.sources.base import SourceFailed
from backup.engine.sources.streams import Stream

_GRACE = 5.0
"""Seconds that a command has to end after it was told to."""
_TAIL = 2000
"""Bytes of its last words that are told."""


def command(
    path: str,
    arguments: Sequence[str],
    *,
    now: int,
    environment: Mapping[str, str] | None = None,
    may_be_empty: bool = True,
    about: Mapping[str, str] | None = None,
) -> Stream:
    """What a program writes, as a file of this path. It is run by its list of arguments, never through a shell.

    Reading it raises SourceFailed where the program can't be started, ends with another code than 0, or (unless it
    may be empty) gives nothing. `environment` is added to the present one.
    """
    return Stream(
        path,
        lambda: _Running(arguments, {**os.environ, **(environment or {})}, may_be_empty),
        modified=now,
        about=about or {},
    )


class _Running:
    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], may_be_empty: bool) -> None:
        self._name, self._may_be_empty = arguments[0], may_be_empty
        self._given = 0
        try:
            self._process = subprocess.Popen(
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=dict(environment),
                start_new_session=True,  # a group of its own, to be ended whole
            )
        except OSError as error:
            raise SourceFailed(f"{self._name} can't be started: {error.strerror}") from error
        self._words = b""
        self._listener = threading.Thread(target=self._listen, name="backup-command", daemon=True)
        self._listener.start()

    def readinto(self, buffer: memoryview, /) -> int:
        assert self._process.stdout is not None
        count = os.readv(self._process.stdout.fileno(), [buffer])
        self._given += count
        if not count:
            self._end()
        return count

    def close(self) -> None:
        """End the command, and whatever it started, unless it has ended by itself."""
        if self._process.returncode is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._listener.join(_GRACE)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _end(self) -> None:
        code = self._process.wait()
        self._listener.join(_GRACE)
        words = self._words.decode(errors="replace").strip()
        tail = f": {words}" if words else ""
        if code < 0:
            raise SourceFailed(f"{self._name} was ended by {_signal_name(-code)}{tail}")
        if code:
            raise SourceFailed(f"{self._name} ended with code {code}{tail}")
        if not self._given and not self._may_be_empty:
            raise SourceFailed(f"{self._name} gave nothing{tail}")

    def _listen(self) -> None:
        """Until nobody speaks any more, be it something that the command left behind. Nobody else closes the pipe:
        its number would be given to another file, and that would be read from here.
        """
        assert self._process.stderr is not None
        with contextlib.suppress(OSError), self._process.stderr as pipe:
            while block := os.read(pipe.fileno(), 65_536):
                self._words = (self._words + block)[-_TAIL:]

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # those for real time have none
        return f"signal {number}"
