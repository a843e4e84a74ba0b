from __future__ import annotations

import json
import subprocess
import sys

import psycopg
import redis

from core.embedded import instance, postgres, preparation, valkey
from core.embedded.folder import ROOT, Folder

PREPARE = """
import json, os, sys
from core import embedded
environ = {"PATH": os.environ["PATH"]}
folder = embedded.prepare(environ, sys.argv[1])
print(json.dumps(environ), flush=True)
sys.stdin.read()
embedded.release(folder)
"""


def other_process(folder: Folder) -> subprocess.Popen[str]:
    """Another command that prepares the same folder, and uses the services until its input ends."""
    command = [sys.executable, "-c", PREPARE, str(folder.path)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_starts_at_once_make_one_instance(folder: Folder) -> None:
    """Two commands that start at the same moment use the same servers and the same keys."""
    with other_process(folder) as first, other_process(folder) as second:
        assert first.stdout
        assert second.stdout
        told = [json.loads(one.stdout.readline()) for one in (first, second)]
        assert told[0] == told[1]
        with psycopg.connect(told[0]["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (postgres.USER,)
        with redis.Redis.from_url(told[0]["REDIS_URL"]) as client:
            assert client.ping()


def test_the_last_one_stops_the_servers(folder: Folder, environ: dict[str, str]) -> None:
    """Who ends while others work leaves the servers running; the last one stops them."""
    with other_process(folder) as other:
        assert other.stdout
        assert other.stdout.readline()
        preparation.prepare(environ, folder.path)
        other.communicate("")
        assert other.returncode == 0
        assert postgres.pid(folder)
        assert valkey.pid(folder)
    assert preparation.release(folder) is True
    assert postgres.pid(folder) is None
    assert valkey.pid(folder) is None


def test_named_servers_are_used(folder: Folder, environ: dict[str, str]) -> None:
    """Where the environment names a database and a Valkey, as a value or in a file, nothing is started."""
    environ |= {"DATABASE_URL": "postgresql://db.example/suite", "REDIS_URL_FILE": "/run/secrets/redis"}
    before = dict(environ)
    preparation.prepare(environ, folder.path)
    assert before.items() <= environ.items()
    assert "REDIS_URL" not in environ
    assert not folder.postgres.exists()
    assert valkey.pid(folder) is None
    preparation.release(folder)


def test_commands_know_the_running_instance(folder: Folder, environ: dict[str, str]) -> None:
    """A command run beside `up` makes links to the address at which the suite answers."""
    environ |= {"DATABASE_URL": "postgresql://db.example/suite", "REDIS_URL": "redis://redis.example"}
    assert instance.running(folder) is None
    with instance.taken(folder, "http://localhost:8123"):
        preparation.prepare(environ, folder.path)
    assert environ["PUBLIC_URL"] == "http://localhost:8123"
    assert instance.running(folder) is None
    preparation.release(folder)
