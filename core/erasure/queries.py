"""The erasures that somebody may see: those he may decide on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.people import is_administrator
from core.erasure.models import Erasure
from core.erasure.services import DESTROY
from core.jobs.models import Job

if TYPE_CHECKING:
    from core.access.scope import Actor

STATES = (
    ("asked", _("to be confirmed")),
    ("waiting", _("waiting")),
    ("running", _("under way")),
    ("done", _("erased")),
    ("withdrawn", _("taken back")),
)


def erasures(actor: Actor) -> QuerySet[Erasure]:
    """All of them for who runs the instance; to others those of the projects whose keys they may destroy."""
    rows = Erasure.objects.select_related("project__organisation", "person", "asked_by", "confirmed_by", "withdrawn_by")
    if actor.pk is not None and is_administrator(actor):
        return rows
    return rows.filter(project__in=Project.objects.visible_to(actor, DESTROY).values("pk"))


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    living = Q(done_at=None, withdrawn_at=None)
    now = timezone.now()
    wanted = {
        "asked": living & Q(due_at=None),
        "waiting": living & Q(due_at__gt=now),
        "running": living & Q(due_at__lte=now),
        "done": Q(done_at__isnull=False),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }
    return rows.filter(wanted[state])


def living_of(project: Project) -> Erasure | None:
    """The erasure of a project that wasn't withdrawn."""
    return Erasure.objects.filter(project=project, withdrawn_at=None).first()


def job_of(erasure: Erasure) -> Job | None:
    return Job.objects.filter(pk=erasure.job_id).select_related("owner", "project").first() if erasure.job_id else None
