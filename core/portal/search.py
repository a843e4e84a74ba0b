"""Search over everything the reader may see: the projects, their rooms, and what each tool finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core import tool
from core.access.models import Project
from core.portal import navigation
from core.portal.asking import ask

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.scope import Actor

SHORTEST = 2
MOST = 20


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, what it is, and where. Never a patient's data in the name or the address."""

    title: str
    url: str
    kind: _StrPromise | str = ""
    icon: str = ""
    project: str = ""


def search(actor: Actor, words: str) -> list[Hit]:
    """Projects whose name has every word, then what each tool finds, at most `MOST` each."""
    words = words.strip()
    if len(words) < SHORTEST:
        return []
    hits = _projects(actor, words)
    for config in tool.tools():
        if config.search:
            hits += (ask(config, config.search, actor, words) or [])[:MOST]
    return hits


def _projects(actor: Actor, words: str) -> list[Hit]:
    rows = Project.objects.visible_to(actor)
    for word in words.split():
        rows = rows.filter(name__icontains=word)
    return [Hit(project.name, project.get_absolute_url(), kind=_("Project"), icon="folder") for project in rows[:MOST]]


def places(actor: Actor, project: Project | None) -> list[Hit]:
    """Where the command palette leads without a search: the rooms of this project, then the other projects."""
    hits = []
    if project is not None:
        hits = [
            Hit(str(link.label), link.url, kind=project.name, icon=link.icon)
            for link in navigation.of_project(actor, project)
        ]
    others = Project.objects.visible_to(actor).filter(archived_at=None)
    return hits + [
        Hit(other.name, other.get_absolute_url(), kind=_("Project"), icon="folder")
        for other in others[:MOST]
        if other != project
    ]
