"""How fast the journal is written, sealed and verified, next to a plain table in the same run.

On a PostgreSQL of its own that waits for the disk, as in life. BENCH_EVENTS: transactions of each of six writers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core import embedded
from core.config.env import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 6
EACH = int(os.environ.get("BENCH_EVENTS", "300"))
VERIFIED = 100_000
PLAIN = """
CREATE TABLE plain_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT clock_timestamp(),
    action text, outcome text, object_type text, object_id text, reason text, details jsonb,
    channel text, request_id text)
"""
MANY = """
INSERT INTO audit_event
    (actor_id, action, outcome, project_id, object_type, object_id, reason, details, channel, request_id)
SELECT gen_random_uuid(), 'ecrf.entry_saved', 'done', gen_random_uuid(), 'ecrf.entry', gen_random_uuid(), '',
    jsonb_build_object('fields', n %% 40, 'version', n), 'page', md5(n::text) FROM generate_series(1, %s) AS n
"""


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    names = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")}
    environ = {name: value for name, value in os.environ.items() if name not in names}
    environ["DJANGO_SETTINGS_MODULE"] = "core.config.settings"
    folder = embedded.prepare(environ, tmp_path_factory.mktemp("audit") / "var")
    try:
        manage(environ, "migrate", "--verbosity=0")
        with psycopg.connect(environ["DATABASE_URL"], autocommit=True) as link:
            link.execute(PLAIN)
        yield environ
    finally:
        embedded.release(folder)


def manage(environ: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout


def number(environ: dict[str, str], query: str) -> int:
    with psycopg.connect(environ["DATABASE_URL"]) as link:
        row = link.execute(query).fetchone()  # type: ignore[call-overload]
        return int(row[0])


def writers(environ: dict[str, str], kind: str) -> tuple[int, float]:
    """Six at once: how many events they committed, and in how many seconds."""
    command = [sys.executable, "-m", "tests.benchmarks.audit_writer", kind, str(EACH)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, cwd=ROOT, env=environ, **pipes) for _ in range(WRITERS)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    start = time.perf_counter()
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    committed = sum(int(process.communicate()[0]) for process in running)
    return committed, time.perf_counter() - start


def test_writing_and_sealing(environ: dict[str, str]) -> None:
    """Six writers with rollbacks, and the sealer at work: no event is lost, and none waits for another."""
    plain, plain_seconds = writers(environ, "plain")
    before = number(environ, "SELECT count(*) FROM audit_event")
    scheduler = subprocess.Popen(
        [sys.executable, "manage.py", "scheduler"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    assert scheduler.stdout is not None
    scheduler.stdout.readline()
    committed, seconds = writers(environ, "journal")
    start = time.perf_counter()
    while number(environ, "SELECT count(*) FROM audit_link") < before + committed:
        assert time.perf_counter() - start < 120
        time.sleep(0.05)
    behind = time.perf_counter() - start
    scheduler.terminate()
    scheduler.communicate()
    report = json.loads(manage(environ, "audit", "verify", "--json"))
    assert report["intact"]
    assert report["sealed"] == before + committed
    print(f"\nplain insert, {WRITERS} writers:  {plain / plain_seconds:8,.0f} rows/s")
    print(f"journal, {WRITERS} writers:       {committed / seconds:8,.0f} events/s, one transaction in ten rolled back")
    print(f"all sealed {behind:.1f} s after the last commit")


def test_sealing_and_verifying_many(environ: dict[str, str]) -> None:
    """A hundred thousand events are sealed, and proven one by one, in a few seconds."""
    with psycopg.connect(environ["DATABASE_URL"], autocommit=True) as link:
        link.execute(MANY, [VERIFIED])  # type: ignore[call-overload]
    start = time.perf_counter()
    manage(environ, "audit", "seal")
    sealing = time.perf_counter() - start
    manage(environ, "audit", "sign")
    report = json.loads(manage(environ, "audit", "verify", "--json"))
    assert report["intact"]
    assert report["sealed"] >= VERIFIED
    print(f"\nsealed {VERIFIED:,} in {sealing:.1f} s with the start of Python")
    print(f"verified {report['sealed']:,} events in {report['seconds']:.2f} s")
