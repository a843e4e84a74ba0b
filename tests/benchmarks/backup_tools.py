"""Backup programs driven as a person drives them: one process a step, its time, processor and memory taken."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import backup

BORG = "borgbackup~=1.4.0"


@dataclass(frozen=True)
class Cost:
    """Of one process and its children."""

    seconds: float
    processor: float
    """Seconds, user and system."""
    memory: float
    """The most it held, in MB."""


class Tool(Protocol):
    name: str
    repository: Path

    def init(self) -> None: ...

    def save(self, source: Path) -> Cost: ...

    def restore(self, source: Path, target: Path) -> Cost:
        """Restore the newest state of `source` below `target`, with its whole path."""


def run(command: list[str], *, cwd: Path | None = None, **environment: str) -> Cost:
    """Run one program to its end. Raises RuntimeError when it fails."""
    os.sync()
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=os.environ | environment, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Suite:
    name = "suite"

    def __init__(self, base: Path, url: str = "", **environment: str) -> None:
        compileall.compile_dir(str(Path(backup.__file__).parent), quiet=2)  # as whoever installs it has it
        self.repository = base / "repository"
        self._base = base
        self._command = [str(Path(sys.executable).with_name("suite-backup")), "--quiet"]
        self._environment = environment | {
            "SUITE_BACKUP_REPOSITORY": url or str(self.repository),
            "SUITE_BACKUP_KEYFILE": str(base / "writer.key"),
            "XDG_STATE_HOME": str(base / "state"),
            "XDG_CACHE_HOME": str(base / "cache"),
        }

    def init(self) -> None:
        master = str(self._base / "master.key")
        self._run("init", self._environment["SUITE_BACKUP_REPOSITORY"], "--master", master)
        for role in ("writer", "reader"):
            self._run("key", "derive", "--master", master, "--type", role, "-o", str(self._base / f"{role}.key"))

    def save(self, source: Path) -> Cost:
        return self._run("save", "--source", "tree", str(source))

    def restore(self, source: Path, target: Path) -> Cost:
        return self._run("--keyfile", str(self._base / "reader.key"), "restore", "latest", "--target", str(target))

    def _run(self, *arguments: str) -> Cost:
        return run([*self._command, *arguments], **self._environment)


class Restic:
    name = "restic"

    def __init__(self, base: Path, url: str = "", **environment: str) -> None:
        self.repository = base / "repository"
        self._environment = environment | {
            "RESTIC_PASSWORD": "benchmark",
            "RESTIC_REPOSITORY": url or str(self.repository),
            "RESTIC_CACHE_DIR": str(base / "cache"),
        }

    def init(self) -> None:
        self._run("init")

    def save(self, source: Path) -> Cost:
        return self._run("backup", str(source))

    def restore(self, source: Path, target: Path) -> Cost:
        return self._run("restore", "latest", "--target", str(target))

    def _run(self, *arguments: str) -> Cost:
        return run(["restic", "--quiet", *arguments], **self._environment)


class Borg:
    name = "borg"

    def __init__(self, base: Path, program: str) -> None:
        self.repository = base / "repository"
        self._program = program
        self._saves = 0
        self._environment = {
            "BORG_PASSPHRASE": "benchmark",
            "BORG_REPO": str(self.repository),
            "BORG_BASE_DIR": str(base / "borg"),
        }

    def init(self) -> None:
        self._run("init", "--encryption", "repokey-blake2")

    def save(self, source: Path) -> Cost:
        self._saves += 1
        return self._run("create", "--compression", "zstd,3", f"::{self._saves}", str(source))

    def restore(self, source: Path, target: Path) -> Cost:
        target.mkdir()
        return self._run("extract", f"::{self._saves}", cwd=target)

    def _run(self, *arguments: str, cwd: Path | None = None) -> Cost:
        return run([self._program, *arguments], cwd=cwd, **self._environment)


def borg(folder: Path) -> str:
    """borg 1.4 from PyPI in a place of its own; Debian's where it doesn't build; empty where neither is."""
    program = folder / "bin" / "borg"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        made = subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", BORG], check=False)
        if made.returncode:
            shutil.rmtree(folder)
            return shutil.which("borg") or ""
    return str(program)


def version(program: str, *arguments: str) -> str:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout.strip()
