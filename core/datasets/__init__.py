"""The currency between tools: named tables in immutable versions, encrypted, described, audited when read.

Use it as ``from core import datasets`` and then ``datasets.publish(...)`` once the apps are loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.datasets.services import Column, add, mark_stale, memory, prepared, publish, query, table

__all__ = ["Column", "add", "mark_stale", "memory", "prepared", "publish", "query", "table"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from core.datasets import services

        return getattr(services, name)
    raise AttributeError(name)
