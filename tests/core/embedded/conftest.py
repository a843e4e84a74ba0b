"""A data folder of one's own for each test; its servers end with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.embedded import postgres, preparation
from core.embedded.folder import Folder, locate


@contextmanager
def temporary() -> Iterator[Folder]:
    with tempfile.TemporaryDirectory(prefix="suite-") as place:
        folder = locate(Path(place) / "var")
        folder.make()
        yield folder
        preparation.stop(folder)


@pytest.fixture
def folder() -> Iterator[Folder]:
    """An empty data folder, with a path short enough for sockets."""
    with temporary() as folder:
        yield folder


@pytest.fixture(scope="session")
def standing() -> Iterator[Folder]:
    """A folder whose PostgreSQL runs, for the tests that only ask it something."""
    with temporary() as folder:
        postgres.start(folder)
        yield folder


@pytest.fixture
def environ() -> dict[str, str]:
    """The environment of a machine on which nothing is configured."""
    return {"PATH": os.environ["PATH"]}
