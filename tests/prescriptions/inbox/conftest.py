"""Batches as the researcher sends them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from core import jobs
from core.access.demo import World
from prescriptions import services
from prescriptions.models import Batch
from tests.e2e.conftest import chromium, server, site  # noqa: F401 (fixtures)

Send = Callable[..., Batch]


@pytest.fixture
def send(world: World) -> Send:
    """Send files by their names, and have them read: `send({"a.pdf": b"…"})`."""

    def sent(files: dict[str, bytes], who: str = "researcher", *, read: bool = True) -> Batch:
        batch = services.start_batch(world.user[who], world.project)
        services.add_files(world.user[who], batch, [(name, io.BytesIO(data)) for name, data in files.items()])
        if read:
            services.read_batch(world.user[who], batch)
            jobs.run_waiting()
            batch.refresh_from_db()
        return batch

    return sent
