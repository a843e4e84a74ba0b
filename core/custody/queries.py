"""The keys of the projects, as those who run the instance see them: never what they seal."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.custody.services import RESEAL, REWRAP
from core.jobs.models import Job
from core.vault.models import ProjectKey

STATES = (("good", _("in use")), ("renewal", _("being renewed")), ("destroyed", _("destroyed")))


def projects() -> QuerySet[Project]:
    """Every project with `version` and `made` of its newest key, and how many of its keys live (`living`)."""
    data = Q(keys__purpose=ProjectKey.Purpose.DATA)
    living = data & Q(keys__destroyed_at=None)
    return Project.objects.select_related("organisation").annotate(
        version=Max("keys__version", filter=data),
        made=Max("keys__created_at", filter=data),
        living=Count("keys", filter=living),
    )


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    wanted = {"destroyed": Q(living=0), "good": Q(living=1), "renewal": Q(living__gt=1)}
    return rows.filter(wanted[state])


def state_of(project: Any) -> str:
    return "destroyed" if not project.living else "renewal" if project.living > 1 else "good"


def instance_key() -> dict[str, Any]:
    """The instance's own data key: its version, since when, and whether a former one lives."""
    rows = list(ProjectKey.objects.filter(project=None, purpose=ProjectKey.Purpose.DATA).order_by("version"))
    living = [row for row in rows if row.destroyed_at is None]
    return {"version": rows[-1].version, "made": rows[-1].created_at, "in_renewal": len(living) > 1} if rows else {}


def renewal_of(project: Project | None) -> Job | None:
    """The newest job that seals this project's values anew; without one, the instance's."""
    jobs = Job.objects.filter(task=RESEAL, unique=str(project.pk) if project else "instance", project=None)
    return jobs.select_related("owner", "project").order_by("-created_at").first()


def rewrapping() -> Job | None:
    """The job that wraps the keys anew, while it lives."""
    return Job.objects.live().filter(task=REWRAP).select_related("owner", "project").first()
