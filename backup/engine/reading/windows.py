"""Trees lie close together in their packs: what is read of one comes with its neighbours and is kept for them."""

from __future__ import annotations

import threading
from collections import OrderedDict

from backup.engine.format import layout
from backup.engine.stores.base import Store

_SIZE = 256 << 10
_LARGEST = 2 * _SIZE
"""What reaches into the next window is kept if it isn't longer."""
_MOST = 64


class Windows:
    """Reads parts of packs, by the window. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[bytes, int], bytes] = OrderedDict()

    def read(self, pack: bytes, offset: int, length: int) -> bytes:
        """As the store's `read`. Raises Missing."""
        number, inside = divmod(offset, _SIZE)
        key = (pack, number)
        with self._lock:
            window = self._kept.get(key, b"")
            if window:
                self._kept.move_to_end(key)
        if len(window) < inside + length:  # not kept, or not to the end of what is wanted
            window = self._store.read(layout.pack_name(pack), number * _SIZE, max(_SIZE, inside + length))
            if len(window) <= _LARGEST:
                self._keep(key, window)
        return window[inside : inside + length]

    def _keep(self, key: tuple[bytes, int], window: bytes) -> None:
        with self._lock:
            self._kept[key] = window
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
