"""What of this tool waits for a person in a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.portal.home import Card
from prescriptions import queries

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def cards(actor: Actor, projects: Sequence[Project]) -> list[Card]:
    """Prescriptions that wait for the actor's review, project by project."""
    counts = dict(queries.to_review(actor, *projects).order_by().values_list("project").annotate(Count("pk")))
    return [card(project, counts[project.pk]) for project in projects if project.pk in counts]


def card(project: Project, count: int) -> Card:
    title = ngettext("prescription to review", "prescriptions to review", count)
    url = f"{reverse('prescriptions:home', args=[project.slug])}?state=draft"
    return Card(project, title, url, count, _("read by the machine, not yet checked by a person"))
