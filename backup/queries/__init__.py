"""What people see of backups: never more than counts, ages and digests."""

from backup.queries.plans import (
    Watched,
    every_plan,
    plans,
    repositories,
    restores,
    search,
    snapshots,
    watch,
    watched,
)
from backup.queries.sources import Source, alerts, sources

__all__ = [
    "Source",
    "Watched",
    "alerts",
    "every_plan",
    "plans",
    "repositories",
    "restores",
    "search",
    "snapshots",
    "sources",
    "watch",
    "watched",
]
