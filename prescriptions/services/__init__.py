"""The use cases that change something: the one door for pages, API, jobs and commands."""

from prescriptions.services.documents import (
    delete_document,
    reopen_document,
    restore_document,
    structure_only,
    structure_text,
    validate_document,
)
from prescriptions.services.exchange import export_documents, start_dataset
from prescriptions.services.exports import start_export
from prescriptions.services.lines import correct_line, settle_line
from prescriptions.services.plans import make_plan, print_plan
from prescriptions.services.reconciliations import compare_documents, keep_reconciliation
from prescriptions.services.references import load_reference

__all__ = [
    "compare_documents",
    "correct_line",
    "delete_document",
    "export_documents",
    "keep_reconciliation",
    "load_reference",
    "make_plan",
    "print_plan",
    "reopen_document",
    "restore_document",
    "settle_line",
    "start_dataset",
    "start_export",
    "structure_only",
    "structure_text",
    "validate_document",
]
