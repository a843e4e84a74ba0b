"""Static check of an expression: operators, types of arguments, variables, depth. What passes can't fail when run."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ecrf.engine import moments, numbers, patterns
from ecrf.engine.expressions.operators import (
    AGGREGATES,
    ELSEWHERE,
    LITERALS,
    MAX_DEPTH,
    MAX_NODES,
    OPERATORS,
    UNIT_SECONDS,
    Node,
    Operator,
)


@dataclass(frozen=True)
class Problem:
    """What is wrong in an expression; `params` complete the message of the code."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """What an expression may speak of, where it stands."""

    types: Mapping[str, str]
    """The type of each variable; items of a repeat are not among them, save for expressions inside its rows."""
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The choices of each variable that has some, those of rows included."""
    repeats: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Key of a repeat, or of a repeating page -> types of its items."""
    events: frozenset[str] = frozenset()
    attributes: frozenset[str] | None = None
    """What `choice` may read besides the `code`; None outside of a choice_filter."""
    outer: Mapping[str, str] | None = None
    """In a row: the types around it, which are those that other events have too."""

    def inside(self, repeat: str) -> Scope:
        """The scope of an expression in a row of this repeat."""
        outer = self.types if self.outer is None else self.outer
        return replace(self, types={**self.types, **self.repeats[repeat]}, outer=outer)


class Wrong(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        self.problem = Problem(code, params)


def check(
    node: Any, scope: Scope | Mapping[str, str], codes: Mapping[str, frozenset[str]] | None = None
) -> tuple[str | None, list[Problem]]:
    """The type of an expression and its problems, in a scope; or given each variable's type and its choices."""
    checker = Checker()
    try:
        found = checker.infer(node, scope if isinstance(scope, Scope) else Scope(scope, codes or {}), 0)
    except Wrong as wrong:
        return None, [*checker.problems, wrong.problem]
    return found, checker.problems


class Checker:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.budget = MAX_NODES

    def problem(self, code: str, **params: Any) -> None:
        self.problems.append(Problem(code, params))

    def infer(self, part: Any, scope: Scope, depth: int) -> str | None:
        self.budget -= 1
        if depth > MAX_DEPTH or self.budget < 0:
            raise Wrong("expression_too_deep")
        if not isinstance(part, list | tuple) or not part or not isinstance(part[0], str):
            raise Wrong("not_an_expression")
        head, *arguments = part
        if head == "null":
            return "null"
        if head in LITERALS and len(arguments) == 1 and not isinstance(arguments[0], list | tuple):
            return literal(head, arguments[0])
        if head in READERS:
            shape, reader = READERS[head]
            if len(arguments) != len(shape) or not all(
                isinstance(argument, str) or (kind != "name" and isinstance(argument, list | tuple))
                for kind, argument in zip(shape, arguments, strict=True)
            ):
                raise Wrong("not_an_expression")
            return reader(self, scope, depth, head, *arguments)
        operator = OPERATORS.get(head)
        if operator is None:
            raise Wrong("unknown_function", name=head[:40])
        return self.apply(head, operator, [self.infer(argument, scope, depth + 1) for argument in arguments], arguments)

    def variable(self, scope: Scope, depth: int, head: str, name: str) -> str | None:
        kind = self.kind_of(name, scope.types)
        if kind == "codes":
            self.problem("wrong_kind_of_variable", name=name)
            return None
        return kind

    def kind_of(self, name: str, types: Mapping[str, str]) -> str | None:
        if name not in types:
            self.problem("unknown_variable", name=name[:80])
            return None
        return types[name]

    def boxes(self, scope: Scope, depth: int, head: str, boxes: Any, code: str = "") -> str | None:
        """`ticked` and `count`: of boxes here, or of those of another event."""
        if isinstance(boxes, str):
            name, kind = boxes, self.kind_of(boxes, scope.types)
        elif boxes and boxes[0] in ELSEWHERE:
            kind = self.infer(boxes, scope, depth + 1)
            name = boxes[-1]
        else:
            raise Wrong("not_an_expression")
        if kind is None:
            return None
        if kind != "codes":
            self.problem("wrong_kind_of_variable", name=name)
            return None
        if head == "ticked" and code not in scope.codes.get(name, ()):
            self.problem("unknown_choice", name=name, choice=code[:80])
        return "boolean" if head == "ticked" else "number"

    def elsewhere(self, scope: Scope, depth: int, head: str, *names: str) -> str | None:
        if head == "of" and names[0] not in scope.events:
            self.problem("unknown_event", name=names[0][:80])
        return self.kind_of(names[-1], scope.types if scope.outer is None else scope.outer)

    def over(self, scope: Scope, depth: int, head: str, how: str, repeat: str, node: Any) -> str | None:
        if how not in AGGREGATES:
            raise Wrong("unknown_function", name=how[:40])
        if repeat not in scope.repeats:
            raise Wrong("unknown_repeat", name=repeat[:80])
        return self.apply(how, AGGREGATES[how], [self.infer(node, scope.inside(repeat), depth + 1)], [node])

    def rows(self, scope: Scope, depth: int, head: str, repeat: str) -> str | None:
        if repeat not in scope.repeats:
            self.problem("unknown_repeat", name=repeat[:80])
        return "number"

    def status(self, scope: Scope, depth: int, head: str, name: str) -> str | None:
        self.kind_of(name, scope.types)
        return "text"

    def choice(self, scope: Scope, depth: int, head: str, attribute: str) -> str | None:
        if scope.attributes is None:
            self.problem("choice_outside_filter")
        elif attribute != "code" and attribute not in scope.attributes:
            self.problem("unknown_attribute", name=attribute[:80])
        return "text"

    def apply(self, head: str, operator: Operator, given: Sequence[str | None], arguments: Sequence[Any]) -> str | None:
        wanted = len(operator.takes)
        if len(given) < wanted or (len(given) > wanted and not operator.many):
            raise Wrong("wrong_number_of_arguments", name=head, wanted=wanted, given=len(given))
        takes = [*operator.takes, *([operator.takes[-1]] * (len(given) - wanted) if operator.takes else [])]
        for index, (accepted, kind) in enumerate(zip(takes, given, strict=True)):
            if kind not in (None, "null") and kind not in accepted:
                self.problem("wrong_type", name=head, argument=index + 1, given=kind)
        known = {kind for kind in (given[1:] if head == "if" else given) if kind not in (None, "null")}
        if len(known) > 1 and (operator.gives == "same" or (head in COMPARISONS and known != {"date", "partial"})):
            self.problem("types_differ", name=head, types=sorted(known))
        if head in CONSTANTS:
            CONSTANTS[head](self, given, arguments)
        if operator.gives == "same":
            return known.pop() if len(known) == 1 else None if known else "null"
        return given[0] if operator.gives == "first" else operator.gives

    def datediff(self, given: Sequence[str | None], arguments: Sequence[Any]) -> None:
        unit, signed = arguments[2], arguments[3]
        if unit[0] != "text" or str(unit[1]) not in UNIT_SECONDS or signed[0] != "boolean":
            self.problem("unknown_unit")
        sides = {str(kind) for kind in given[:2]} - {"null", "None"}
        if {"time"} < sides:
            self.problem("types_differ", name="datediff", types=sorted(sides))

    def shift(self, given: Sequence[str | None], arguments: Sequence[Any]) -> None:
        unit = arguments[2]
        units = moments.SHIFTED_BY.get(str(given[0]), "dwMyhm")
        if unit[0] != "text" or unit[1] not in tuple(units):
            self.problem("unknown_shift", units=", ".join(units))

    def matches(self, given: Sequence[str | None], arguments: Sequence[Any]) -> None:
        pattern = arguments[1]
        if pattern[0] != "text" or not isinstance(pattern[1], str):
            self.problem("bad_pattern", place=1)
        elif (place := patterns.wrong(pattern[1])) is not None:
            self.problem("bad_pattern", place=place)


COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">=", "same", "distinct"})

READERS: dict[str, tuple[tuple[str, ...], Callable[..., str | None]]] = {
    "var": (("name",), Checker.variable),
    "ticked": (("boxes", "name"), Checker.boxes),
    "count": (("boxes",), Checker.boxes),
    "of": (("name", "name"), Checker.elsewhere),
    "previous": (("name",), Checker.elsewhere),
    "first": (("name",), Checker.elsewhere),
    "last": (("name",), Checker.elsewhere),
    "over": (("name", "name", "node"), Checker.over),
    "rows": (("name",), Checker.rows),
    "status": (("name",), Checker.status),
    "choice": (("name",), Checker.choice),
}

CONSTANTS: dict[str, Callable[[Checker, Sequence[str | None], Sequence[Any]], None]] = {
    "datediff": Checker.datediff,
    "shift": Checker.shift,
    "matches": Checker.matches,
}
"""Operators of which an argument must be written out."""


def literal(head: str, value: Any) -> str:
    read: dict[str, Any] = {
        "number": lambda: numbers.parse(value),
        "text": lambda: value,
        "date": lambda: moments.parse_date(value),
        "datetime": lambda: moments.parse_datetime(value),
        "time": lambda: moments.parse_time(value),
        "partial": lambda: moments.parse_partial(value),
    }
    ok = isinstance(value, bool) if head == "boolean" else isinstance(value, str) and read[head]() is not None
    if not ok:
        raise Wrong("bad_literal", value=str(value)[:80])
    return head


def references(node: Node, rows: Mapping[str, Container[str]] | None = None) -> Iterator[str]:
    """What an expression reads in its own entry, with repetition: variables, and the keys of repeats.

    Given the items of each repeat, what is read inside a row is left out: the repeat's key stands for it.
    """
    head, *arguments = node
    if head in ("var", "rows") or (head in ("ticked", "count") and isinstance(arguments[0], str)):
        yield arguments[0]
    elif head == "over":
        yield arguments[1]
        own = (rows or {}).get(arguments[1], ())
        yield from (name for name in references(arguments[2], rows) if name not in own)
    elif head not in ELSEWHERE:
        for argument in arguments:
            if isinstance(argument, list | tuple):
                yield from references(argument, rows)


def elsewhere(node: Node) -> Iterator[tuple[str, str]]:
    """What an expression reads at other events: ``(event, name)``, or `previous`, `first` or `last` for an event."""
    head, *arguments = node
    if head in ELSEWHERE:
        yield (arguments[0] if head == "of" else head), arguments[-1]
        return
    for argument in arguments:
        if isinstance(argument, list | tuple):
            yield from elsewhere(argument)
