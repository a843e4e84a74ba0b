"""What the tool keeps: ordonnances and their lines, sealed; and the lists of medicines that they are read with."""

from prescriptions.models.batches import Batch, Item
from prescriptions.models.documents import Document, Line
from prescriptions.models.reference import Medicine, Reference
from prescriptions.models.reviews import Clearance, Rules, Step

__all__ = ["Batch", "Clearance", "Document", "Item", "Line", "Medicine", "Reference", "Rules", "Step"]
