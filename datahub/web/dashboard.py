"""What waits for a person in the data spaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext as _

from core.jobs.models import Job
from core.portal.home import Card
from datahub import queries

if TYPE_CHECKING:
    from core.access.models import Project
    from core.accounts.models import User


def cards(actor: User, projects: Sequence[Project]) -> list[Card]:
    """One's own notebooks that run now."""
    running = (
        queries.notebooks(actor)
        .filter(project__in=projects, runs__owner=actor, runs__job__state__in=Job.LIVE)
        .annotate(live=Count("runs"))
    )
    return [
        Card(notebook.project, _("notebook is running"), notebook.get_absolute_url(), 1, notebook.title, "running")
        for notebook in running
    ]
