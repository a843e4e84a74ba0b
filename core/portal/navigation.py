"""Where one can go from here: the tools and rooms of a project that the actor's permissions open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from core import access, tool

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.models import Project
    from core.access.scope import Actor
    from core.accounts.models import User


@dataclass(frozen=True)
class Link:
    key: str
    label: _StrPromise | str
    icon: str
    url: str
    is_tool: bool = False
    description: _StrPromise | str = ""


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
    links = [
        Link(each.label, each.label_, each.icon, url, is_tool=True, description=each.description)
        for each in tool.tools()
        if each.needs in held and (url := address(each.home, project))
    ]
    return links + [
        Link(room.key, room.label, room.icon, url)
        for room in ROOMS
        if room.needs in held and (url := address(room.home, project))
    ]


def address(home: str, project: Project) -> str:
    """The address of a room's first page in a project, or nothing where the room has no pages."""
    try:
        return reverse(home, args=[project.slug])
    except NoReverseMatch:
        return ""


ACCOUNT = (
    Link("address", _("E-mail address"), icon="mail", url="account_email"),
    Link("mfa", _("Second factor"), icon="shield-lock", url="mfa_index"),
    Link("sessions", _("Open sessions"), icon="devices", url="usersessions_list"),
    Link("password", _("Password"), icon="key", url="account_change_password"),
    Link("tokens", _("Access tokens"), icon="api", url="tokens:list"),
)
INSTANCE = (
    Link("audit", _("Audit trail of the instance"), icon="history", url="audit:instance"),
    Link("health", _("Health of the instance"), icon="heartbeat", url="health:overview"),
)


def of_account() -> list[Link]:
    """What concerns one's own account."""
    return [_led(link) for link in ACCOUNT]


def of_person(actor: User) -> list[Link]:
    """One's own work, then what an administrator looks after."""
    links = (
        Link("jobs", _("Long work"), icon="loader", url="jobs:list"),
        *(INSTANCE if actor.is_administrator else ()),
    )
    return [_led(link) for link in links]


def _led(link: Link) -> Link:
    return replace(link, url=reverse(link.url))
