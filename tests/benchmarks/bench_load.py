"""Fifty people at once on the embedded stack: home, a list of ten thousand, an entry page; beside a bare Django view.

Each person asks for the same page again: at once, over a connection that is kept, which says how much the machine can
do; or after having looked at it for a while, which says how long people wait. All runs on this machine, the client
too. ``make bench``, or ``LOAD_SECONDS=30 LOAD_USERS=50`` for other loads.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from core.embedded.folder import ROOT
from tests.benchmarks.load_client import load, page
from tests.e2e.suite import Suite

SECONDS = float(os.environ.get("LOAD_SECONDS", "15"))
USERS = int(os.environ.get("LOAD_USERS", "50"))
LOOK = 10.0
"""Seconds for which somebody looks at a page."""
WEB_PROCESSES = int(os.environ.get("WEB_PROCESSES", os.cpu_count() or 1))
WORLD = Path(__file__).with_name("load_world.py")


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    """A whole instance with its worker and scheduler, and the demo in it."""
    suite = Suite(tmp_path)
    suite.environ["WEB_PROCESSES"] = str(WEB_PROCESSES)
    started = suite.manage("up")
    assert started.returncode == 0, started.stderr
    yield suite
    suite.close()


@pytest.fixture
def bare() -> Iterator[int]:
    """The port of a server with a view that does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "tests.benchmarks.bare:application", f"--port={port}"]
    process = subprocess.Popen([*command, "--lifespan=off", "--no-access-log", "--log-level=warning"], cwd=ROOT)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            break
        except URLError:
            time.sleep(0.1)
    yield port
    process.terminate()
    process.wait(10)


def test_fifty_people(suite: Suite, bare: int) -> None:
    """Each page, as requests a second, as waiting times, and as a share of what a bare view gives in the same run."""
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", WORLD.read_text()]
    made = subprocess.run(command, cwd=ROOT, env=suite.environ, capture_output=True, text=True, check=True)
    world = json.loads(made.stdout.splitlines()[-1])
    cookies = world["cookies"][:USERS]
    bad: dict[str, dict[int, int]] = {}
    print(f"\n{os.cpu_count()} cores, {WEB_PROCESSES} web processes")
    for words, people, seconds, look in (
        (f"{USERS} at once, without a pause", cookies, SECONDS, 0),
        (f"{USERS} people who look at each page for {LOOK:.0f} s", cookies, 3 * LOOK, LOOK),
        ("one person, without a pause", cookies[:1], 5, 0),
    ):
        results = [load("bare Django view", bare, [page(bare, "/", cookie) for cookie in people], seconds, look)]
        results += [
            load(name, suite.port, [page(suite.port, path, cookie) for cookie in people], seconds, look)
            for name, path in world["pages"].items()
        ]
        print(f"\n{words}")
        for result in results:
            print(result if look else f"{result}   {result.rate / results[0].rate:.3f} of the bare view")
        bad |= {result.name: result.bad for result in results if result.bad}
    assert bad == {}
