"""An agent at a socket, and who talks to it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from backup.engine.format import cipher, layout
from backup.engine.format.keys import InMemory, Key
from backup.engine.keykeeping import remote
from backup.engine.keykeeping.agent import Agent
from backup.engine.keykeeping.wire import Peer

ME = Peer(os.getpid(), os.geteuid())
Serve = Callable[[Agent], AbstractContextManager[Path]]


@contextlib.contextmanager
def loaded(path: Path, key_id: str = "") -> Iterator[Key]:
    key = remote.load(path, key_id)
    try:
        yield key
    finally:
        key.holder.close()  # type: ignore[attr-defined]


def act(key: Key) -> bytes:
    return bytes(layout.Prologue(layout.ACT, key.repository, key.suite)) + b"what is said"


def sealed(master: Key, part: str, epoch: int = 0) -> bytes:
    assert master.seed is not None
    public = cipher.public_half(cipher.derive(master.seed, master.repository, f"{part} {epoch}"))
    return cipher.seal(master.suite, public, "test", b"here", b"content")


def held(key: Key) -> InMemory:
    assert isinstance(key.holder, InMemory)
    return key.holder
