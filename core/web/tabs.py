"""The tabs of a page: each a word, an address, whether it is this page, and a count or None."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Tab = tuple[Any, str, bool, int | None]


class Tabs(list[Tab]):
    """The tabs above, and those `below` that belong to the current one."""

    def __init__(self, above: Iterable[Tab], below: Iterable[Tab] = ()) -> None:
        super().__init__(above)
        self.below = list(below)
