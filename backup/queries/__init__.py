"""What people see of backups: never more than counts, ages and digests."""

from backup.queries.agents import Due, agents, begun, runs, to_do
from backup.queries.allowances import allowances
from backup.queries.outcomes import Outcome, State, bounds, outcomes
from backup.queries.plans import (
    Watched,
    every_plan,
    openings,
    plans,
    repositories,
    repository_names,
    search,
    snapshots,
    watch,
    watch_each,
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
from backup.queries.series import Forecast, Step, first_day, forecast, steps
from backup.queries.sources import LOOKS, Source, alerts, all_alerts, counted, newest, sources, told_of

__all__ = [
    "LOOKS",
    "Due",
    "Forecast",
    "Outcome",
    "Source",
    "State",
    "Step",
    "Watched",
    "agents",
    "alerts",
    "all_alerts",
    "allowances",
    "begun",
    "bounds",
    "counted",
    "dropped",
    "every_plan",
    "file_requests",
    "first_day",
    "forecast",
    "newest",
    "openings",
    "outcomes",
    "plans",
    "repositories",
    "repository_names",
    "request_of",
    "request_state",
    "runs",
    "search",
    "sends",
    "sent",
    "snapshots",
    "sources",
    "state_for_others",
    "steps",
    "to_do",
    "told_of",
    "watch",
    "watch_each",
    "watched",
]
