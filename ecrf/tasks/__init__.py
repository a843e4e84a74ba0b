"""Long work of the forms."""

from ecrf.tasks.exports import export_entries
from ecrf.tasks.impact import measure_impact
from ecrf.tasks.quality import run_quality
from ecrf.tasks.queries import open_queries
from ecrf.tasks.visits import refresh_visits

__all__ = ["export_entries", "measure_impact", "open_queries", "refresh_visits", "run_quality"]
