"""What was done: an append-only journal, sealed into a hash chain whose heads are signed.

Use it as ``from core import audit`` and then ``audit.record(...)`` once the apps are loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.audit.journal import record

__all__ = ["record"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from core.audit import journal

        return getattr(journal, name)
    raise AttributeError(name)
