"""The text of a study's own rule, read."""

from __future__ import annotations

from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.expressions import check, references
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.logic import parse
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields, lower
from ecrf.engine.values import EXPRESSION_TYPES


class Unusable(Exception):
    """The text is no rule of this form."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(", ".join(fault.code for fault in faults))


def read_rule(definition: Definition, text: str, item: str = "") -> tuple[list[Any], str]:
    """The expression of a rule, and the item that it is about: the one named, else the first that it reads.

    Raises Unusable with every fault of it.
    """
    kinds = {key: EXPRESSION_TYPES[one.kind] for key, one in definition.items.items() if one.kind in EXPRESSION_TYPES}
    codes = {key: frozenset(one.codes) for key, one in definition.items.items() if one.codes}
    try:
        tree, _remarks = lower(parse(text), Fields(kinds, codes), "boolean")
    except LogicError as error:
        raise Unusable([Fault("text", error.code, error.params)]) from None
    _type, problems = check(tree, kinds, codes)
    if problems:
        raise Unusable([Fault("text", problem.code, problem.params) for problem in problems])
    about = item or next(iter(references(tree)), "")
    if about not in definition.items:
        raise Unusable(
            [Fault("item", "unknown_variable", {"name": about}) if item else Fault("text", "rule_of_no_item")]
        )
    if definition.items[about].kind == "output":
        raise Unusable([Fault("item", "holds_no_value", {})])
    return tree, about
