"""How good a reader is: worked cases against what it reads, by meaning, field by field, with how sure it was.

Cases come as JSON lines, `{"id", "type", "category", "text", "scoring", "expected"}`; a `Reader` is anything that makes
a `Reading` of a case; `judge` compares one case, `report` sums up a set, `comparison` sets two runs side by side.
"""
