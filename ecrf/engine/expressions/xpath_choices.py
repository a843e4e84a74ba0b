"""XPath's functions on choices."""

from __future__ import annotations

from ecrf.engine.expressions.xpath_arguments import Loose
from ecrf.engine.redcap.logic import Tree
from ecrf.engine.redcap.logic_tokens import LogicError


def selected(loose: Loose, field: Tree, code: Tree) -> Tree:
    if loose.is_boxes(field):
        if code[0] not in ("text", "number"):
            raise LogicError("wrong_argument", unsupported=True, name="selected")
        return ("field", field[1], code[1].strip())
    return ("binary", "=", field, code)


def count_selected(loose: Loose, field: Tree) -> Tree:
    if loose.is_boxes(field):
        return ("typed", ["count", field[1]], "number")
    node, _ = loose.open(field)
    return ("typed", ["if", ["same", node, ["null"]], ["number", "0"], ["number", "1"]], "number")
