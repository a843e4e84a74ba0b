"""How much is stored, by whom, and how it grows; never what is in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.access.people import is_administrator
from core.files.models import Space, StoredFile
from core.jobs.models import Job
from core.storage.services import MOVE

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

GROWTH = timedelta(days=30)


def spaces(actor: Actor) -> QuerySet[Space]:
    """All of them for who runs the instance; to others, those of the projects that they may open."""
    rows = Space.objects.select_related("project__organisation", "organisation")
    return rows.all() if runs(actor) else rows.visible_to(actor)


def runs(actor: Actor) -> bool:
    return actor.pk is not None and is_administrator(actor)


def growing(rows: QuerySet[Space]) -> QuerySet[Any]:
    """With `growth`, the bytes by which each has grown in GROWTH."""
    since = timezone.now() - GROWTH
    grown = change(Q(created_at__gte=since)) - change(Q(erased_at__gte=since))
    return rows.annotate(growth=grown)


def change(which: Q) -> Any:
    """Bytes of the files of a space to which something happened."""
    files = StoredFile.objects.filter(which).order_by()
    of_project = files.filter(project=OuterRef("project")).values("project")
    of_organisation = files.filter(project__organisation=OuterRef("organisation")).values("project__organisation")
    sums = [
        Subquery(rows.annotate(bytes=Sum("size")).values("bytes"), output_field=BigIntegerField())
        for rows in (of_project, of_organisation)
    ]
    return Coalesce(Case(When(project=None, then=sums[1]), default=sums[0]), 0)


def by_kind(rows: QuerySet[Any], kind: str) -> QuerySet[Any]:
    return rows.filter(project__isnull=kind == "organisation")


def by_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those that have used 80 % or all of their limit."""
    share = 1.0 if state == "full" else 0.8
    found = Q(quota__isnull=False, used__gte=F("quota") * share)
    for whole, usual in ((False, settings.QUOTA_PROJECT), (True, settings.QUOTA_ORGANISATION)):
        if usual:
            found |= Q(quota=None, project__isnull=whole, used__gte=int(usual * share))
    return rows.filter(found)


def largest(most: int = 10) -> QuerySet[StoredFile]:
    """The largest files, by their kind, age and project; their names stay sealed."""
    return StoredFile.objects.filter(erased_at=None).select_related("project").order_by("-size")[:most]


@dataclass(frozen=True)
class Totals:
    """What the instance stores, and how much room its disk has."""

    used: int
    files: int
    growth: int
    disk_free: int
    disk_size: int


def totals() -> Totals:
    rows = Space.objects.filter(project=None)
    sums = rows.aggregate(used=Coalesce(Sum("used"), 0), files=Coalesce(Sum("files"), 0))
    growth = sum(row.growth for row in growing(rows))
    disk = shutil.disk_usage(settings.DATA_DIR)
    return Totals(sums["used"], sums["files"], growth, disk.free, disk.total)


def moving_job() -> Job | None:
    """The job that moves the files, while it lives."""
    return Job.objects.live().filter(task=MOVE).select_related("owner", "project").first()


def of_project(actor: Actor, project: Project) -> Space | None:
    """What a project's page says of its storage."""
    return Space.objects.visible_to(actor).select_related("project", "organisation").filter(project=project).first()
