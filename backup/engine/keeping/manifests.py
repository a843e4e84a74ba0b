"""Manifests that help nobody any more: every pack they list has gone."""

from __future__ import annotations

from collections.abc import Iterator

from backup.engine.errors import Damaged, KeyRefused, Missing
from backup.engine.format import index, keys, layout
from backup.engine.keeping.ground import Ground
from backup.engine.stores.base import Listed


def outdated(ground: Ground) -> Iterator[Listed]:
    """Those that can be read, came before the grace, and list only packs that aren't there."""
    for one in ground.repository.store.list("manifests"):
        if ground.is_old(one) and _lists_nothing(ground, one):
            yield one


def _lists_nothing(ground: Ground, one: Listed) -> bool:
    repository = ground.repository
    try:
        layout.check_size(one.name, one.size)
        raw = repository.store.read(one.name)
        verify = _verify(ground, raw[layout.SIZE : layout.SIZE + 16], one.name)
        listed = index.read_manifest(repository.config, raw, verify, repository.key, one.name).packs
    except (Damaged, Missing, KeyRefused):
        return False
    return all(pack.name not in ground.packs for pack in listed)


def _verify(ground: Ground, author: bytes, name: str) -> bytes:
    config = ground.repository.config
    if author == keys.key_id(config.master):
        return config.master
    badge = ground.history.badges.get(author)
    if badge is None:
        raise Damaged(name, "signed by a key that the master didn't let in")
    return badge.verify
