"""The built-in roles: their names here, their permissions brought by the apps."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import tool
from core.access.models import Role

NAMES = {
    "controller": _("Data controller"),
    "manager": _("Project manager"),
    "clinician": _("Clinician"),
    "researcher": _("Researcher"),
    "monitor": _("Monitor"),
    "administrator": _("Administrator"),
}
OF_ORGANISATIONS = frozenset({"administrator"})
"""Roles held in an organisation, and so in each of its projects: without any permission on health data."""


def matrix() -> dict[str, list[str]]:
    """Built-in role -> its permissions, sorted. Raises ValueError where an app names what doesn't exist."""
    registered = tool.permissions()
    granted: dict[str, set[str]] = defaultdict(set)
    for room in tool.rooms():
        for key, codes in room.roles.items():
            if key not in NAMES or (unknown := set(codes) - registered.keys()):
                raise ValueError(f"{room.name} gives {unknown if key in NAMES else key!r}, which doesn't exist")
            if key in OF_ORGANISATIONS and any(registered[code].health_data for code in codes):
                raise ValueError(f"{room.name} opens health data to {key!r}, a role of organisations")
            granted[key] |= set(codes)
    return {key: sorted(granted[key]) for key in NAMES}


def write_built_in(**_signal: Any) -> None:
    """Bring the rows of the built-in roles up to what the code says, after each migration."""
    kept = {role.key: (role.permissions, role.level, role.name) for role in Role.objects.filter(organisation=None)}
    for key, permissions in matrix().items():
        level = Role.Level.ORGANISATION if key in OF_ORGANISATIONS else Role.Level.PROJECT
        if kept.get(key) != (permissions, level, key):
            Role.objects.update_or_create(
                organisation=None, key=key, defaults={"permissions": permissions, "level": level, "name": key}
            )
