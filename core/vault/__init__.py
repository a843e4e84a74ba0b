"""Envelope encryption: what a project stores is sealed under a key of its own, which the instance key wraps.

Use it as ``from core import vault`` and then ``vault.seal(...)`` once the apps are loaded. Formats: README.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.vault.engine import KeyDestroyed, Unopenable
    from core.vault.services import blind_index, destroy, open, rewrap, rotate, seal  # noqa: A004

__all__ = ["KeyDestroyed", "Unopenable", "blind_index", "destroy", "open", "rewrap", "rotate", "seal"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from core.vault import services

        return getattr(services, name)
    raise AttributeError(name)
