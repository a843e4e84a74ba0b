"""Make an instance ready: its folder, its keys, its database and its Valkey; name them in the environment."""

from __future__ import annotations

import fcntl
import os
from collections.abc import MutableMapping
from pathlib import Path

from core.embedded import instance, keys, postgres, valkey
from core.embedded.folder import Folder, locate

held: dict[Path, int] = {}
"""Data folder -> descriptor of the lock by which this process tells the others that it uses the services."""


def prepare(environ: MutableMapping[str, str], data_dir: Path | None = None, *, durable: bool = True) -> Folder:
    """Start what the environment doesn't name and name it there; when all is warm this takes a few milliseconds.

    DATABASE_URL and REDIS_URL are used where they are set, and nothing is started for them. `durable=False` trades
    safety against loss of power for speed, for tests.
    """
    folder = locate(data_dir or environ.get("DATA_DIR"))
    folder.make()
    environ["DATA_DIR"] = str(folder.path)
    with folder.locked():
        keys.provide(folder, environ)
        if not (environ.get("DATABASE_URL") or environ.get("DATABASE_URL_FILE")):
            postgres.start(folder, durable=durable)
            environ["DATABASE_URL"] = postgres.url(folder)
        if not (environ.get("REDIS_URL") or environ.get("REDIS_URL_FILE")):
            valkey.start(folder, durable=durable)
            environ["REDIS_URL"] = valkey.url(folder)
        hold(folder)
    if not environ.get("PUBLIC_URL") and (found := instance.running(folder)):
        environ["PUBLIC_URL"] = found.url
    return folder


def hold(folder: Folder) -> None:
    """Tell the others that this process uses the services, until it ends."""
    if folder.path not in held:
        descriptor = os.open(folder.run / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        held[folder.path] = descriptor


def release(folder: Folder) -> bool:
    """Stop the services if nobody else uses them. Says whether they were stopped."""
    with folder.locked():
        descriptor = held.pop(folder.path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        stop(folder)
        return True


def stop(folder: Folder) -> None:
    """Stop the embedded services, whoever uses them."""
    valkey.stop(folder)
    postgres.stop(folder)
