"""Organisations, projects, sites, memberships and the rules that open them.

Use it as ``from core import access`` and then ``access.require(...)`` once the apps are loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.access.rules import Refused, abilities, abilities_in, can, fetch, members_holding, require

__all__ = ["Refused", "abilities", "abilities_in", "can", "fetch", "members_holding", "require"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from core.access import rules

        return getattr(rules, name)
    raise AttributeError(name)
