"""The home page: what needs me now, gathered from the tools; then the projects; then what I worked on last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils import timezone
from django.utils.translation import gettext as _

from core import tool
from core.access.models import Project
from core.access.scope import ScopedQuerySet
from core.audit.models import Event
from core.portal.asking import ask
from core.portal.navigation import address

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.scope import Actor

RECENT_DAYS = 30


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
    placed = []
    for config in tool.tools():
        opened = Project.objects.visible_to(actor, config.needs).filter(pk__in=[project.pk for project in projects])
        keys = set(opened.values_list("pk", flat=True)) if config.dashboard else set()
        if within := [project for project in projects if project.pk in keys]:
            cards = ask(config, config.dashboard, actor, within)
            placed += [Placed(card, config) for card in ([broken(config, within[0])] if cards is None else cards)]
    order = ("failed", "warning", "running", "waiting")
    return sorted(placed, key=lambda each: order.index(each.card.state) if each.card.state in order else len(order))


def broken(config: tool.ToolConfig, project: Project) -> Card:
    """Says that a tool can't tell what waits in it."""
    where = address(config.home, project)
    return Card(project, _("This tool can’t answer now"), where, text=_("Tell your support."), state="failed")


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
