"""Long work of the forms."""

from ecrf.tasks.exports import export_entries
from ecrf.tasks.impact import measure_impact
from ecrf.tasks.printing import print_casebook
from ecrf.tasks.quality import run_quality
from ecrf.tasks.queries import open_queries

__all__ = ["export_entries", "measure_impact", "open_queries", "print_casebook", "run_quality"]
