"""Ask for an export; say that an earlier one is out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import access, audit, datasets, jobs
from core.access.models import Project
from core.jobs.models import Job
from ecrf import permissions
from ecrf.models import Form

if TYPE_CHECKING:
    from core.access.scope import Actor


def dataset_name(form: Form) -> str:
    """The records of a form are one dataset of the project, a new version of it at each export."""
    return f"ecrf-{form.key}"


@transaction.atomic
def start_export(actor: Actor, form: Form, *, identifiers: bool = False) -> Job:
    """Export every record of the form as a job; items that tell who people are only if they are asked for."""
    access.require(actor, permissions.EXPORT, form.project, obj=form)
    audit.record(actor, "ecrf.export_asked", form, identifiers=identifiers)
    return jobs.submit(
        actor,
        "ecrf.export_entries",
        project=form.project,
        arguments={"form_id": str(form.pk), "identifiers": identifiers},
        subject=form,
        unique=f"{form.pk} {identifiers}",
    )


def mark_stale(form: Form, project: Project) -> None:
    """The dataset no longer holds what was entered last."""
    datasets.mark_stale(project, dataset_name(form))
