"""Where one can go from here: the tools and rooms of a project that the actor's permissions open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse

from core import access, tool
from core.tool import Place

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
    is_rare: bool = False
    description: _StrPromise | str = ""


def of_project(actor: Actor, project: Project) -> list[Link]:
    """The tools first, then the rooms; what the actor may not open is not named, nor what has no pages."""
    held = access.abilities(actor, project)
    links = [
        Link(each.label, each.label_, each.icon, url, is_tool=True, description=each.description)
        for each in tool.tools()
        if each.needs in held and (url := address(each.home, project))
    ]
    return links + [
        Link(page.key, page.label, page.icon, url, is_rare=page.is_rare)
        for page in tool.pages(Place.PROJECT)
        if page.needs in held and (url := address(page.home, project))
    ]


def address(home: str, project: Project) -> str:
    """The address of a room's first page in a project, or nothing where the room has no pages."""
    try:
        return reverse(home, args=[project.slug])
    except NoReverseMatch:
        return ""


def of_account() -> list[Link]:
    """What concerns one's own account."""
    return _of(Place.ACCOUNT)


def of_person(actor: User) -> list[Link]:
    """One's own work, then what an administrator looks after."""
    return _of(Place.PERSON) + (_of(Place.INSTANCE) if actor.is_administrator else [])


def _of(place: Place) -> list[Link]:
    return [Link(page.key, page.label, page.icon, reverse(page.home)) for page in tool.pages(place)]
