"""Bring two people's work on the same entry together, field by field."""

from ecrf.engine.merging.fields import Clash, Given, Merged, merge, same
from ecrf.engine.merging.rows import merge_rows

__all__ = ["Clash", "Given", "Merged", "merge", "merge_rows", "same"]
