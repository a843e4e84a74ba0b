from __future__ import annotations

import os
import signal

import pytest
import redis

from core.embedded import process, valkey
from core.embedded.errors import CantStart
from core.embedded.folder import Folder


def client(folder: Folder) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(valkey.address(folder)))


def test_a_running_server_is_used_again(folder: Folder) -> None:
    """A second start finds the server and starts none."""
    assert valkey.start(folder) is True
    number = valkey.pid(folder)
    assert valkey.start(folder) is False
    assert valkey.pid(folder) == number


def test_what_waits_outlives_the_server(folder: Folder) -> None:
    """Tasks that wait in Valkey are there after a stop and a start."""
    valkey.start(folder)
    with client(folder) as connection:
        connection.rpush("queue", "task")
    valkey.stop(folder)
    assert not valkey.answers(folder)
    valkey.start(folder)
    with client(folder) as connection:
        assert connection.lrange("queue", 0, -1) == [b"task"]


def test_a_killed_server_starts_again(folder: Folder) -> None:
    """After kill -9 the socket and the pid file that remain don't hinder the next start."""
    valkey.start(folder)
    number = valkey.pid(folder)
    assert number is not None
    os.kill(number, signal.SIGKILL)
    assert process.wait_for_end(number, 10)
    assert valkey.pid(folder) is None
    assert valkey.start(folder) is True
    assert valkey.answers(folder)


def test_a_server_that_fails_says_why(folder: Folder) -> None:
    """When it can't read its own file the start ends with Valkey's words, not with silence."""
    valkey.start(folder)
    with client(folder) as connection:
        connection.set("key", "value")
    valkey.stop(folder)
    [manifest] = folder.valkey.glob("appendonlydir/*.manifest")
    manifest.write_text("nonsense\n")
    with pytest.raises(CantStart, match="manifest"):
        valkey.start(folder)
