"""What people see of the long work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.jobs import registry
from core.jobs.models import Job, JobQuerySet

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from core.access.scope import Actor


def jobs(actor: Actor) -> JobQuerySet:
    """The jobs this person may see, with what a list says of them."""
    return Job.objects.visible_to(actor).select_related("owner", "project")


def of_subject(actor: Actor, subject: Model) -> JobQuerySet:
    """The jobs about one thing, newest first."""
    return jobs(actor).filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


def kinds(rows: QuerySet[Job]) -> list[tuple[str, Any]]:
    """The kinds of work among these jobs, as choices."""
    names = rows.order_by("task").values_list("task", flat=True).distinct()
    return [(name, task.label if (task := registry.find(name)) else name) for name in names]
