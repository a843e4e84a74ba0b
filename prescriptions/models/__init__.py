"""What the tool keeps: ordonnances with their lines, and reconciliations, sealed; and lists of medicines."""

from prescriptions.models.documents import Document, Line
from prescriptions.models.reconciliation import Reconciliation
from prescriptions.models.reference import Medicine, Reference

__all__ = ["Document", "Line", "Medicine", "Reconciliation", "Reference"]
