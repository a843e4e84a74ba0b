"""What needs somebody's attention in the backups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from backup import queries
from core.portal.home import Card

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def cards(actor: Actor, projects: Sequence[Project]) -> list[Card]:
    """Plans that are late or failed, saves that weren't whole, and keys nobody has shown to be kept."""
    titles = {"warning": _("Backup is late"), "failed": _("Backup failed")}
    found = [
        Card(
            each.plan.project,
            titles.get(each.look, _("Backup to check")),
            each.plan.get_absolute_url(),
            text=each.plan.name,
            state=each.look if each.look in titles else "warning",
        )
        for each in queries.watched(actor, *projects)
        if each.needs_attention
    ]
    unconfirmed = queries.repositories(actor, *projects).filter(confirmed_at=None)
    return found + [
        Card(row.project, _("Key to confirm"), row.get_absolute_url(), text=row.name, state="warning")
        for row in unconfirmed
    ]
