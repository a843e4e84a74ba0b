"""Search over everything the reader may see: projects, rooms, acts, people, his own pages, and what each tool finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Value
from django.db.models.functions import StrIndex
from django.utils.translation import gettext as _

from core import access, tool
from core.access.models import Membership, Project
from core.accounts.models import User
from core.portal import navigation
from core.portal.asking import ask
from core.portal.home import recent
from core.web.folding import Folded, folded

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.scope import Actor

SHORTEST = 2
MOST = 20
PEOPLE = 8


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, what it is, and where. Never a patient's data in the name or the address."""

    title: str
    url: str
    kind: _StrPromise | str = ""
    icon: str = ""
    project: str = ""


def search(actor: Actor, words: str, project: Project | None = None) -> list[Hit]:
    """What has every word in its name, accents and capitals aside; what begins with them first.

    In a project, also what one begins there. Each tool brings at most `MOST`, in its own order.
    """
    asked = words.strip()
    words = folded(asked)
    if len(words) < SHORTEST:
        return []
    named = [hit for hit in near(actor, project) if all(word in folded(hit.title) for word in words.split())]
    hits = named + projects_named(actor, words) + _people(actor, words)
    for config in tool.tools():
        if config.search:
            hits += (ask(config, config.search, actor, asked) or [])[:MOST]
    return sorted(hits, key=lambda hit: rank(folded(hit.title), words))


def rank(title: str, words: str) -> int:
    """0 where the name begins with what was typed, 1 where a word of it does, 2 where it is inside, 3 elsewhere."""
    if title.startswith(words):
        return 0
    if f" {words}" in title:
        return 1
    return 2 if words in title else 3


def near(actor: Actor, project: Project | None) -> list[Hit]:
    """What is always there: the acts and rooms of this project, one's own pages, those of an administrator."""
    links = []
    if isinstance(actor, User):
        links = [*navigation.of_person(actor), *navigation.of_account()]
    mine = [Hit(str(link.label), link.url, kind=_("Your pages"), icon=link.icon) for link in links]
    return _acts(actor, project) + _rooms(actor, project) + mine if project is not None else mine


def _acts(actor: Actor, project: Project) -> list[Hit]:
    held = access.abilities(actor, project)
    return [
        Hit(str(act.label), url, kind=_("Begin"), icon=act.icon, project=project.name)
        for act in tool.acts()
        if act.needs in held and (url := navigation.address(act.url, project))
    ]


def _rooms(actor: Actor, project: Project) -> list[Hit]:
    links = navigation.of_project(actor, project)
    return [Hit(str(link.label), link.url, kind=project.name, icon=link.icon) for link in links]


def projects_named(actor: Actor, words: str) -> list[Hit]:
    """Projects that have every word in their name, those first where the first word comes first."""
    rows = Project.objects.visible_to(actor)
    for word in words.split():
        rows = rows.filter(folded_name__contains=word)
    rows = rows.order_by(StrIndex("folded_name", Value(words.split()[0])), "name")[:MOST]
    return [Hit(project.name, project.get_absolute_url(), kind=_("Project"), icon="folder") for project in rows]


def _people(actor: Actor, words: str) -> list[Hit]:
    """Members of the projects whose members one may see, once each; they lead to the list of members."""
    projects = Project.objects.visible_to(actor, "access.view_members").filter(archived_at=None)
    rows = Membership.objects.active().filter(project__in=projects.values("pk"), user__is_active=True)
    people = rows.annotate(folded=Folded("user__full_name"))
    for word in words.split():
        people = people.filter(folded__contains=word)
    found: dict[object, Hit] = {}
    for row in people.select_related("user", "project").order_by("folded", "pk")[: 4 * PEOPLE]:
        assert row.project is not None
        url = f"{navigation.address('access:members', row.project)}?q={row.user.email}"
        found.setdefault(row.user_id, Hit(str(row.user), url, kind=_("Person"), icon="user", project=str(row.project)))
    return list(found.values())[:PEOPLE]


def places(actor: Actor, project: Project | None) -> list[Hit]:
    """Where the command palette leads without a search: this project, what one worked on last, the other projects."""
    here = _rooms(actor, project) + _acts(actor, project) if project is not None else []
    last = [Hit(each.name, each.url, kind=each.kind.capitalize(), icon="history") for each in recent(actor, 5)]
    others = Project.objects.visible_to(actor).filter(archived_at=None)
    return [*here, *last] + [
        Hit(other.name, other.get_absolute_url(), kind=_("Project"), icon="folder")
        for other in others[:MOST]
        if other != project
    ]
