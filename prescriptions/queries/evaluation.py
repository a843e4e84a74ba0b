"""Sets of cases and the runs over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from core.access.models import Project
from prescriptions.models import CaseSet, Run, RunCase

if TYPE_CHECKING:
    from core.access.scope import Actor


def case_sets(actor: Actor, project: Project) -> QuerySet[CaseSet]:
    """The sets of cases of a project, with the number of their runs."""
    return (
        CaseSet.objects.visible_to(actor)
        .filter(project=project)
        .select_related("author", "project")
        .annotate(run_count=Count("runs"))
    )


def runs(actor: Actor, project: Project) -> QuerySet[Run]:
    """The runs over the sets of a project; no report is opened."""
    return (
        Run.objects.visible_to(actor)
        .filter(case_set__project=project)
        .select_related("author", "case_set__project")
        .defer("report")
    )


def cases_of(run: Run) -> QuerySet[RunCase]:
    """What a run made of each case."""
    return RunCase.objects.filter(run=run).select_related("run__case_set__project").order_by("position")
