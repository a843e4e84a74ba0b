"""Ask for the export of validated lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import access, audit, jobs
from core.access.models import Project
from core.jobs.models import Job
from prescriptions import permissions

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def start_export(actor: Actor, project: Project) -> Job:
    """Publish the validated lines of reviewed prescriptions as a dataset, as a job."""
    access.require(actor, permissions.EXPORT, project)
    audit.record(actor, "prescriptions.export_asked", project=project)
    return jobs.submit(
        actor,
        "prescriptions.export_lines",
        project=project,
        arguments={"project_id": str(project.pk)},
        unique=str(project.pk),
    )
