"""What the tool keeps: ordonnances and their lines, sets of cases and their runs, sealed; and lists of medicines."""

from prescriptions.models.documents import Document, Line
from prescriptions.models.evaluation import CaseSet, Run, RunCase, SetCase
from prescriptions.models.reference import Medicine, Reference

__all__ = ["CaseSet", "Document", "Line", "Medicine", "Reference", "Run", "RunCase", "SetCase"]
