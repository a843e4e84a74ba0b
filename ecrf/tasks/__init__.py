"""Long work of the forms."""

from ecrf.tasks.export_files import export_again, make_export
from ecrf.tasks.exports import export_entries
from ecrf.tasks.impact import measure_impact
from ecrf.tasks.imports import check_import, save_import, undo_import
from ecrf.tasks.quality import run_quality
from ecrf.tasks.queries import open_queries
from ecrf.tasks.visits import refresh_visits

__all__ = [
    "check_import",
    "export_entries",
    "measure_impact",
    "open_queries",
    "run_quality",
    "save_import",
    "undo_import",
]
from ecrf.tasks.printing import print_casebook

__all__ = ["export_entries", "measure_impact", "open_queries", "print_casebook", "run_quality"]
__all__ = ["export_entries", "measure_impact", "open_queries", "refresh_visits", "run_quality"]
__all__ = ["export_again", "export_entries", "make_export", "measure_impact", "open_queries", "run_quality"]
