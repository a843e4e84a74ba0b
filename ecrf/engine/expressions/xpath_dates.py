"""XPath's functions on dates."""

from __future__ import annotations

from ecrf.engine.expressions.xpath_arguments import Loose
from ecrf.engine.redcap.conversion import Node, convert
from ecrf.engine.redcap.logic import Tree
from ecrf.engine.redcap.logic_tokens import LogicError


def formatted(loose: Loose, moment: Tree, form: Tree) -> Tree:
    """``format-date`` where it gives the year, the month, the day, or all in one number."""
    node, kind = loose.open(moment)
    node = node if kind in ("datetime", "partial") else convert((node, kind), "date")
    year, month, day = (["*", [name, node], ["number", by]] for name, by in PLACES)
    forms: dict[str, Node] = {"%Y": ["year", node], "%n": ["month", node], "%e": ["day", node]}
    forms["%Y%m%d"] = ["+", year, month, day]
    if form[0] != "text" or form[1] not in forms:
        raise LogicError("wrong_argument", unsupported=True, name="format-date")
    return ("typed", ["text", forms[form[1]]], "text")


PLACES = (("year", "10000"), ("month", "100"), ("day", "1"))


def days(loose: Loose, moment: Tree) -> Tree:
    """``decimal-date-time``: days since 1970, and parts of days."""
    node, kind = loose.open(moment)
    kind = "datetime" if kind == "datetime" else "date"
    origin = [kind, "1970-01-01" if kind == "date" else "1970-01-01T00:00"]
    difference = ["datediff", origin, convert((node, kind), kind), ["text", "d"], ["boolean", True]]
    return ("typed", difference, "number")
