"""Tell people of the queries that wait for them: who is to answer, and who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.notices.services import notify
from ecrf.models import Entry, Query

if TYPE_CHECKING:
    from core.access.scope import Actor

TOLD_OF = {
    "open": ("assigned_to", "ecrf.query_assigned"),
    "assign": ("assigned_to", "ecrf.query_assigned"),
    "reopen": ("assigned_to", "ecrf.query_assigned"),
    "answer": ("opened_by", "ecrf.query_answered"),
}
"""Act -> whom of the query it concerns, and what he is told."""


def tell(actor: Actor | None, query: Query, act: str) -> None:
    """In the transaction of the act. Nobody is told of what he did himself, or of a record that he no longer sees."""
    whom, kind = TOLD_OF.get(act, ("", ""))
    person = getattr(query, whom) if whom else None
    if person is None or person == actor or not Entry.objects.visible_to(person).filter(pk=query.entry_id).exists():
        return
    notify([person], kind, project=query.entry.subject.project, url=query.get_absolute_url())
