"""How a long work tells how far it is, and hears that it should stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

_EVERY = 0.25
"""Seconds between two reports."""


class Stage(StrEnum):
    OBJECTS = "objects"
    PACKS = "packs"
    TREES = "trees"


Progress = Callable[[Stage, int, int], None]
"""Gets the stage, what is done of it, and what there is to do; may raise to stop the work."""


def unheard(_stage: Stage, _done: int, _total: int) -> None:
    """For who doesn't want to know."""


class Pace:
    """Passes on what is told often, four times a second."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._told = 0.0
        self._last = (Stage.OBJECTS, 0, 0)

    def begin(self, stage: Stage, total: int) -> None:
        self._last = (stage, 0, total)
        self._progress(*self._last)

    def tell(self, done: int | None = None) -> None:
        stage, before, total = self._last
        self._last = (stage, before if done is None else done, total)
        now = time.monotonic()
        if now - self._told >= _EVERY:
            self._told = now
            self._progress(*self._last)
