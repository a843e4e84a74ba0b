"""Give the tests a database and a Valkey of their own before Django's settings are read: `pytest -p tests.services`.

They live in `test/` in the data folder, don't wait for the disk, and stop with the last run that uses them.
Where DATABASE_URL and REDIS_URL are set, those servers are used.

With `pytest -n`, each process has servers and a folder of its own: the audit trail is sealed up to the oldest
transaction of a whole PostgreSQL, so that the tests of one process would wait for those of another.
"""

from __future__ import annotations

import os

from core import embedded
from core.embedded import postgres, valkey

folder = embedded.locate(os.environ.get("DATA_DIR"))
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    for name, theirs in (("DATABASE_URL", postgres.url(folder)), ("REDIS_URL", valkey.url(folder))):
        if os.environ[name] == theirs:
            del os.environ[name]
    folder = embedded.prepare(os.environ, folder.path / worker, durable=False)
else:
    folder.make()
    folder = embedded.prepare(os.environ, folder.path / "test", durable=False)


def pytest_unconfigure() -> None:
    embedded.release(folder)
