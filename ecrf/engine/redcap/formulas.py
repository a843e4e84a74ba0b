"""Branching logic, calculations, defaults and limits of all fields, once their types are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecrf.engine.expressions import Scope, check
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.fields import Field
from ecrf.engine.redcap.logic import Tree, parse
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields, Remark, lower
from ecrf.engine.values import EXPRESSION_TYPES


def convert_logic(
    fields: Sequence[Field], events: frozenset[str] = frozenset(), order: tuple[str, ...] = ()
) -> tuple[list[Fault], list[Fault]]:
    """Write each field's formulas into its item. Faults for what is wrong, warnings for what REDCap alone can do."""
    known = Fields(
        types={
            field.key: EXPRESSION_TYPES[field.item["type"]]
            for field in fields
            if field.item["type"] in EXPRESSION_TYPES
        },
        codes={
            field.key: frozenset(choice["code"] for choice in field.item["choices"])
            for field in fields
            if "choices" in field.item
        },
        statuses=frozenset(f"{field.row['form'].lower()}_complete" for field in fields),
        events=events,
        order=order,
    )
    scope = Scope(known.types, known.codes, events=events)
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for field in fields:
        for name, column, text in field.formulas:
            try:
                wanted = "boolean" if name == "visible_if" else EXPRESSION_TYPES.get(field.item["type"], "text")
                node, remarks = moved(parse(text), known) or lower(parse(text), known, wanted)
            except LogicError as error:
                if not error.unsupported:
                    faults.append(field.row.fault(column, error.code, **error.params))
                    continue
                warnings.append(field.row.fault(column, error.code, **error.params))
                field.keep({"visible_if": "branching"}.get(name, name), text)
                if name == "calc":  # without its formula the field can't be computed, and nobody should type into it
                    field.item["readonly"] = True
                continue
            _, problems = check(node, scope)
            faults += [field.row.fault(column, problem.code, **problem.params) for problem in problems]
            warnings += [field.row.fault(column, remark.code, **remark.params) for remark in remarks]
            field.item[name] = node
    return faults, warnings


SHIFTS = frozenset("yMdhm")


def moved(tree: Tree, known: Fields) -> tuple[Any, list[Remark]] | None:
    """REDCap's ``@CALCDATE(moment, how many, unit)``, read as a call: a moment so much later or earlier."""
    if tree[:2] != ("call", "calcdate"):
        return None
    if len(tree[2]) != 3:
        raise LogicError("wrong_number_of_arguments", name="@CALCDATE", given=len(tree[2]))
    moment, many, unit = tree[2]
    if unit[0] != "text" or unit[1] not in SHIFTS:
        raise LogicError("unknown_unit", unsupported=True)
    kind = known.types.get(moment[1], "date") if moment[0] == "field" else "date"
    start, remarks = lower(moment, known, kind if kind in ("date", "datetime") else "date")
    number, more = lower(many, known, "number")
    return ["shift", start, number, ["text", unit[1]]], [*remarks, *more]
