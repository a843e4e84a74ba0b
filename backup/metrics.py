"""The backups as numbers for Prometheus: how old the newest of each row is, how much is held, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Max
from django.utils import timezone

from backup.models import Alert, Repository, Snapshot
from backup.models.repositories import PLACE
from backup.models.snapshots import ENDED_AT
from backup.services import places
from core.tool import Measure


def measures() -> Iterator[Measure]:
    now = timezone.now()
    newest = (
        Snapshot.objects.filter(gone_at=None, forgotten_at=None)
        .values("repository", "source")
        .annotate(newest=Max(ENDED_AT), count=Count("pk"))
    )
    for row in newest:
        labels = {"repository": str(row["repository"]), "source": row["source"]}
        age = max(0.0, (now - row["newest"]).total_seconds())
        yield Measure(
            "suite_backup_last_success_age_seconds", "Since the newest backup of a source ended.", age, labels
        )
        yield Measure("suite_backup_snapshots", "Backups kept of a source.", row["count"], labels)
    for pk, used in Repository.objects.values_list("pk", "used"):
        yield Measure(
            "suite_backup_repository_bytes", "What the objects of a repository take.", used, {"repository": str(pk)}
        )
    living = dict(Alert.objects.filter(resolved_at=None).values_list("kind").annotate(Count("pk")))
    for kind in Alert.Kind.values:
        yield Measure("suite_backup_alerts", "What somebody must look at.", living.get(kind, 0), {"kind": kind})


def of_places() -> Iterator[Measure]:
    """Apart from the others, which are told also while nobody can be asked whether a place is there."""
    for one in places.seen():
        labels = {"place": one.choice.where.removeprefix(PLACE)}
        yield Measure("suite_backup_place_up", "1 where backups can be kept there.", float(not one.fault), labels)
