"""Give the tests a database and a Valkey of their own before Django's settings are read: `pytest -p tests.services`.

They live in `test/` in the data folder, don't wait for the disk, and stop with the last run that uses them.
Where DATABASE_URL and REDIS_URL are set, those servers are used.

With `pytest -n`, each process has a database of its own (pytest-django), and here a Valkey and a folder of its own.
"""

from __future__ import annotations

import os

from core import embedded
from core.embedded import valkey

folder = embedded.locate(os.environ.get("DATA_DIR"))
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    if os.environ["REDIS_URL"] == valkey.url(folder):
        del os.environ["REDIS_URL"]
    folder = embedded.prepare(os.environ, folder.path / worker, durable=False)
else:
    folder.make()
    folder = embedded.prepare(os.environ, folder.path / "test", durable=False)


def pytest_unconfigure() -> None:
    embedded.release(folder)
