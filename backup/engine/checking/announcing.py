"""Snapshots made by repairs: a writer is derived for them, and nobody can sign as it later."""

from __future__ import annotations

from dataclasses import replace

from backup.engine.format import chain, cipher, keys, layout, snapshots
from backup.engine.format.keys import Role
from backup.engine.format.snapshots import Taken
from backup.engine.repository import Repository


class Announcer:
    """A new writer of a repository that the master opened; nothing is in the store until it announces something."""

    def __init__(self, repository: Repository, *, label: str, now: int, dry_run: bool) -> None:
        config = repository.config
        key = keys.derive(
            repository.key, Role.WRITER, label=label, created=now, epoch=config.epoch.number, isolate=config.isolated
        )
        self.repository = replace(repository, key=key)
        self._dry_run = dry_run
        self._sequence, self._previous = 0, chain.FIRST

    def announce(self, taken: Taken) -> bytes:
        """Write a snapshot as the next of this writer: its id."""
        repository, key = self.repository, self.repository.key
        sequence = self._sequence + 1
        raw = snapshots.write(repository.config, key, sequence, self._previous, taken)
        if not self._dry_run:
            if not self._sequence and key.badge is not None:
                repository.admit(key.badge)
            repository.store.create(layout.snapshot_name(key.key_id, sequence), [raw])
        self._sequence, self._previous = sequence, cipher.digest(raw)
        return self._previous
