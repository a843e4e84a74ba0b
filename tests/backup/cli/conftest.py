"""`suite-backup` as people call it: a process of its own, with a repository, its keys and something to save."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

PROGRAM = str(Path(sys.executable).with_name("suite-backup"))
WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
ROLES = ("writer", "reader", "lister", "verifier", "pruner")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was said to a program, line by line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def summary(self) -> dict[str, Any]:
        assert self.rows[-1]["type"] == "summary", self.out + self.err
        return self.rows[-1]

    @property
    def array(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)
        return found


@dataclass
class Cli:
    """A machine with `suite-backup` on it. Commands are called with the writer's key unless it is said otherwise."""

    base: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.base / "home"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "XDG_STATE_HOME": str(self.base / "state"),
            "XDG_CACHE_HOME": str(self.base / "cache"),
            "SUITE_BACKUP_REPOSITORY": str(self.base / "repository"),
            "SUITE_BACKUP_KEYFILE": str(self.key("writer")),
            **self.more,
        }

    def key(self, role: str) -> Path:
        return self.base / f"{role}.key"

    def start(
        self, *words: str | Path, key: str = "writer", before: Sequence[str] = (), **options: Any
    ) -> subprocess.Popen[Any]:
        environment = {**self.environment, "SUITE_BACKUP_KEYFILE": str(self.key(key)), **options.pop("env", {})}
        return subprocess.Popen([*before, PROGRAM, *map(str, words)], env=environment, cwd=self.base, **options)

    def __call__(
        self,
        *words: str | Path,
        key: str = "writer",
        code: int = 0,
        given: bytes = b"",
        env: dict[str, str] | None = None,
    ) -> Done:
        """Run it to its end, which must be with this code; `given` comes in by standard input."""
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with self.start(*words, key=key, env=env or {}, **pipes) as process:
            out, err = process.communicate(given, timeout=60)
        done = Done(process.returncode, out.decode(errors="surrogateescape"), err.decode(errors="surrogateescape"))
        assert done.code == code, f"{words}: {done}"
        assert "Traceback" not in done.err
        return done

    def unprivileged(self, *words: str | Path) -> Done:
        """Run it as somebody who is held to the permissions of files, which root isn't."""
        pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        before = WITHOUT_PRIVILEGES if os.geteuid() == 0 else ()
        with self.start(*words, before=before, text=True, **pipes) as process:
            out, err = process.communicate(timeout=60)
        return Done(process.returncode, out, err)

    def save(self, *words: str | Path, source: str = "tree", code: int = 0) -> dict[str, Any]:
        """Save the tree: the summary."""
        return self("save", "--source", source, self.tree, "--json", *words, code=code).summary

    @property
    def tree(self) -> Path:
        return self.base / "tree"

    @property
    def saved(self) -> str:
        """Where the tree stands in a snapshot."""
        return str(self.tree).lstrip("/")

    def snapshots(self, *words: str) -> list[dict[str, Any]]:
        return self("snapshots", "--json", *words, key="reader").array


def fill(tree: Path) -> None:
    (tree / "letters").mkdir(parents=True)
    (tree / "letters" / "a.txt").write_text("a letter\n" * 100)
    (tree / "letters" / "b.txt").write_text("another letter\n" * 100)
    (tree / "numbers.bin").write_bytes(Random(1).randbytes(256 * 1024))
    (tree / "été.txt").write_text("le soleil\n")
    (tree / "link").symlink_to("numbers.bin")


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A new repository with a key of each type, made once."""
    made = Cli(tmp_path_factory.mktemp("first"))
    made("init", made.base / "repository", "--master", made.key("master"))
    for role in ROLES:
        made("key", "derive", "--master", made.key("master"), "--type", role, "-o", made.key(role))
    return made


@pytest.fixture
def cli(first: Cli, tmp_path: Path) -> Cli:
    """A copy of it for one test, and a small tree."""
    shutil.copytree(first.base, tmp_path / "cli", ignore=shutil.ignore_patterns("state", "cache"))
    one = Cli(tmp_path / "cli")
    fill(one.tree)
    return one
