"""A repository, its keys and its sources, used by the command line alone, as on a machine that nobody watches."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backup.engine.format import keyfile
from backup.engine.repository import Repository
from backup.engine.stores.local import LocalStore
from tests.backup.conftest import picture

PROGRAM = Path(sys.executable).with_name("suite-backup")
ROLES = ("writer", "reader", "lister", "verifier", "pruner")
HASTE = """
from backup.engine.stores import retrying, s3_bucket
s3_bucket.WAIT, retrying.FIRST, retrying.TRIES = 1.0, 0.1, 2
from backup.cli.main import run
run()
"""
IMPATIENT = (sys.executable, "-c", HASTE)
"""The program for whom a second without an answer is long: in the field it is a minute."""
PATIENCE = 300
"""Seconds after which a command is thought to hang."""
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""A process counts what held the one that began it: this one holds little."""


@dataclass
class Site:
    base: Path
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    program: Sequence[str] = (str(PROGRAM),)

    def __post_init__(self) -> None:
        self.url = self.url or str(self.folder)
        self.source = self.base / "source"
        self.source.mkdir(parents=True, exist_ok=True)
        self.begin()

    def begin(self) -> None:
        """Make the repository and a key of each role."""
        master = str(self.key("master"))
        self.ok("init", self.url, "--master", master, role="")
        for role in ROLES:
            self.derive(role, role)

    @property
    def folder(self) -> Path:
        """Where the repository lies, unless it is far away."""
        return self.base / "repository"

    def key(self, role: str) -> Path:
        return self.base / f"{role}.key"

    def derive(self, name: str, role: str = "writer") -> str:
        """One more key: the name to use it by."""
        master = str(self.key("master"))
        self.ok("key", "derive", "--master", master, "--type", role, "-o", str(self.key(name)), role="")
        return name

    def opened(self, role: str) -> Repository:
        """The repository with a key, for what no program of ours would do."""
        return Repository.open(LocalStore(self.folder), keyfile.load(self.key(role).read_text()))

    def objects(self, below: str) -> list[Path]:
        return sorted(path for path in (self.folder / below).rglob("*") if path.is_file())

    def command(self, *arguments: str, role: str = "writer", state: str = "state") -> tuple[list[str], dict[str, str]]:
        environment = os.environ | {
            "SUITE_BACKUP_REPOSITORY": self.url,
            "SUITE_BACKUP_KEYFILE": str(self.key(role)) if role else "",
            "XDG_STATE_HOME": str(self.base / state),
            "XDG_CACHE_HOME": str(self.base / f"{state}-cache"),
            "LC_ALL": "C.UTF-8",
        }
        return [*self.program, *arguments], environment | self.environment

    def run(self, *arguments: str, role: str = "writer", state: str = "state") -> subprocess.CompletedProcess[str]:
        command, environment = self.command(*arguments, role=role, state=state)
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False, errors="replace"
        )

    def ok(self, *arguments: str, role: str = "writer", state: str = "state") -> str:
        """Run a command that must succeed: what it wrote."""
        done = self.run(*arguments, role=role, state=state)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *arguments: str, role: str = "writer", state: str = "state") -> subprocess.Popen[bytes]:
        command, environment = self.command(*arguments, role=role, state=state)
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def killed(self, *arguments: str, after: float, role: str = "writer", state: str = "state") -> bool:
        """Run a command and kill it after so many seconds: whether it was still at work then."""
        process = self.start(*arguments, role=role, state=state)
        try:
            code = process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        assert code == 0, f"{arguments} ended with {code}"
        return False

    def took(self, *arguments: str, role: str = "writer") -> float:
        began = time.monotonic()
        self.ok(*arguments, role=role)
        return time.monotonic() - began

    def save(self, state: str = "state", role: str = "writer") -> dict[str, Any]:
        """Save the source: the summary."""
        return self.summary("save", "--source", "data", str(self.source), role=role, state=state)

    def summary(self, *arguments: str, role: str = "writer", state: str = "state") -> dict[str, Any]:
        """The last line of a command that speaks JSON."""
        lines = self.ok("--json", *arguments, role=role, state=state).splitlines()
        last: dict[str, Any] = json.loads(lines[-1])
        assert last["type"] == "summary"
        return last

    def snapshots(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.ok("snapshots", "--json", role="lister"))
        return found

    def restored(self, snapshot: str = "latest", *, role: str = "reader") -> dict[bytes, tuple[object, ...]]:
        """What a restore of a snapshot gives."""
        target = self.base / f"restored-{time.monotonic_ns()}"
        self.ok("restore", f"{snapshot}:{self.source}", "--target", str(target), role=role)
        found = picture(target)
        subprocess.run(["rm", "-rf", str(target)], check=True)
        return found

    def check(self) -> None:
        """Everything is read and found sound."""
        self.ok("check", "--read-data", role="reader")

    def report(self, role: str = "verifier") -> dict[str, Any]:
        """What a check of everything finds; where not even the repository opens, why."""
        done = self.run("--json", "check", "--read-data", role=role)
        assert done.returncode in (0, 1), done.stderr
        assert "Traceback" not in done.stderr
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert (done.returncode == 0) == said.get("sound", False)
        return said

    def measured(self, *arguments: str, role: str = "writer", state: str = "state") -> tuple[int, int]:
        """Run a command to its end: its code, and the bytes of memory that it held at most."""
        command, environment = self.command(*arguments, role=role, state=state)
        watched = [sys.executable, "-c", MEASURE, *command]
        done = subprocess.run(watched, env=environment, capture_output=True, text=True, timeout=3600, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode, int(done.stdout) << 10


def fill(folder: Path, chance: random.Random, files: int = 40, large: int = 3) -> None:
    """Small files in folders, and large ones of several megabytes that don't compress."""
    for number in range(files):
        path = folder / f"{number % 7}" / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(chance.randbytes(chance.randrange(1, 40_000)))
    for number in range(large):
        (folder / f"large-{number}").write_bytes(chance.randbytes(6 << 20))


def change(folder: Path, chance: random.Random) -> None:
    """A large file rewritten, a few small ones changed, new or gone."""
    small = sorted(folder.glob("*/*.txt"))
    (folder / f"large-{chance.randrange(3)}").write_bytes(chance.randbytes(6 << 20))
    for path in chance.sample(small, min(4, len(small))):
        path.write_bytes(chance.randbytes(chance.randrange(1, 40_000)))
    for path in chance.sample(small, min(2, len(small))):
        path.unlink(missing_ok=True)
    (folder / "0" / f"new-{chance.randrange(10**9)}.txt").write_bytes(chance.randbytes(20_000))
