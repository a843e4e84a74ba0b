"""What people see of backups: never more than counts, ages and digests."""

from backup.queries.agents import Due, agents, begun, runs, to_do
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
    "Due",
    "Source",
    "Watched",
    "agents",
    "alerts",
    "begun",
    "every_plan",
    "plans",
    "repositories",
    "restores",
    "runs",
    "search",
    "snapshots",
    "sources",
    "to_do",
    "watch",
    "watched",
]
