"""Fifty people at once on the embedded stack: home, a list of ten thousand, an entry page; beside a bare Django view.

Each person asks for the same page again: at once, over a connection that is kept, which says how much the machine can
do; or after having looked at it for a while, which says how long people wait. All runs on this machine, the client
too. ``make bench``, or ``LOAD_SECONDS=30 LOAD_USERS=50`` for other loads.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from core.embedded.folder import ROOT
from tests.e2e.suite import Suite

SECONDS = float(os.environ.get("LOAD_SECONDS", "15"))
USERS = int(os.environ.get("LOAD_USERS", "50"))
LOOK = 10.0
"""Seconds for which somebody looks at a page."""
WEB_PROCESSES = int(os.environ.get("WEB_PROCESSES", os.cpu_count() or 1))
WORLD = Path(__file__).with_name("load_world.py")


@dataclass(frozen=True)
class Result:
    name: str
    latencies: list[float]
    seconds: float
    bad: dict[int, int]
    """Answers that weren't 200, by their status."""

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.latencies, n=100)
        return (
            f"{self.name:16} {self.rate:7.1f} requests/s   p50 {cuts[49] * 1000:6.0f} ms   "
            f"p95 {cuts[94] * 1000:6.0f} ms   {self.bad or ''}"
        )

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer whole, and give its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if "transfer-encoding: chunked" in head:
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
    return int(head.split()[1])


async def person(
    port: int, path: str, cookie: str, until: float, look: float, latencies: list[float], bad: Counter[int]
) -> None:
    """Ask for a page again and again; who looks at it for a while connects anew, as the server has hung up by then."""
    await asyncio.sleep(random.uniform(0, look))
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n".encode()
    writer = None
    while (begun := time.perf_counter()) < until:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        writer.write(request)
        if (status := await answer(reader)) != 200:
            bad[status] += 1
        latencies.append(time.perf_counter() - begun)
        if look:
            writer.close()
            writer = None
            await asyncio.sleep(look)
    if writer:
        writer.close()


def load(name: str, port: int, path: str, cookies: list[str], seconds: float = SECONDS, look: float = 0) -> Result:
    """Everybody, for some seconds after a moment to warm up."""

    async def everybody(seconds: float, look: float) -> Result:
        latencies: list[float] = []
        bad: Counter[int] = Counter()
        begun = time.perf_counter()
        until = begun + seconds
        await asyncio.gather(*(person(port, path, cookie, until, look, latencies, bad) for cookie in cookies))
        return Result(name, latencies, time.perf_counter() - begun, dict(bad))

    asyncio.run(everybody(2, 0))
    return asyncio.run(everybody(seconds, look))


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
    cookies = [f"{world['cookie']}={value}" for value in world["cookies"][:USERS]]
    bad: dict[str, dict[int, int]] = {}
    print(f"\n{os.cpu_count()} cores, {WEB_PROCESSES} web processes")
    for words, people, seconds, look in (
        (f"{USERS} at once, without a pause", cookies, SECONDS, 0),
        (f"{USERS} people who look at each page for {LOOK:.0f} s", cookies, 3 * LOOK, LOOK),
        ("one person, without a pause", cookies[:1], 5, 0),
    ):
        results = [load("bare Django view", bare, "/", people, seconds, look)]
        results += [load(name, suite.port, path, people, seconds, look) for name, path in world["pages"].items()]
        print(f"\n{words}")
        for result in results:
            print(result if look else f"{result}   {result.rate / results[0].rate:.3f} of the bare view")
        bad |= {result.name: result.bad for result in results if result.bad}
    assert bad == {}
