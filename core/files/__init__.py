"""Encrypted files of the projects, on disk or in an object store.

Use it as ``from core import files`` and then ``files.store(...)`` once the apps are loaded. Format: README.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.files.engine import Damaged, Memory
    from core.files.models import StoredFile
    from core.files.services import Draft, Erased, Opener, create, discard, erase, memory, opener, store, sweep
    from core.files.services import open as open  # noqa: A004

__all__ = [
    "Damaged",
    "Draft",
    "Erased",
    "Memory",
    "Opener",
    "StoredFile",
    "create",
    "discard",
    "erase",
    "memory",
    "open",
    "opener",
    "store",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from core.files import services

        return getattr(services, name)
    raise AttributeError(name)
