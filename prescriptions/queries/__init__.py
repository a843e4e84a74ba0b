"""Reads that need more than a manager call: limited to what the actor may see, never more queries for more rows."""

from prescriptions.queries.batches import batches_of, items_of, unsettled_batches
from prescriptions.queries.documents import documents_of, lines_by_document, lines_of, may_look_at, steps_of, to_review
from prescriptions.queries.evaluation import case_sets, cases_of, runs
from prescriptions.queries.generations import generations
from prescriptions.queries.leaving import exportable, reconciliations_of, to_export
from prescriptions.queries.references import LOADING, edition_in_use, loading_job, may_search
from prescriptions.queries.searching import search, with_medicine

__all__ = [
    "LOADING",
    "batches_of",
    "case_sets",
    "cases_of",
    "documents_of",
    "edition_in_use",
    "exportable",
    "generations",
    "items_of",
    "lines_by_document",
    "lines_of",
    "loading_job",
    "may_look_at",
    "may_search",
    "reconciliations_of",
    "runs",
    "search",
    "steps_of",
    "to_export",
    "to_review",
    "unsettled_batches",
    "with_medicine",
]
