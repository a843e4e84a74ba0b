"""The use cases that change something: the one door for pages, API, jobs and commands."""

from prescriptions.services.documents import (
    delete_document,
    reopen_document,
    restore_document,
    structure_only,
    structure_text,
    validate_document,
)
from prescriptions.services.evaluation import add_own_set, add_set, delete_set, start_run
from prescriptions.services.exports import start_export
from prescriptions.services.lines import correct_line, settle_line
from prescriptions.services.references import load_reference

__all__ = [
    "add_own_set",
    "add_set",
    "correct_line",
    "delete_document",
    "delete_set",
    "load_reference",
    "reopen_document",
    "restore_document",
    "settle_line",
    "start_export",
    "start_run",
    "structure_only",
    "structure_text",
    "validate_document",
]
