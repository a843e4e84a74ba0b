"""The form engine: definitions, the expression language, evaluation. Plain Python, usable as a library.

definition = engine.load(json_data)
state = engine.evaluate(definition, {"weight": "80", "height": "160"}, engine.Context(now))
"""

from ecrf.engine import moments
from ecrf.engine.definition import Definition, canonical, load, remember
from ecrf.engine.evaluation import WAIVED, evaluate
from ecrf.engine.faults import Fault, Finding, Refused
from ecrf.engine.items import Event, Item, Page
from ecrf.engine.state import Context, Evaluated, Note, PageState, Sheet

__all__ = [
    "WAIVED",
    "Context",
    "Definition",
    "Evaluated",
    "Event",
    "Fault",
    "Finding",
    "Item",
    "Note",
    "Page",
    "PageState",
    "Refused",
    "Sheet",
    "canonical",
    "evaluate",
    "load",
    "moments",
    "remember",
]
