"""Take away what was only lent: expired archives, and keys of restores whose job died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from backup.models import Restore
from core import audit, files
from core.jobs.models import Job

if TYPE_CHECKING:
    from core.access.models import Project


def tidy(project: Project, but: Restore | None = None) -> None:
    """Erase expired archives and forget keys that no living job needs. Done before every save and restore."""
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
