"""The whole suite by its commands, in a data folder of its own: start, sign in, survive a crash, stop."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shlex
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from core.embedded import postgres, web
from core.embedded.folder import ROOT
from core.embedded.process import wait_for_end
from tests.e2e.suite import Suite

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SLOW = [["make", name] for name in ("test", "check", "bench", "faults", "look", "fuzz", "fuzz-api", "batch")]
"""Run by CI, or by hand."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    suite = Suite(tmp_path_factory.mktemp("suite"))
    yield suite
    suite.close()


def link_in(output: str) -> str:
    [link] = re.findall(r"https?://\S+/accounts/link/\S+", output)
    return str(link)


def follow(link: str) -> tuple[int, str]:
    """Open the link in a new browser and press its button: the status and the address at the end."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    try:
        with opener.open(link, timeout=30) as page:
            [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[:1]
        body = urlencode({"csrfmiddlewaretoken": token}).encode()
        with opener.open(link, body, timeout=30) as answer:
            return answer.status, answer.url
    except HTTPError as error:
        with error:
            return error.code, error.url


def until_ready(url: str, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if web.ready(url):
            return True
        time.sleep(0.1)
    return False


def test_the_suite_from_an_empty_folder(suite: Suite) -> None:
    """`up` starts from nothing, signs in once, starts again what was killed, is harmless twice; `down` stops all."""
    first = suite.manage("up")
    assert first.returncode == 0, first.stderr
    assert web.ready(suite.url)
    assert suite.url in first.stdout

    link = link_in(first.stdout)
    assert follow(link) == (200, f"{suite.url}/")
    assert follow(link)[0] == 410

    again = suite.manage("up")
    assert again.returncode == 0, again.stderr
    assert "already running" in again.stdout
    assert link_in(again.stdout) != link
    assert suite.manage("status").returncode == 0

    killed = suite.child("web")
    os.kill(killed, signal.SIGKILL)
    assert wait_for_end(killed, 10)
    assert web.ready(suite.url)  # its twin goes on answering
    assert suite.child("web") != killed

    number = postgres.pid(suite.folder)
    assert number
    os.kill(number, signal.SIGKILL)
    assert wait_for_end(number, 10)
    assert until_ready(suite.url)
    assert postgres.pid(suite.folder) not in (None, number)

    children = [suite.child(name) for name in ("web", "worker", "scheduler")]
    down = suite.manage("down")
    assert down.returncode == 0, down.stderr
    assert all(wait_for_end(child, 0) for child in children)
    assert postgres.pid(suite.folder) is None
    assert suite.manage("status").returncode == 3


def test_the_commands_of_the_readme(suite: Suite) -> None:
    """What the README tells people to type works as it stands there, one after the other."""
    environ = {name: value for name, value in suite.environ.items() if not name.startswith("MAKE")}
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    last = ["make status", "make down", "make reset"]
    typed = [line for line in lines if line and line not in last and line.split()[:2] not in SLOW]
    assert {"make up", "make demo"} | {line for line in lines if "manage.py" in line} <= {*typed, "make demo"}
    for line in [*typed, "make demo", *last]:
        words = shlex.split(f"{line} YES=1" if line == "make reset" else line)
        done = subprocess.run(words, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert not suite.folder.path.exists()


def test_a_taken_port_is_said_at_once(suite: Suite) -> None:
    """Where another program has the port, `up` says so and what to do, before anything is started."""
    with socket.create_server(("127.0.0.1", suite.port)):
        refused = suite.manage("up")
    assert refused.returncode == 1
    assert f"Port {suite.port} can't be used" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_reset_asks_first(suite: Suite) -> None:
    """Without a terminal and without `--yes` nothing is removed; with it the whole folder goes."""
    suite.folder.make()
    refused = suite.manage("reset")
    assert refused.returncode == 1
    assert "Nothing was removed" in refused.stderr
    assert suite.folder.secrets.exists()
    assert suite.manage("reset", "--yes").returncode == 0
    assert not suite.folder.path.exists()
