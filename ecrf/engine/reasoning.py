"""Whether a condition can hold at all, told from the condition alone and from what its variables may be.

What isn't understood is taken as possible: a "no" is certain, a "yes" may be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from ecrf.engine.expressions.operators import ELSEWHERE, LITERALS, OPERATORS, Node
from ecrf.engine.expressions.reading import references
from ecrf.engine.expressions.run import Environment, compile_expression
from ecrf.engine.ranges import Range

AROUND = ELSEWHERE | {"over", "rows", "status", "choice", "count"}
AROUND |= {head for head, operator in OPERATORS.items() if not operator.takes}
"""What reads something else than the variables of the entry."""

BUDGET = 3000
DEPTH = 150
TRUE, FALSE, NOT_TRUE, NOT_FALSE = (frozenset(part) for part in ([True], [False], [False, None], [True, None]))
"""What a condition is to be; None is unknown."""
TURNED = {TRUE: FALSE, FALSE: TRUE, NOT_TRUE: NOT_FALSE, NOT_FALSE: NOT_TRUE}
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
NOWHERE = datetime(2000, 1, 1)  # noqa: DTZ001  (what reads the clock is not run here)

Goal = tuple[frozenset[bool | None], Node]


@dataclass
class Reasoning:
    """`ranges` says what each variable may be; one that is not named may be anything."""

    ranges: Mapping[str, Range] = field(default_factory=dict)
    budget: int = BUDGET

    def can(self, *goals: Goal) -> bool:
        """Whether all of this may be so at once."""
        self.budget = BUDGET
        return self.search(list(goals), dict(self.ranges), {}, 0)

    def search(
        self, goals: list[Goal], ranges: dict[str, Range], boxes: dict[tuple[str, str], bool], depth: int
    ) -> bool:
        while goals:
            self.budget -= 1
            if self.budget < 0 or depth > DEPTH:
                return True
            wanted, node = goals.pop()
            head, *parts = node
            if head == "not":
                goals.append((TURNED[wanted], parts[0]))
            elif head in ("and", "or"):
                inside = [(wanted, part) for part in parts]
                if (head == "and") is (wanted in (TRUE, NOT_FALSE)):
                    goals += inside
                else:
                    return any(self.search([*goals, goal], dict(ranges), dict(boxes), depth + 1) for goal in inside)
            elif head == "if":
                ways = [[(TRUE, parts[0]), (wanted, parts[1])], [(NOT_TRUE, parts[0]), (wanted, parts[2])]]
                return any(self.search([*goals, *way], dict(ranges), dict(boxes), depth + 1) for way in ways)
            elif not refined(wanted, node, ranges, boxes):
                return False
        return True


def refined(
    wanted: frozenset[bool | None], node: Node, ranges: dict[str, Range], boxes: dict[tuple[str, str], bool]
) -> bool:
    """Note what one comparison says of a variable; false where that can't be."""
    head, *parts = node
    if head == "ticked" and isinstance(parts[0], str):
        return boxes.setdefault((parts[0], parts[1]), True in wanted) is (True in wanted)
    if reads_around(node):
        return True
    names = set(references(node))
    if not names:
        return value_of(node) in wanted
    if len(names) > 1:
        return True
    (name,) = names
    range_ = ranges.get(name, Range())
    if range_.only is not None:
        found = {
            value
            for value in range_.only - range_.never
            if range_.holds(value) and value_of(node, name, value) in wanted
        }
        null = range_.null and value_of(node, name, None) in wanted
        ranges[name] = replace(range_, only=frozenset(found), null=null)
    else:
        narrowed = compared(wanted, node, range_)
        if narrowed is None:
            return True
        ranges[name] = narrowed
    return ranges[name].possible


def compared(wanted: frozenset[bool | None], node: Node, range_: Range) -> Range | None:
    """The range of the one variable of a comparison, where that is what it is."""
    head, *parts = node
    null = None in wanted
    if head not in ("=", "<>", "same", "distinct", "<", "<=", ">", ">="):
        return None
    if parts[0] == parts[1] and parts[0][0] == "var":
        return itself(wanted, head, range_)
    if parts[1][0] == "var":
        head, parts = MIRRORED.get(head, head), [parts[1], parts[0]]
    if parts[0][0] != "var":
        return None
    if parts[1][0] == "null":
        if head not in ("same", "distinct"):
            return None if null else replace(range_, null=False, only=frozenset())
        return range_.among((), null=True) if (head == "same") is (True in wanted) else replace(range_, null=False)
    if parts[1][0] not in LITERALS - {"partial", "boolean"} or isinstance(parts[1][1], list | tuple):
        return None
    literal = value_of(parts[1])
    holds = wanted in (TRUE, NOT_FALSE)
    if head in ("same", "distinct"):
        equal = (head == "same") is (True in wanted)
        return range_.among([literal], null=False) if equal else replace(range_, never=range_.never | {literal})
    range_ = replace(range_, null=range_.null and null)
    if head in ("=", "<>"):
        if (head == "=") is holds:
            return range_.among([literal], null=True)
        return replace(range_, never=range_.never | {literal})
    opposite = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}
    return range_.limited(head if holds else opposite[head], literal)


def itself(wanted: frozenset[bool | None], head: str, range_: Range) -> Range:
    """A variable compared with itself: what it gives depends on null alone."""
    equal = head in ("=", "<=", ">=", "same")
    if head in ("same", "distinct"):
        return range_ if equal in wanted else replace(range_, null=False, only=frozenset())
    if equal in wanted:
        return range_ if None in wanted else replace(range_, null=False)
    return replace(range_, only=frozenset(), null=range_.null and None in wanted)


def reads_around(node: Node) -> bool:
    head, *parts = node
    return head in AROUND or any(reads_around(part) for part in parts if isinstance(part, list | tuple))


def value_of(node: Node, name: str = "", value: Any = None) -> Any:
    """What an expression gives that reads at most one variable."""
    return compile_expression(node)(Environment({name: value}, date(2000, 1, 1), NOWHERE))


def emptied(node: Node, names: frozenset[str], nowhere: frozenset[Node]) -> Node:
    """The expression with null for variables that have no value, and for what is read where it isn't asked."""
    head, *parts = node
    if (head in ELSEWHERE and tuple(node) in nowhere) or (head == "var" and parts[0] in names):
        return ["null"]
    if head == "ticked" and (parts[0] in names if isinstance(parts[0], str) else tuple(parts[0]) in nowhere):
        return ["boolean", False]
    if head == "count" and (parts[0] in names if isinstance(parts[0], str) else tuple(parts[0]) in nowhere):
        return ["number", "0"]
    return [head, *(emptied(part, names, nowhere) if isinstance(part, list | tuple) else part for part in parts)]


def can_have_value(node: Node, reasoning: Reasoning, *path: Goal) -> bool:
    """Whether an expression may be anything else than null, where all of `path` holds."""
    head, *parts = node
    if head == "null":
        return False
    if head == "if":
        condition, then, otherwise = parts
        return any(
            can_have_value(way, reasoning, *path, goal) and reasoning.can(*path, goal)
            for goal, way in (((TRUE, condition), then), ((NOT_TRUE, condition), otherwise))
        )
    if head == "over":
        return parts[0] in ("any", "all", "count") or can_have_value(parts[2], reasoning, *path)
    if head in ("same", "distinct", "and", "or") or not parts or not isinstance(parts[0], list | tuple):
        return True
    able = (can_have_value(part, reasoning, *path) for part in parts if isinstance(part, list | tuple))
    nulls = OPERATORS[head].nulls if head in OPERATORS else "own"
    return all(able) if nulls == "spread" else any(able)
