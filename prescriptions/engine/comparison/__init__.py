"""Reconciliation: what two ordonnances have in common, what changed, what was added, stopped or switched."""

from prescriptions.engine.comparison.compare import compare
from prescriptions.engine.comparison.values import Change, Comparison, Difference, Duplicate, Item, Stopped

__all__ = ["Change", "Comparison", "Difference", "Duplicate", "Item", "Stopped", "compare"]
