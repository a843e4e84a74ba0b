from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.embedded import supervisor
from core.embedded.children import Child
from core.embedded.folder import ROOT
from core.embedded.process import wait_for_end
from core.embedded.supervisor import Post, Supervisor

SPEAK = "import os, signal; print('born', os.getpid()); signal.pause()"
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit()))
print('born')
while True: time.sleep(0.05)
"""
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('born', os.getpid())
while True: signal.pause()
"""
FLEETING = "print('born')"


class Watched:
    """A supervisor in a process of its own, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []

    def hear(self, pattern: str) -> str:
        """Wait for a line that matches, and give its first group."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if found := re.search(pattern, line):
                return found.group(found.re.groups and 1)
        pytest.fail(f"{pattern} was never said; this was: {self.said}")

    def hear_all(self, *patterns: str) -> None:
        """Wait for lines that come in any order."""
        left = set(patterns)
        while left:
            line = self.hear("|".join(left))
            left -= {pattern for pattern in left if re.search(pattern, line)}

    def end(self) -> list[str]:
        """Ask it to end, and give everything it has said since."""
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=90)
        return output.splitlines()


@contextmanager
def supervise(**children: str) -> Iterator[Watched]:
    command = [sys.executable, "-m", "tests.core.embedded.supervised"]
    command += [f"{name}={code}" for name, code in children.items()]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with process:
        try:
            yield Watched(process)
        finally:
            process.kill()


def test_a_killed_child_starts_again() -> None:
    """A child that is killed is started again, and the other is left alone."""
    with supervise(web=SPEAK, worker=POLITE) as watched:
        first = int(watched.hear(r"suite\.web born (\d+)"))
        os.kill(first, signal.SIGKILL)
        watched.hear("suite web ended with status -9")
        second = int(watched.hear(r"suite\.web born (\d+)"))
        assert second != first
        watched.end()
        assert not [line for line in watched.said if "worker ended" in line]


def test_a_child_that_always_fails_is_not_hurried() -> None:
    """Each start of a child that ends at once waits twice as long as the one before."""
    pauses = []
    post = Post(Child("web", [], {}))
    keeper = Supervisor([])
    for _ in range(10):
        post.since = supervisor.time.monotonic()
        pauses.append(post.pause)
        keeper.put_off(post)
    assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
    assert pauses[-1] == supervisor.LONGEST_PAUSE
    post.since -= supervisor.STEADY + 1
    keeper.put_off(post)
    assert post.pause == 2 * supervisor.SHORTEST_PAUSE


def test_a_child_that_ends_by_itself_starts_again() -> None:
    """A child that ends well is started again too: it was meant to stay."""
    with supervise(web=FLEETING) as watched:
        watched.hear("suite web ended with status 0")
        watched.hear("suite web starts again")


def test_children_stop_in_reverse_order() -> None:
    """What was started last is stopped first, each once the one after it has ended."""
    with supervise(web=POLITE, worker=POLITE, scheduler=POLITE) as watched:
        watched.hear_all("suite.web born", "suite.worker born", "suite.scheduler born")
        said = [line for line in watched.end() if "bye" in line]
        assert said == ["suite.scheduler bye", "suite.worker bye", "suite.web bye"]
        assert watched.process.returncode == 0


def test_who_does_not_end_in_time_is_killed() -> None:
    """A child that ignores the request to end is killed when its patience is over."""
    with supervise(web=STUBBORN) as watched:
        number = int(watched.hear(r"suite\.web born (\d+)"))
        watched.end()
        assert wait_for_end(number, 0)


def test_children_end_with_a_killed_supervisor() -> None:
    """When the supervisor itself is killed its children end: no worker runs with nobody to watch it."""
    with supervise(web=SPEAK) as watched:
        number = int(watched.hear(r"suite\.web born (\d+)"))
        watched.process.kill()
        assert wait_for_end(number, 10)


def test_readiness_is_asked_for_until_it_is_there() -> None:
    """Once the suite is ready it isn't asked again."""
    with supervise(web=SPEAK) as watched:
        watched.hear_all("asked", "suite.web born")
        assert "asked" not in watched.end()
