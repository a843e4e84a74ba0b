"""What the tool keeps: ordonnances with their lines, and reconciliations, sealed; and lists of medicines."""

from prescriptions.models.batches import Batch, Item
from prescriptions.models.documents import Document, Line
from prescriptions.models.reconciliation import Reconciliation
from prescriptions.models.reference import Medicine, Reference
from prescriptions.models.reviews import Clearance, Rules, Step

__all__ = [
    "Batch",
    "Clearance",
    "Document",
    "Item",
    "Line",
    "Medicine",
    "Reconciliation",
    "Reference",
    "Rules",
    "Step",
]
