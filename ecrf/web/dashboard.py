"""What of this tool waits for a person in a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.portal.home import Card
from ecrf import discrepancies, permissions, queries, visiting
from ecrf.models import Visit

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def cards(actor: Actor, projects: Sequence[Project]) -> list[Card]:
    """Records that are begun and not complete, where the actor may fill them in, and queries that wait for him."""
    rows = queries.incomplete(actor, *projects).order_by()
    counts = dict(rows.values_list("subject__project").annotate(Count("pk")))
    waiting = discrepancies.waiting_for(actor, *projects).order_by()
    asked = dict(waiting.values_list("entry__subject__project").annotate(Count("pk")))
    today = timezone.localdate()
    mine = Visit.objects.visible_to(actor, permissions.SAVE).filter(subject__project__in=projects).order_by()
    late = dict(mine.filter(visiting.overdue(today)).values_list("subject__project").annotate(Count("pk")))
    near = dict(mine.filter(visiting.near(today)).values_list("subject__project").annotate(Count("pk")))
    return [
        *(visit_card(project, late[project.pk], "overdue") for project in projects if project.pk in late),
        *(visit_card(project, near[project.pk], "near") for project in projects if project.pk in near),
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


def visit_card(project: Project, count: int, state: str) -> Card:
    url = f"{reverse('ecrf:visits', args=[project.slug])}?state={state}"
    if state == "overdue":
        return Card(project, ngettext("overdue visit", "overdue visits", count), url, count, _("the window is past"))
    title = ngettext("visit due within a week", "visits due within a week", count)
    return Card(project, title, url, count, _("the window is open, or the day is near"))
