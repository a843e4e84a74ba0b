"""Static check of an expression: operators, types of arguments, variables, depth. What passes can't fail when run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.operators import LITERALS, MAX_DEPTH, MAX_NODES, OPERATORS, UNIT_SECONDS, Node


@dataclass(frozen=True)
class Problem:
    """What is wrong in an expression; `params` complete the message of the code."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Wrong(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        self.problem = Problem(code, params)


def check(node: Any, types: Mapping[str, str], codes: Mapping[str, frozenset[str]]) -> tuple[str | None, list[Problem]]:
    """The type of an expression and its problems, given each variable's type and the choices it has."""
    problems: list[Problem] = []
    budget = [MAX_NODES]

    def infer(part: Any, depth: int) -> str | None:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise Wrong("expression_too_deep")
        if not isinstance(part, list | tuple) or not part or not isinstance(part[0], str):
            raise Wrong("not_an_expression")
        head, *arguments = part
        if head == "null":
            return "null"
        if head in LITERALS and len(arguments) == 1 and not isinstance(arguments[0], list | tuple):
            return literal(head, arguments[0])
        if head in ("var", "ticked", "count"):
            return variable(head, arguments)
        operator = OPERATORS.get(head)
        if operator is None:
            raise Wrong("unknown_function", name=head[:40])
        return apply(head, operator, [infer(argument, depth + 1) for argument in arguments], arguments)

    def variable(head: str, arguments: list[Any]) -> str | None:
        name = str(arguments[0]) if arguments else ""
        if not all(isinstance(argument, str) for argument in arguments) or len(arguments) != (
            2 if head == "ticked" else 1
        ):
            raise Wrong("not_an_expression")
        if name not in types:
            problems.append(Problem("unknown_variable", {"name": name[:80]}))
            return None
        if (head == "var") == (types[name] == "codes"):
            problems.append(Problem("wrong_kind_of_variable", {"name": name}))
            return None
        if head == "ticked" and arguments[1] not in codes[name]:
            problems.append(Problem("unknown_choice", {"name": name, "choice": arguments[1][:80]}))
        return {"var": types[name], "ticked": "boolean", "count": "number"}[head]

    def apply(head: str, operator: Any, given: list[str | None], arguments: list[Any]) -> str | None:
        wanted = len(operator.takes)
        if len(given) < wanted or (len(given) > wanted and not operator.many):
            raise Wrong("wrong_number_of_arguments", name=head, wanted=wanted, given=len(given))
        takes = [*operator.takes, *([operator.takes[-1]] * (len(given) - wanted) if operator.takes else [])]
        for index, (accepted, kind) in enumerate(zip(takes, given, strict=True)):
            if kind not in (None, "null") and kind not in accepted:
                problems.append(Problem("wrong_type", {"name": head, "argument": index + 1, "given": kind}))
        known = {kind for kind in (given[1:] if head == "if" else given) if kind not in (None, "null")}
        if len(known) > 1 and (operator.gives == "same" or head in COMPARISONS):
            problems.append(Problem("types_differ", {"name": head, "types": sorted(known)}))
        if head == "datediff":
            unit, signed = arguments[2], arguments[3]
            if unit[0] != "text" or unit[1] not in UNIT_SECONDS or signed[0] != "boolean":
                problems.append(Problem("unknown_unit"))
            sides = {str(kind) for kind in given[:2]} - {"null", "None"}
            if {"time"} < sides:
                problems.append(Problem("types_differ", {"name": head, "types": sorted(sides)}))
        if operator.gives == "same":
            return known.pop() if len(known) == 1 else None if known else "null"
        return str(operator.gives)

    try:
        found = infer(node, 0)
    except Wrong as wrong:
        return None, [*problems, wrong.problem]
    return found, problems


COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">=", "same", "distinct"})


def literal(head: str, value: Any) -> str:
    read: dict[str, Any] = {
        "number": lambda: numbers.parse(value),
        "text": lambda: value,
        "date": lambda: moments.parse_date(value),
        "datetime": lambda: moments.parse_datetime(value),
        "time": lambda: moments.parse_time(value),
    }
    ok = isinstance(value, bool) if head == "boolean" else isinstance(value, str) and read[head]() is not None
    if not ok:
        raise Wrong("bad_literal", value=str(value)[:80])
    return head


def references(node: Node) -> Iterator[str]:
    """The variables that an expression reads, with repetition."""
    head, *arguments = node
    if head in ("var", "ticked", "count"):
        yield arguments[0]
        return
    for argument in arguments:
        if isinstance(argument, list | tuple):
            yield from references(argument)
