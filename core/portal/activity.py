"""Who did what in a project, newest first: everybody's acts for who reads its audit trail, one's own for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from core import access
from core.audit.models import Event
from core.journal import queries
from core.journal.telling import Teller

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

MOST = 8
READINGS = ("_read", "_opened", "_searched", "_viewed", "_listed", "_started", "_verified")
"""Endings of what changes nothing: it stands in the audit trail, and would hide the rest here."""


def of_project(actor: Actor, project: Project) -> list[dict[str, Any]]:
    """What `web/activity.html` shows; the same number of queries however much has happened."""
    events = queries.of_project(project).filter(outcome=Event.Outcome.DONE).exclude(actor_id=None)
    if not access.can(actor, queries.READ, project):
        events = events.filter(actor_id=actor.pk)
    reading = Q()
    for ending in READINGS:
        reading |= Q(action__endswith=ending)
    newest = list(events.exclude(reading).order_by("-pk")[:MOST])
    teller = Teller(actor)
    teller.learn(newest)
    return [told(teller, event) for event in newest]


def told(teller: Teller, event: Event) -> dict[str, Any]:
    thing = teller.thing(event)
    named = f" ({thing.name})" if thing and thing.url else ""
    url = thing.url if thing else ""
    return {"who": teller.who(event), "what": f"{teller.did(event)}{named}", "at": event.at, "url": url}
