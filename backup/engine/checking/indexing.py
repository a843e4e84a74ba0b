"""Lists of packs, cut into index objects that nobody chokes on."""

from __future__ import annotations

from collections.abc import Iterable

from backup.engine.format import index, layout
from backup.engine.format.packs import Written
from backup.engine.repository import Repository

_LARGEST = 8 << 20
"""Entries that one index object lists at most."""


def write_indexes(repository: Repository, packs: Iterable[Written], *, dry_run: bool) -> tuple[bytes, ...]:
    """The names of indexes that list these packs; none for none."""
    rows: list[list[Written]] = []
    size = _LARGEST
    for pack in packs:
        if size >= _LARGEST:
            rows.append([])
            size = 0
        rows[-1].append(pack)
        size += len(pack.entries)
    names = []
    for row in rows:
        digest, raw = index.write(repository.config, row)
        if not dry_run:
            repository.store.create(layout.index_name(digest), [raw])
        names.append(digest)
    return tuple(names)
