"""Who may be allocated: a condition on the form's items, read as it is written and evaluated with the form itself."""

from __future__ import annotations

from typing import Any

from ecrf.engine.definition import Definition, load
from ecrf.engine.expressions.check import check
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.logic import parse
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields, lower
from ecrf.engine.values import EXPRESSION_TYPES

PLACE = "eligibility"
PAGE, ITEM = "eligibility__", "eligible__"
"""The page and the item that stand for the condition in an extended form."""


def read(text: str, definition: Definition) -> Any:
    """The condition as a tree. Raises Refused with what is wrong in it."""
    known = Fields(
        types={
            key: EXPRESSION_TYPES[item.kind] for key, item in definition.items.items() if item.kind in EXPRESSION_TYPES
        },
        codes={key: frozenset(item.codes) for key, item in definition.items.items() if item.codes},
        statuses=frozenset(),
    )
    try:
        node, remarks = lower(parse(text), known, "boolean")
    except LogicError as error:
        raise Refused([Fault(PLACE, error.code, error.params)]) from None
    _kind, problems = check(node, known.types, known.codes)
    wrong = [*((one.code, one.params) for one in problems), *((one.code, one.params) for one in remarks)]
    if wrong:
        raise Refused([Fault(PLACE, code, params) for code, params in wrong])
    return node


def extended(definition: Definition, condition: Any) -> Definition:
    """The same form with one hidden item more, at every event, which is 1 for who is eligible.

    Raises Refused where the form, in a later version, has no longer what the condition reads.
    """
    eligible = ["if", condition, ["text", "1"], ["text", "0"]]
    language = definition.languages[0]
    item = {"key": ITEM, "type": "text", "label": {language: ITEM}, "calc": eligible, "hidden": True}
    page = {"key": PAGE, "title": {language: PAGE}, "groups": [{"items": [item]}]}
    events = [{**event, "pages": [*event["pages"], PAGE]} for event in definition.data.get("events", ())]
    more = {"events": events} if events else {}
    return load({**definition.data, **more, "pages": [*definition.data["pages"], page]})
