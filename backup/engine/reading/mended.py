"""Packs whose bytes are damaged, as their parity gives them back."""

from __future__ import annotations

import threading
from collections import OrderedDict

from backup.engine.format import layout
from backup.engine.stores.base import Store
from backup.engine.stores.redundant import mended

_MOST = 4
"""Packs that are kept: what one asks of a damaged pack is seldom one blob alone."""


class MendedPacks:
    """Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, bytes | None] = OrderedDict()

    def get(self, pack: bytes) -> bytes | None:
        """The bytes of a pack that is damaged, cut or gone; None where its parity doesn't give them."""
        with self._lock:
            if pack in self._kept:
                self._kept.move_to_end(pack)
                return self._kept[pack]
        found = mended(self._store, layout.pack_name(pack))
        with self._lock:
            self._kept[pack] = found
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found
