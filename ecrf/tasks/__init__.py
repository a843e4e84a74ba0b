"""Long work of the forms."""

from ecrf.tasks.export_files import export_again, make_export
from ecrf.tasks.exports import export_entries
from ecrf.tasks.impact import measure_impact
from ecrf.tasks.quality import run_quality
from ecrf.tasks.queries import open_queries

__all__ = ["export_again", "export_entries", "make_export", "measure_impact", "open_queries", "run_quality"]
