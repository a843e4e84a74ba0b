"""Keys of a repository that nobody needs to make."""

from __future__ import annotations

import pytest

from backup.engine.format import keys
from backup.engine.format.keys import Key, Role


@pytest.fixture(scope="session")
def master() -> Key:
    return keys.master(bytes(range(32)), bytes(range(0xA0, 0xB0)))


@pytest.fixture(scope="session")
def reader(master: Key) -> Key:
    return keys.derive(master, Role.READER, label="lecture", created=1)


@pytest.fixture(scope="session")
def writer(master: Key) -> Key:
    return keys.derive(master, Role.WRITER, label="écriture", created=1)
