"""What of this tool waits for a person in a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.portal.home import Card
from ecrf import discrepancies, queries

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def cards(actor: Actor, projects: Sequence[Project]) -> list[Card]:
    """Records that are begun and not complete, where the actor may fill them in, and queries that wait for him."""
    rows = queries.incomplete(actor, *projects).order_by()
    counts = dict(rows.values_list("subject__project").annotate(Count("pk")))
    waiting = discrepancies.waiting_for(actor, *projects).order_by()
    asked = dict(waiting.values_list("entry__subject__project").annotate(Count("pk")))
    return [
        *(card(project, counts[project.pk]) for project in projects if project.pk in counts),
        *(query_card(project, asked[project.pk]) for project in projects if project.pk in asked),
    ]


def card(project: Project, count: int) -> Card:
    title = ngettext("record to complete", "records to complete", count)
    url = f"{reverse('ecrf:home', args=[project.slug])}?state=begun"
    return Card(project, title, url, count, _("begun, and something is missing or to check"))


def query_card(project: Project, count: int) -> Card:
    title = ngettext("query that waits for you", "queries that wait for you", count)
    url = f"{reverse('ecrf:query_list', args=[project.slug])}?state=waiting"
    return Card(project, title, url, count, _("to be answered, or to be closed"))
