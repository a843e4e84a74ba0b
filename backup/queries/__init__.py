"""What people see of backups: never more than counts, ages and digests."""

from backup.queries.agents import Due, agents, begun, runs, to_do
from backup.queries.plans import (
    Watched,
    every_plan,
    openings,
    plans,
    repositories,
    search,
    snapshots,
    watch,
    watched,
)
from backup.queries.sends import (
    dropped,
    file_requests,
    request_of,
    request_state,
    sends,
    sent,
    state_for_others,
)
from backup.queries.sources import Source, alerts, sources

__all__ = [
    "Due",
    "Source",
    "Watched",
    "agents",
    "alerts",
    "begun",
    "dropped",
    "every_plan",
    "file_requests",
    "openings",
    "plans",
    "repositories",
    "request_of",
    "request_state",
    "runs",
    "search",
    "sends",
    "sent",
    "snapshots",
    "sources",
    "state_for_others",
    "to_do",
    "watch",
    "watched",
]
