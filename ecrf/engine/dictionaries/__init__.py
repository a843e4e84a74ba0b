"""Dictionaries that free text is coded with, read from the files that their keepers give out."""

from ecrf.engine.dictionaries.formats import FORMATS, MAX_BYTES, Loaded, read
from ecrf.engine.dictionaries.terms import Term, normalised

__all__ = ["FORMATS", "MAX_BYTES", "Loaded", "Term", "normalised", "read"]
