"""The use cases that change something: the one door for pages, API, jobs and commands."""

from prescriptions.services.adjudication import adjudicate
from prescriptions.services.analyses import analyse_files, analyse_only, structure_text
from prescriptions.services.batches import add_files, drop_failed, read_batch, retry_failed, start_batch
from prescriptions.services.documents import (
    assign_documents,
    delete_document,
    reopen_document,
    restore_document,
    structure_only,
)
from prescriptions.services.double import begin_reading, set_rules, validate_document
from prescriptions.services.evaluation import add_own_set, add_pages, add_set, delete_set, start_run
from prescriptions.services.exchange import export_documents, start_dataset
from prescriptions.services.exports import start_export
from prescriptions.services.gold import clear_line, start_gold
from prescriptions.services.history import redo, undo
from prescriptions.services.lines import choose_product, correct_line, settle_line
from prescriptions.services.opinions import take_opinion
from prescriptions.services.parts import add_line, merge_line, split_line
from prescriptions.services.plans import make_plan, print_plan
from prescriptions.services.reconciliations import compare_documents, keep_reconciliation
from prescriptions.services.references import keep_concepts, keep_reference, load_reference, use_reference
from prescriptions.services.synthetic import Wanted, delete_generation, start_generation, use_generation

__all__ = [
    "Wanted",
    "add_files",
    "add_line",
    "add_own_set",
    "add_pages",
    "add_set",
    "adjudicate",
    "analyse_files",
    "analyse_only",
    "assign_documents",
    "begin_reading",
    "choose_product",
    "clear_line",
    "compare_documents",
    "correct_line",
    "delete_document",
    "delete_generation",
    "delete_set",
    "drop_failed",
    "export_documents",
    "keep_concepts",
    "keep_reconciliation",
    "keep_reference",
    "load_reference",
    "make_plan",
    "merge_line",
    "print_plan",
    "read_batch",
    "redo",
    "reopen_document",
    "restore_document",
    "retry_failed",
    "set_rules",
    "settle_line",
    "split_line",
    "start_batch",
    "start_dataset",
    "start_export",
    "start_generation",
    "start_gold",
    "start_run",
    "structure_only",
    "structure_text",
    "take_opinion",
    "undo",
    "use_generation",
    "use_reference",
    "validate_document",
]
