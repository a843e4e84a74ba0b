"""Put objects back that are gone or damaged, as their parity gives them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from backup.engine.checking.survey import Survey
from backup.engine.errors import Damaged, Denied, Missing
from backup.engine.format import layout, parity
from backup.engine.stores.base import Store
from backup.engine.stores.redundant import mended


def put_back(found: Survey, *, dry_run: bool = False) -> tuple[str, ...]:
    """Put back what can be: the names. A survey serves once.

    A pack that is damaged stays: its blobs are copied into new ones. So does an act after which sound ones came: acts
    count in the order in which the store received them.
    """
    store = found.repository.store
    wrong = {one.name for one in found.problems if layout.NAME.fullmatch(one.name)} | set(_gone(store))
    ready = [(came, name) for came, name in sorted(_with_parity(store, wrong)) if _fixed(store, name)]
    replaced = {name for _came, name in ready}
    last = max((one.received for one in store.list("acts") if one.name not in replaced), default=0)
    return tuple(
        name
        for came, name in ready
        if not (name.startswith("acts/") and came <= last) and (dry_run or _replace(store, name))
    )


def _with_parity(store: Store, names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """When the parity of each came, which was when the object did."""
    for name in names:
        with contextlib.suppress(Missing):
            yield store.look(layout.parity_name(name)).received, name


def _gone(store: Store) -> Iterator[str]:
    """Objects of which nothing is there but their parity."""
    waiting = {one.name: one.size for one in store.list("parity")}
    if not waiting:
        return
    for folder in layout.FOLDERS:
        for one in store.list(folder):
            waiting.pop(layout.parity_name(one.name), None)
    for place, size in waiting.items():
        try:
            layout.check_size(place, size)
            yield parity.read(store.read(place), place).name
        except (Damaged, Missing):
            continue


def _fixed(store: Store, name: str) -> bytes | None:
    """What is to stand in the place of an object; None where that stays as it is."""
    try:
        raw = store.read(name)
    except Missing:
        raw = b""
    if raw and name.startswith("packs/"):
        return None
    fixed = mended(store, name, raw)
    return None if fixed == raw else fixed


def _replace(store: Store, name: str) -> bool:
    """Whether the store lets it be replaced. Cut short in between, the next repair goes on from the parity."""
    fixed = _fixed(store, name)
    if fixed is None:
        return False
    try:
        store.delete(name)
    except Denied:
        return False
    store.create(name, [fixed])
    return True
