"""What the tool keeps: ordonnances and their lines, sets of cases and their runs, sealed; and lists of medicines."""

from prescriptions.models.batches import Batch, Item
from prescriptions.models.documents import Document, Line
from prescriptions.models.evaluation import CaseSet, Run, RunCase, SetCase
from prescriptions.models.generations import Generation, Part
from prescriptions.models.reconciliation import Reconciliation
from prescriptions.models.reference import Medicine, Reference
from prescriptions.models.reviews import Clearance, Rules, Step

__all__ = [
    "Batch",
    "CaseSet",
    "Clearance",
    "Document",
    "Generation",
    "Item",
    "Line",
    "Medicine",
    "Part",
    "Reconciliation",
    "Reference",
    "Rules",
    "Run",
    "RunCase",
    "SetCase",
    "Step",
]
