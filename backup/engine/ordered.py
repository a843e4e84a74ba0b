"""The hash of a content whose pieces come from several threads, in any order."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from blake3 import blake3

from backup.engine.format.cipher import Bytes


class OrderedHash:
    """Whoever brings the piece whose turn it is takes those in that wait behind it; nobody waits for anybody."""

    def __init__(self) -> None:
        self.taken = 0
        """How many pieces are in the hash: all before are too."""
        self.size = 0
        self._state = blake3()
        self._lock = threading.Lock()
        self._waiting: dict[int, Sequence[Bytes]] = {}
        self._is_busy = False

    def add(self, number: int, parts: Sequence[Bytes]) -> None:
        """One piece, as it lies in memory. Pieces count from 0."""
        with self._lock:
            self._waiting[number] = parts
            if self._is_busy:
                return
            self._is_busy = True
        while True:
            with self._lock:
                following = self._waiting.pop(self.taken, None)
                if following is None:
                    self._is_busy = False
                    return
            for part in following:
                self._state.update(part)
                self.size += len(part)
            self.taken += 1

    def digest(self) -> bytes:
        """Once every piece has been added."""
        return self._state.digest()
