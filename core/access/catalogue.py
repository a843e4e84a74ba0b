"""The permissions there are, tool by tool, as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import tool
from core.access import offices
from core.access.models import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = _StrPromise | str


def groups(level: str = "") -> list[tuple[Words, list[tool.Permission]]]:
    """Heading and permissions, the project's own first; with a level, those that such a role may hold."""
    found: dict[Words, list[tool.Permission]] = {gettext_lazy("The project"): []}
    common = next(iter(found))
    for room in tool.rooms():
        heading = room.label_ if isinstance(room, tool.ToolConfig) else common
        for permission in room.permissions:
            if fits(permission, level):
                found.setdefault(heading, []).append(permission)
    return [(heading, permissions) for heading, permissions in found.items() if permissions]


def fits(permission: tool.Permission, level: str) -> bool:
    if level == Role.Level.ORGANISATION:
        return not permission.health_data
    return level != Role.Level.PROJECT or permission.code not in offices.OF_ORGANISATIONS


def said(permission: tool.Permission) -> str:
    """What a permission opens, with its marks in words."""
    marks = []
    if permission.health_data:
        marks.append(_("patients’ data"))
    if permission.whole_project:
        marks.append(_("only with all sites"))
    return f"{permission.label} ({', '.join(marks)})" if marks else str(permission.label)


def choices(level: str) -> list[tuple[Words, list[tuple[str, str]]]]:
    """The permissions as choices of a form, in groups."""
    return [(heading, [(each.code, said(each)) for each in permissions]) for heading, permissions in groups(level)]


def matrix(roles: Iterable[Role]) -> list[tuple[Words, list[tuple[tool.Permission, list[bool]]]]]:
    """Group by group, each permission and whether each of these roles holds it."""
    held = [set(role.permissions) for role in roles]
    return [
        (heading, [(permission, [permission.code in codes for codes in held]) for permission in permissions])
        for heading, permissions in groups()
    ]
