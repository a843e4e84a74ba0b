"""REDCap as a source: data dictionaries, branching logic and exported records."""

from ecrf.engine.redcap.dictionary import from_redcap
from ecrf.engine.redcap.records import read_record
from ecrf.engine.redcap.writing import write_dictionary

__all__ = ["from_redcap", "read_record", "write_dictionary"]
