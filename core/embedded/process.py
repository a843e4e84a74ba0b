"""Processes that outlive the command that started them: find them again, wait for their end, stop them."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path


def runs(pid: int, mark: Path) -> bool:
    """Whether the process is alive and was started with this path as an argument: numbers are reused, paths are not."""
    try:
        return os.fsencode(mark) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def read_pid(path: Path) -> int | None:
    """The number on the first line of a pid file, or None where there is none."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def working_in(place: Path) -> list[int]:
    """The processes whose current folder is this one, among those we may look at."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == place:
                    found.append(int(entry.name))
            except OSError:  # ended meanwhile, or somebody else's
                continue
    return found


def wait_for_end(pid: int, seconds: float) -> bool:
    """Wait until the process has ended; False when it has not in time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def stop(pid: int, polite: signal.Signals = signal.SIGTERM, seconds: float = 30) -> None:
    """Ask the process to end, wait, and kill it if it has not ended in time."""
    for number, patience in ((polite, seconds), (signal.SIGKILL, 10)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_for_end(pid, patience):
            return


def last_lines(path: Path, count: int = 5) -> str:
    """The end of a log, for the message of a failure."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
