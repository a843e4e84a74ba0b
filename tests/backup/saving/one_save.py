"""One save in a process of its own, for the tests that kill it: python saving.py BASE."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from backup.engine.format import keyfile, packs
from backup.engine.repository import Repository
from backup.engine.saving.save import save
from backup.engine.saving.state import State
from backup.engine.sources.folder import FolderSource
from backup.engine.stores.local import LocalStore

base = Path(sys.argv[1])
packs.TARGET = 1 << 20  # many packs, so that a kill falls among them
key = keyfile.load((base / "writer.key").read_text())
print("ready", flush=True)
with State(base / "state") as state:
    source = FolderSource(base / "source", now=10**19 // 2)
    save(Repository.open(LocalStore(base / "repository"), key), state, source, clock=time.time_ns)
