"""The use cases that change something: the one door for pages, API, jobs and commands."""

from prescriptions.services.documents import (
    delete_document,
    reopen_document,
    restore_document,
    structure_only,
    structure_text,
    validate_document,
)
from prescriptions.services.exports import start_export
from prescriptions.services.lines import correct_line, settle_line
from prescriptions.services.references import keep_concepts, keep_reference, load_reference, use_reference

__all__ = [
    "correct_line",
    "delete_document",
    "keep_concepts",
    "keep_reference",
    "load_reference",
    "reopen_document",
    "restore_document",
    "settle_line",
    "start_export",
    "structure_only",
    "structure_text",
    "use_reference",
    "validate_document",
]
