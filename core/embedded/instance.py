"""The running instance of a data folder: who watches it, and at which address people find it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from core.embedded.errors import CantStart
from core.embedded.folder import Folder
from core.embedded.keys import write_private


@dataclass(frozen=True)
class Instance:
    """What `up` tells the other commands about itself."""

    pid: int
    url: str


def running(folder: Folder) -> Instance | None:
    """The instance that runs in this folder: its supervisor holds a lock as long as it lives."""
    if not folder.run.exists():
        return None
    with folder.locked(), (folder.run / "up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return Instance(**json.loads((folder.run / "instance.json").read_text()))
    return None


@contextmanager
def taken(folder: Folder, url: str) -> Iterator[Instance]:
    """Be the instance of this folder. Raises CantStart where another process is."""
    with (folder.run / "up.lock").open("a") as file:
        instance = Instance(os.getpid(), url)
        with folder.locked():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CantStart(f"Another process is starting or runs the suite in {folder.path}.") from error
            write_private(folder.run / "instance.json", json.dumps(asdict(instance)))
        yield instance
