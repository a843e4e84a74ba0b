"""Fifty people who save a page of 200 items with 100 rules, each of his own subject, on the embedded stack.

At once and without a pause, which says how much the machine can do; or one save in ten seconds each, which says how
long people wait. Beside a bare Django view in the same run. The client runs on the same machine. ``make bench``.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.embedded.folder import ROOT
from tests.benchmarks.bench_load import LOOK, SECONDS, WEB_PROCESSES, bare, suite
from tests.benchmarks.load_client import Ask, load, page
from tests.e2e.suite import Suite

__all__ = ["bare", "suite"]
WORLD = Path(__file__).with_name("save_world.py")


def saves(port: int, writer: dict[str, Any]) -> Ask:
    """Each time two other values, on the revision that the save before it made."""

    revisions = itertools.count()

    def ask() -> bytes:
        number = next(revisions)
        values = {"n0": str(4 + number % 50), "n1": str(5 + number % 7)}
        if not number:
            values |= {f"n{item}": str(item) for item in range(2, 100)}
        body = json.dumps({"base": number, "values": values, "notes": {}, "complete": {}}).encode()
        head = (
            f"POST {writer['path']} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {writer['cookie']}\r\n"
            f"X-CSRFToken: {writer['token']}\r\nOrigin: http://localhost:{port}\r\nSec-Fetch-Site: same-origin\r\n"
            f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return ask


def test_fifty_writers(suite: Suite, bare: int) -> None:
    """Every save arrives; how many a second, and how long each waits."""
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", WORLD.read_text()]
    made = subprocess.run(command, cwd=ROOT, env=suite.environ, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    writers = json.loads(made.stdout.splitlines()[-1])
    print(f"\n{os.cpu_count()} cores, {WEB_PROCESSES} web processes, {len(writers)} writers")
    nothing = load("bare Django view", bare, [page(bare, "/", "") for _ in writers], SECONDS)
    print(nothing)
    asks = [saves(suite.port, writer) for writer in writers]
    for name, some, seconds, look in (
        ("saves, no pause", asks, SECONDS, 0.0),
        ("saves, paced", asks, 3 * LOOK, LOOK),
    ):
        result = load(name, suite.port, some, seconds, look)
        print(f"{result}   {result.rate / nothing.rate:.3f} of the bare view")
        assert result.bad == {}
