"""The home page: what needs me now, gathered from the tools; then the projects; then what I worked on last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, tool
from core.access.models import Invitation, Project
from core.access.scope import ScopedQuerySet
from core.audit.models import Event
from core.jobs.models import Job
from core.portal.asking import ask
from core.portal.navigation import address

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.scope import Actor
    from core.accounts.models import User

RECENT_DAYS = 30
FAILED_DAYS = 3


@dataclass(frozen=True)
class Card:
    """One thing that waits for a person in a project: how many, of what, and where to go on. Never a patient's data."""

    project: Project
    title: _StrPromise | str
    url: str
    count: int | None = None
    text: _StrPromise | str = ""
    state: str = "waiting"
    """Named in core.web.states."""


@dataclass(frozen=True)
class Placed:
    """A card with the tool it comes from."""

    card: Card
    tool: tool.ToolConfig


@dataclass(frozen=True)
class Recent:
    """Something the reader worked on."""

    name: str
    kind: str
    url: str
    at: dt.datetime


def cards_of(actor: Actor, projects: Sequence[Project]) -> list[Placed]:
    """What needs the actor in these projects, failures and warnings first. Each tool is asked once for all of them."""
    held = access.abilities_in(actor, projects)
    placed = []
    for config in (each for each in tool.tools() if each.dashboard):
        if within := [project for project in projects if config.needs in held[project.pk]]:
            cards = ask(config, config.dashboard, actor, within)
            placed += [Placed(card, config) for card in ([broken(config, within[0])] if cards is None else cards)]
    order = ("failed", "warning", "running", "waiting")
    return sorted(placed, key=lambda each: order.index(each.card.state) if each.card.state in order else len(order))


def errands_of(actor: User) -> list[tool.Errand]:
    """What waits for the actor in the rooms of the core."""
    return [errand for room in tool.rooms() if room.errands for errand in ask(room, room.errands, actor) or ()]


def broken(config: tool.ToolConfig, project: Project) -> Card:
    """Says that a tool can't tell what waits in it."""
    where = address(config.home, project)
    return Card(project, _("This tool can’t answer now"), where, text=_("Tell your support."), state="failed")


def work_of(actor: Actor) -> list[Job]:
    """One's own long work that goes on, and what failed in the last days."""
    since = timezone.now() - dt.timedelta(days=FAILED_DAYS)
    failed = Q(state=Job.State.FAILED, ended_at__gt=since)
    rows = Job.objects.visible_to(actor).filter(Q(state__in=Job.LIVE) | failed, owner=actor.pk)
    return list(rows.select_related("project").order_by("-created_at")[:6])


def invitations_of(actor: User) -> list[Invitation]:
    """Who invites this person to a project; the way in is in the mail he got, and nowhere else."""
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return list(waiting.filter(email__iexact=actor.email).select_related("invited_by"))


def recent(actor: Actor, limit: int = 8) -> list[Recent]:
    """The things of the actor's last events that he may still see and that have a page, newest first."""
    since = timezone.now() - dt.timedelta(days=RECENT_DAYS)
    events = Event.objects.filter(actor_id=actor.pk, at__gt=since, outcome=Event.Outcome.DONE).exclude(object_id="")
    seen: dict[tuple[str, str], dt.datetime] = {}
    for kind, key, at in events.order_by("-pk").values_list("object_type", "object_id", "at")[:200]:
        seen.setdefault((kind, key), at)
    found: dict[tuple[str, str], Any] = {}
    for kind in {kind for kind, _key in seen}:
        rows = _listable(kind)
        if rows is not None:
            visible = rows.visible_to(actor).in_bulk([key for other, key in seen if other == kind])
            found |= {(kind, str(key)): row for key, row in visible.items()}
    return [
        Recent(str(row), str(row._meta.verbose_name), row.get_absolute_url(), at)
        for place, at in seen.items()
        if (row := found.get(place)) is not None
    ][:limit]


def _listable(kind: str) -> ScopedQuerySet[Any] | None:
    """The rows of a model that has pages and a scope."""
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return None
    rows = getattr(model, "objects", None)
    queryset = rows.all() if rows is not None else None
    return queryset if isinstance(queryset, ScopedQuerySet) and hasattr(model, "get_absolute_url") else None
