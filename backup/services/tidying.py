"""Take away what was only lent: expired archives, and what restores left whose job died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from backup.models import Restore
from backup.services.contents import RESTORED
from core import audit, files
from core.access.models import Project
from core.files.models import StoredFile
from core.jobs.models import Job

if TYPE_CHECKING:
    from django.db.models import QuerySet


def tidy(project: Project, but: Restore | None = None) -> None:
    """Erase archives that expired or that no restore has, forget keys that no living job needs.

    Done before every save and restore, and every day.
    """
    now = timezone.now()
    others = Restore.objects.filter(project=project)
    if but is not None:
        others = others.exclude(pk=but.pk)
    dead = others.exclude(sealed_key=b"").exclude(job__state__in=Job.LIVE)
    dead.update(sealed_key=b"", ended_at=now)
    for pk in others.filter(expires_at__lte=now).exclude(archive=None).values_list("pk", flat=True):
        with transaction.atomic():
            row = Restore.objects.select_for_update(of=("self",)).select_related("archive").get(pk=pk)
            if row.archive is not None:
                stored, row.archive = row.archive, None
                row.save(update_fields=["archive"])
                files.erase(None, stored, reason="expired")
                audit.record(None, "backup.restore_erased", row, reason="expired")
    for stored in left_by_a_crash(project, others.filter(job__state__in=Job.LIVE)):
        files.erase(None, stored, reason="left by a restore that did not end")


def tidy_all() -> None:
    """Everywhere: a project that is saved once a month keeps what was lent no longer than others."""
    lent = Q(archive__isnull=False, expires_at__lte=timezone.now()) | ~Q(sealed_key=b"")
    for project in Project.objects.filter(pk__in=Restore.objects.filter(lent).values("project")):
        tidy(project)


def left_by_a_crash(project: Project, living: QuerySet[Restore]) -> QuerySet[StoredFile]:
    """Archives of no restore; those of `living` ones, which aren't theirs before they are read back, are younger."""
    kept = Restore.objects.exclude(archive=None).values("archive")
    found = StoredFile.objects.filter(project=project, kind=RESTORED, erased_at=None).exclude(pk__in=kept)
    since = living.aggregate(since=Min("created_at"))["since"]
    return found.filter(created_at__lt=since) if since else found
