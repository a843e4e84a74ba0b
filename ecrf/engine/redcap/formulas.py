"""Branching logic, calculations, defaults and limits of all fields, once their types are known."""

from __future__ import annotations

from collections.abc import Sequence

from ecrf.engine.expressions.check import Scope, check
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.fields import Field
from ecrf.engine.redcap.logic import LogicError, parse
from ecrf.engine.redcap.lowering import Fields, lower
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
                node, remarks = lower(parse(text), known, wanted)
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
