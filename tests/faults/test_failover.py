"""The database server dies, and its standby takes over at another address.

`DATABASE_URL` names both and asks for the one that can be written to; the standby confirms each commit. Nobody restarts
a process of the suite.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from core.embedded import postgres, process
from core.embedded.folder import make_private
from tests.faults.instance import PAUSE, STEPS, Instance

pytestmark = pytest.mark.slow

CONFIRMED = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


class Pair(Instance):
    """An instance with a web server whose PostgreSQL has a synchronous standby."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.standby = place / "standby"
        self.other = self.folder.sockets / "standby"
        make_private(self.other)
        both = ",".join(quote(str(where), safe="") for where in (self.folder.sockets, self.other))
        self.environ["DATABASE_URL"] = f"postgresql://suite@/suite?host={both}&target_session_attrs=read-write"

    def start(self) -> None:
        super().start()
        where = f"--host={self.folder.sockets}"
        who = f"--username={postgres.SUPERUSER}"
        postgres.run("pg_basebackup", where, who, f"--pgdata={self.standby}", "--write-recovery-conf", "--no-sync")
        self.control(
            "start", "--wait", "--silent", f"--log={self.folder.logs}/standby.log", f"--options=-k {self.other}"
        )
        primary = postgres.url(self.folder, postgres.SUPERUSER, "postgres")
        with psycopg.connect(primary, autocommit=True) as link:
            link.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            link.execute("SELECT pg_reload_conf()")
            self.wait_until(lambda: link.execute(CONFIRMED).fetchall() == [(1,)])
        self.port = free_port()
        server = ("uvicorn", "core.config.asgi:application", "--port", str(self.port), "--lifespan", "off")
        self.spawn(sys.executable, "-m", *server, "--log-level", "warning")
        self.wait_until(lambda: self.get("/readyz")[0] == 200)

    def control(self, *act: str) -> None:
        postgres.run("pg_ctl", act[0], f"--pgdata={self.standby}", *act[1:])

    def get(self, path: str) -> tuple[int, HTTPMessage, bytes]:
        """What the web server answers a program; 0 where it doesn't."""
        link = HTTPConnection("localhost", self.port, timeout=60)
        try:
            link.request("GET", path, headers={"Authorization": "Bearer suite_0123456789ab.x", "Accept": "*/*"})
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read()
        except OSError:
            return 0, HTTPMessage(), b""
        finally:
            link.close()

    def stop(self) -> None:
        super().stop()
        if (self.standby / "postmaster.pid").exists():
            self.control("stop", "--mode=immediate")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    pair = Pair(tmp_path_factory.mktemp("pair") / "var")
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()


def test_a_standby_takes_over(pair: Pair) -> None:
    """People and programs get 503 and when to try again until the standby is promoted; then all goes on by itself.

    Lost: nothing that was committed. What was under way is rolled back whole; jobs take it up again and do it once.
    """
    pair.submit(12, STEPS, PAUSE)
    pair.work_goes_on()
    done = pair.ask("SELECT job, step FROM effect")
    process.stop(postgres.pid(pair.folder) or 0, signal.SIGQUIT)  # no farewell: as if its machine had died

    status, _headers, ready = pair.get("/readyz")
    assert (status, json.loads(ready)["checks"]["database"]) == (503, "failed")
    status, headers, problem = pair.get("/api/v1/projects/")
    assert (status, headers["Retry-After"]) == (503, "30")
    assert json.loads(problem)["type"].endswith(":unavailable")
    status, headers, _page = pair.get("/accounts/login/")
    assert status in (200, 503), "a page that needs no database may be shown"

    pair.control("promote", "--wait")
    pair.wait_until(lambda: pair.get("/readyz")[0] == 200)
    assert pair.get("/api/v1/projects/")[0] == 401
    pair.all_done_once()
    assert set(done) <= set(pair.ask("SELECT job, step FROM effect"))
    pair.journal_is_whole()
