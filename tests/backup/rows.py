"""Rows of backups as the watch would have found them, for tests of what pages and resources make of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backup.models import Repository, Snapshot

USUAL = {
    "files": 1000,
    "bytes": 1 << 30,
    "added": 1 << 20,
    "fresh": 1 << 21,
    "dense": 1 << 18,
    "changed": 10,
    "unread": 0,
}


def snapshot(
    repository: Repository, source: str = "laptop", days: float = 0, at: datetime | None = None, **facts: Any
) -> Snapshot:
    """One so many days ago, or at a moment."""
    moment = at or timezone.now() - timedelta(days=days)
    number = Snapshot.objects.count() + 1000
    values: dict[str, Any] = {
        "source": source,
        "host": f"{source}-host",
        "writer": "ff" * 16,
        "sequence": number,
        "snapshot_id": f"{number:064x}",
        "manifest": "",
        "datasets": 0,
        "store_differs": False,
        "started_at": moment,
        "finished_at": moment,
        **USUAL,
    }
    return Snapshot.objects.create(project=repository.project, repository=repository, **(values | facts))
