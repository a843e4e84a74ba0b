"""Numbers on how a study goes, from what stands in clear: subjects, visits, counts of pages, queries, saves.

No value is opened. Each report counts what its reader may see: all sites, or his own.
"""

from ecrf.reporting.reports import REPORTS, Report, report, reports

__all__ = ["REPORTS", "Report", "report", "reports"]
