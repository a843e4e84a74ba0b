"""What the tool keeps: ordonnances and their lines, sealed; and the lists of medicines that they are read with."""

from prescriptions.models.documents import Document, Line
from prescriptions.models.reference import Medicine, Reference

__all__ = ["Document", "Line", "Medicine", "Reference"]
