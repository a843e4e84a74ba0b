"""What is run before and after a command: programs, or folders of them in alphabetical order."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backup.cli.failures import Failed
from backup.cli.output import Output
from backup.cli.words import _


@dataclass
class Hooks:
    """Those of one command. All of a row are run, also where one fails."""

    before: list[str]
    after: list[str]
    output: Output
    variables: dict[str, str] = field(default_factory=dict)
    """What they are told, as SUITE_BACKUP_…"""
    ran: list[dict[str, Any]] = field(default_factory=list)
    _is_open: bool = False

    def begin(self) -> None:
        """Raises Failed where one of those that come before fails: then the command isn't done."""
        self._is_open = True
        if failed := [line for line, code in self._run("pre", self.before) if code]:
            raise Failed(_("{command} failed: nothing was done").format(command=", ".join(failed)))

    def end(self, status: str, **variables: object) -> None:
        """Run those that come after, once, however the command ended; one that fails is told of."""
        if not self._is_open:
            return
        self._is_open = False
        self.variables |= {name: str(value) for name, value in {"status": status, **variables}.items()}
        for line, code in self._run("post", self.after):
            if code:
                self.output.warn(_("{command} failed (exit {code})").format(command=line, code=code))

    def _run(self, when: str, lines: Iterable[str]) -> list[tuple[str, int]]:
        import shlex  # a save without hooks starts sooner

        done = []
        environment = {**os.environ, **{f"SUITE_BACKUP_{name.upper()}": text for name, text in self.variables.items()}}
        for words in programs(lines):
            code = _run(words, environment)
            done.append((shlex.join(words), code))
            self.ran.append({"when": when, "command": shlex.join(words), "exit": code})
        return done


def programs(lines: Iterable[str]) -> Iterator[list[str]]:
    """What is to be run, each as a list of words: no shell reads them."""
    import shlex

    for line in lines:
        folder = Path(line)
        if folder.is_dir():
            found = sorted(one for one in folder.iterdir() if one.is_file() and os.access(one, os.X_OK))
            yield from ([str(one)] for one in found)
            continue
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise Failed(_("{command} can't be understood: {why}").format(command=line, why=error)) from error
        if words:
            yield words


def _run(words: list[str], environment: Mapping[str, str]) -> int:
    """Its exit code; 127 where there is no such program. What it says goes where errors go."""
    import subprocess

    try:
        done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    except OSError:
        return 127
    return done.returncode
