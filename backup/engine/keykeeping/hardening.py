"""Keep secrets in memory: out of core dumps, out of other processes' sight, and out of the swap where that is allowed.

Python can't wipe what it has read. What is secret ends with the process: so a process that holds keys should be small,
and end.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

_PR_SET_DUMPABLE = 4
_MCL_CURRENT, _MCL_FUTURE = 1, 2
_CAP_IPC_LOCK = 14


@dataclass(frozen=True)
class Hardened:
    """What the system let us do."""

    undumpable: bool
    """Neither core dumps nor debuggers of the same user see the memory."""
    locked: bool
    """No memory of this process goes to the swap."""


def harden(*, lock: bool = True) -> Hardened:
    """Shield this process, as far as the system allows. `lock` is for those that hold keys for long."""
    return Hardened(_undumpable(), lock and _locked())


def _undumpable() -> bool:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def _locked() -> bool:
    """Lock all memory, that of the future too: only without a limit, or what is asked for later would fail."""
    if not sys.platform.startswith("linux"):
        return False
    soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if hard == resource.RLIM_INFINITY and soft != hard:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
    if hard != resource.RLIM_INFINITY and not _may_lock():
        return False
    return bool(ctypes.CDLL(None).mlockall(_MCL_CURRENT | _MCL_FUTURE) == 0)


def _may_lock() -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    [effective] = (line.split()[1] for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> _CAP_IPC_LOCK & 1)
