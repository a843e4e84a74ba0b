"""The language of forms: small, typed and total. No loop, no input or output; it always ends, in a value or null.

An expression is a JSON tree, ``[operator, argument, …]``; it is never text once a form is imported. Null is "unknown",
and logic on it has three values: ``unknown or true`` is true, ``unknown and true`` is unknown. A condition holds only
when it is true.
"""

from ecrf.engine.expressions.check import Problem, Scope, check, elsewhere, references
from ecrf.engine.expressions.run import Environment, compile_expression
from ecrf.engine.expressions.text import write

__all__ = ["Environment", "Problem", "Scope", "check", "compile_expression", "elsewhere", "references", "write"]
