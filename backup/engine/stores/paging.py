"""A store's folder page by page, in the order of names, without going through all of it for each."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from backup.engine.stores.base import Listed, Ordered, Store
from backup.engine.stores.local import LocalStore
from backup.engine.stores.wrapped import Wrapper

ABREAST = 16
"""Folders that are listed at the same time where each costs a way over the network."""


def page(store: Store, folder: str, after: str, most: int) -> tuple[list[Listed], str | None]:
    """Up to so many objects whose names come after this one, and after which to go on."""
    if isinstance(store, Wrapper):
        return store.through(lambda: page(store.store, folder, after, most))
    rows = list(islice(_after(store, folder, after), most + 1))
    return rows[:most], rows[most - 1].name if len(rows) > most else None


def _after(store: Store, folder: str, after: str) -> Iterator[Listed]:
    if isinstance(store, Ordered):
        yield from store.list_after(folder, after)
        return
    folders = [folder]
    if folder == "packs":  # each of its folders apart: the last page of a million costs no more than the first
        shards = (f"packs/{number:02x}" for number in range(256))
        folders = [shard for shard in shards if shard >= after[: len(shard)]]
    for listed in _sorted(store, folders):
        yield from (one for one in listed if one.name > after)


def _sorted(store: Store, folders: list[str]) -> Iterator[list[Listed]]:
    def listed(folder: str) -> list[Listed]:
        return sorted(store.list(folder), key=lambda one: one.name)

    if isinstance(store, LocalStore) or len(folders) == 1:
        yield from map(listed, folders)
        return
    with ThreadPoolExecutor(ABREAST) as pool:
        for start in range(0, len(folders), ABREAST):
            yield from pool.map(listed, folders[start : start + ABREAST])
