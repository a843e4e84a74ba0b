"""Sets of fictitious ordonnances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet

from core.access.models import Project
from core.jobs.models import Job
from prescriptions.models import Generation

if TYPE_CHECKING:
    from core.access.scope import Actor


def generations(actor: Actor, project: Project) -> QuerySet[Generation]:
    """The sets of a project, each with whether its job waits or runs (`working`)."""
    live = Job.objects.live().filter(pk=OuterRef("job_id"))
    rows = Generation.objects.visible_to(actor).filter(project=project).select_related("author", "project", "file")
    return rows.annotate(working=Exists(live))
