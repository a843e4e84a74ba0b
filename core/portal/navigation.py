"""Where one can go from here: the tools and rooms of a project that the actor's permissions open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from core import access, tool

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.models import Project
    from core.access.scope import Actor


@dataclass(frozen=True)
class Link:
    key: str
    label: _StrPromise | str
    icon: str
    url: str
    is_tool: bool = False


@dataclass(frozen=True)
class Room:
    """A room of the core that has pages in each project."""

    key: str
    label: _StrPromise | str
    icon: str
    home: str
    needs: str


ROOMS = (
    Room("datasets", _("Datasets"), icon="table", home="datasets:list", needs="datasets.list_datasets"),
    Room("members", _("Members"), icon="users", home="access:members", needs="access.view_members"),
    Room("audit", _("Audit trail"), icon="history", home="audit:journal", needs="audit.read_journal"),
)


def of_project(actor: Actor, project: Project) -> list[Link]:
    """The tools first, then the rooms; what the actor may not open is not named, nor what has no pages."""
    held = access.abilities(actor, project)
    wanted = [(config.label, config.label_, config.icon, config.home, config.needs, True) for config in tool.tools()]
    wanted += [(room.key, room.label, room.icon, room.home, room.needs, False) for room in ROOMS]
    return [
        Link(key, label, icon, url, is_tool)
        for key, label, icon, home, needs, is_tool in wanted
        if needs in held and (url := address(home, project))
    ]


def address(home: str, project: Project) -> str:
    """The address of a room's first page in a project, or nothing where the room has no pages."""
    try:
        return reverse(home, args=[project.slug])
    except NoReverseMatch:
        return ""


ACCOUNT = (
    Link("mfa", _("Second factor"), icon="shield-lock", url="mfa_index"),
    Link("sessions", _("Open sessions"), icon="devices", url="usersessions_list"),
    Link("password", _("Password"), icon="key", url="account_change_password"),
)


def of_account() -> list[Link]:
    return [Link(link.key, link.label, link.icon, reverse(link.url)) for link in ACCOUNT]
