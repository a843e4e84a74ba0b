"""Give the tests a database and a Valkey of their own before Django's settings are read: `pytest -p tests.services`.

They live in `test/` in the data folder, don't wait for the disk, and stop with the last run that uses them.
Where DATABASE_URL and REDIS_URL are set, those servers are used.
"""

from __future__ import annotations

import os

from core import embedded

parent = embedded.locate(os.environ.get("DATA_DIR"))
parent.make()
folder = embedded.prepare(os.environ, parent.path / "test", durable=False)


def pytest_unconfigure() -> None:
    embedded.release(folder)
