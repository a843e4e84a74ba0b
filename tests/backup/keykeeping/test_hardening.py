"""Processes that hold keys: no core dumps, no debuggers, no swap where the system lets us."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backup.engine.keykeeping import hardening

TELL = """
import ctypes, resource
from pathlib import Path
from backup.engine.keykeeping.hardening import harden
done = harden({})
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
print(done.undumpable, dumpable, *resource.getrlimit(resource.RLIMIT_CORE), done.locked, status["VmLck"].split()[0])
"""
CRASH = """
import os, resource
from backup.engine.keykeeping.hardening import harden
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
{}
os.abort()
"""
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("lock", [True, False])
def test_harden(lock: bool) -> None:
    """The process says of itself that it can't be dumped, and its locked memory is what it says."""
    told = subprocess.check_output([sys.executable, "-c", TELL.format(f"lock={lock}")], text=True).split()
    assert told[:4] == ["True", "0", "0", "0"]
    assert (told[4] == "True") == (int(told[5]) > 0)
    assert lock or told[4] == "False"


def test_no_core_is_dumped(tmp_path: Path) -> None:
    """A process that crashes leaves no image of its memory."""
    crashed = subprocess.run(
        [sys.executable, "-c", CRASH.format("harden()")], cwd=tmp_path, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert crashed.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


def test_no_lock_under_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where memory may be locked up to a limit only, none is: what is asked for later would fail."""
    monkeypatch.setattr(hardening.resource, "getrlimit", lambda which: (1 << 23, 1 << 23))
    monkeypatch.setattr(hardening, "_may_lock", lambda: False)
    monkeypatch.setattr(hardening.ctypes, "CDLL", None)
    assert not hardening._locked()
