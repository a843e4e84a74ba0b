"""Keys of a repository that nobody needs to make."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backup.engine.format import keys
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping.agent import Agent
from backup.engine.keykeeping.serving import listening
from tests.backup.keykeeping.talking import Serve


@pytest.fixture(scope="session")
def master() -> Key:
    return keys.master(bytes(range(32)), bytes(range(0xA0, 0xB0)))


@pytest.fixture(scope="session")
def reader(master: Key) -> Key:
    return keys.derive(master, Role.READER, label="lecture", created=1)


@pytest.fixture(scope="session")
def writer(master: Key) -> Key:
    return keys.derive(master, Role.WRITER, label="écriture", created=1)


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """An agent at a socket, answering in a thread."""

    @contextlib.contextmanager
    def at_socket(agent: Agent) -> Iterator[Path]:
        path = tmp_path / "agent"
        with listening(agent, path) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield path
            finally:
                server.shutdown()
                thread.join()

    return at_socket
