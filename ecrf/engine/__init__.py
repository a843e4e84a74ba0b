"""The form engine: definitions, the expression language, evaluation. Plain Python, usable as a library.

definition = engine.load(json_data)
state = engine.evaluate(definition, {"weight": "80", "height": "160"}, engine.Context(now))
"""

from ecrf.engine.definition import Definition, canonical, load
from ecrf.engine.evaluation import Context, Evaluated, PageState, evaluate
from ecrf.engine.faults import Fault, Finding, Refused
from ecrf.engine.items import Item

__all__ = [
    "Context",
    "Definition",
    "Evaluated",
    "Fault",
    "Finding",
    "Item",
    "PageState",
    "Refused",
    "canonical",
    "evaluate",
    "load",
]
