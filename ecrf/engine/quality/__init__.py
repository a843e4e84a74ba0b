"""Rules of data quality: the built-in ones on one record, outliers over all records, and a study's own rules."""

from ecrf.engine.quality.built_in import examine
from ecrf.engine.quality.found import Found
from ecrf.engine.quality.letters import BUILT_IN
from ecrf.engine.quality.outliers import Fences, fences
from ecrf.engine.quality.own import OwnRule
from ecrf.engine.quality.rule_text import Unusable, read_rule

__all__ = ["BUILT_IN", "Fences", "Found", "OwnRule", "Unusable", "examine", "fences", "read_rule"]
