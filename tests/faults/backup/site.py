"""A repository, its keys and its sources, used by the command line alone, as on a machine that nobody watches."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.backup.conftest import picture

PROGRAM = Path(sys.executable).with_name("suite-backup")
ROLES = ("writer", "reader", "lister", "verifier", "pruner")
PATIENCE = 300
"""Seconds after which a command is thought to hang."""


@dataclass
class Site:
    base: Path
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = self.url or str(self.base / "repository")
        self.source = self.base / "source"
        self.source.mkdir(parents=True, exist_ok=True)
        self.begin()

    def begin(self) -> None:
        """Make the repository and a key of each role."""
        master = str(self.key("master"))
        self.ok("init", self.url, "--master", master, role="")
        for role in ROLES:
            self.ok("key", "derive", "--master", master, "--type", role, "-o", str(self.key(role)), role="")

    def key(self, role: str) -> Path:
        return self.base / f"{role}.key"

    def command(self, *arguments: str, role: str = "writer", state: str = "state") -> tuple[list[str], dict[str, str]]:
        environment = os.environ | {
            "SUITE_BACKUP_REPOSITORY": self.url,
            "SUITE_BACKUP_KEYFILE": str(self.key(role)) if role else "",
            "XDG_STATE_HOME": str(self.base / state),
            "XDG_CACHE_HOME": str(self.base / f"{state}-cache"),
            "LC_ALL": "C.UTF-8",
        }
        return [str(PROGRAM), *arguments], environment | self.environment

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
