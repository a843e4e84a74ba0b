"""Calls in a script: functions of its own, helpers of Goupile and of JavaScript."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecrf.engine import moments
from ecrf.engine.exchange.goupile import logic
from ecrf.engine.exchange.goupile.values import (
    UNDEFINED,
    Arr,
    Ast,
    Const,
    Counted,
    Env,
    Found,
    Func,
    Markup,
    Obj,
    Path,
    Tree,
    Unsupported,
    js_text,
)
from ecrf.engine.expressions.operators import OPERATORS

if TYPE_CHECKING:
    from ecrf.engine.exchange.goupile.evaluator import Evaluator

NULL = logic.NULL
PLAIN = re.compile(
    r"\^(?:[^\\()|*+?{}]|\\[dswDSW.\-/]|\[[^\]]*\]|\{\d+(?:,\d+)?\}|[+?]|\((?:[A-Za-z0-9|_-]|\[[^\]]*\])*\))*\$"
)
"""Patterns that mean the same in both worlds and end quickly: no star in a star."""


def call(self: Evaluator, node: Ast, env: Env) -> Any:
    callee = node["callee"]
    if callee["type"] == "MemberExpression":
        owner = self.value(callee["object"], env)
        name = self.property(callee, env)
        if isinstance(owner, Path):
            return of_path(self, owner / name, node, env)
        if not isinstance(owner, Obj) or "pattern" in owner.items:
            return method(self, owner, name, node, env)
        what = self.member(owner, name, callee)
    else:
        what = self.value(callee, env)
    if isinstance(what, Path):
        return of_path(self, what, node, env)
    if isinstance(what, Func):
        return self.run(what, arguments(self, node, env), node)  # type: ignore[attr-defined]
    raise Unsupported(node, "call")


def arguments(self: Evaluator, node: Ast, env: Env) -> list[Any]:
    given: list[Any] = []
    for one in node["arguments"]:
        if one["type"] == "SpreadElement":
            spread = self.value(one["argument"], env)
            if not isinstance(spread, Arr):
                raise Unsupported(node, "construct")
            given += spread.items
        else:
            given.append(self.value(one, env))
    return given


def of_path(self: Evaluator, path: Path, node: Ast, env: Env) -> Any:
    head = path.parts[0]
    if head in ("form", "app", "meta"):
        return self.said(path.parts[1:], node, env, head)  # type: ignore[attr-defined]
    if (head == "values" and path.parts[-1] == "includes") or head == "values":
        return method(self, self.variable(path.parts[1:-1], node), path.parts[-1], node, env)
    if head == "thread" and len(path.parts) in (5, 6):
        return method(self, self.path(Path(path.parts[:-1]), node), path.parts[-1], node, env)
    if head in ("console", "Log"):
        return Const(UNDEFINED)
    if head in ("UI", "Net", "document", "window", "render", "setTimeout"):
        self.not_run(".".join(path.parts), node)  # type: ignore[attr-defined]
        return Const(UNDEFINED)
    given = arguments(self, node, env)
    if path.parts in HELPERS:
        return HELPERS[path.parts](given, node)
    if head == "Math" and len(path.parts) == 2:
        return mathematics(path.parts[1], given, node)
    if head in ("LocalDate", "dates") and len(path.parts) == 2:
        return dates(path.parts[1], given, node)
    raise Unsupported(node, "call")


CONSTANT: dict[str, Callable[..., Any]] = {
    "round": lambda value: math.floor(value + 0.5),
    "floor": math.floor,
    "ceil": math.ceil,
    "abs": abs,
    "sqrt": math.sqrt,
    "pow": math.pow,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
}


def mathematics(name: str, given: list[Any], node: Ast) -> Any:
    if len(given) == 1 and isinstance(given[0], Arr):
        given = given[0].items
    if given and all(isinstance(one, Const) and isinstance(one.value, int | float) for one in given):
        values = [one.value for one in given]
        try:
            if name in CONSTANT:
                return Const(CONSTANT[name](*(float(value) for value in values)))
        except (ArithmeticError, ValueError, TypeError):
            raise Unsupported(node, "not_a_number") from None
    parts = [logic.as_number(one, node) for one in given]
    nodes = [part.node for part in parts]
    nullable = any(part.nullable for part in parts)
    zero = ["number", "0"]
    if name in ("floor", "ceil") and len(nodes) == 1:
        return Tree([name, nodes[0], zero], "number", nullable)
    if name == "round" and len(nodes) == 1:  # half goes up in JavaScript, away from zero in the language
        return Tree(["floor", ["+", nodes[0], ["number", "0.5"]], zero], "number", nullable)
    if name in ("abs", "sqrt", "exp") and len(nodes) == 1:
        return Tree([name, nodes[0]], "number", nullable or name == "sqrt")
    if name == "log" and len(nodes) == 1:
        return Tree(["ln", nodes[0]], "number")
    if name == "log10" and len(nodes) == 1:
        return Tree(["log", nodes[0], ["number", "10"]], "number")
    if name == "pow" and len(nodes) == 2:
        return Tree(["^", *nodes], "number")
    if name in ("min", "max") and nodes:
        made = [name, *nodes]
        if not nullable:
            return Tree(made, "number", nullable=False)
        known = ["distinct", ["+", *nodes] if len(nodes) > 1 else nodes[0], NULL]
        return Tree(["if", known, made, NULL], "number")
    raise Unsupported(node, "call")


def dates(name: str, given: list[Any], node: Ast) -> Any:
    if name == "today" and not given:
        return Tree(["today"], "date", nullable=False)
    said = given[0].value if given and isinstance(given[0], Const) else None
    if name == "parse" and isinstance(said, str) and moments.parse_date(said):
        return Tree(["date", said], "date", nullable=False)
    raise Unsupported(node, "call")


def rounded(given: list[Any], node: Ast) -> Any:
    number, digits = logic.as_number(given[0], node), given[1] if len(given) > 1 else Const(0)
    return Tree(["round", number.node, logic.as_number(digits, node).node], "number", number.nullable)


def numeral(given: list[Any], node: Ast) -> Any:
    return logic.as_number(given[0], node) if given else Const(UNDEFINED)


def no_number(given: list[Any], node: Ast) -> Any:
    return Tree(["same", logic.as_number(given[0], node).node, NULL], "boolean")


def entries(given: list[Any], node: Ast) -> Any:
    if not given or not isinstance(given[0], Obj):
        raise Unsupported(node, "call")
    return Arr([Arr([Const(name), one]) for name, one in given[0].items.items()])


def keys(given: list[Any], node: Ast) -> Any:
    return Arr([one.items[0] for one in entries(given, node).items])


def listed(given: list[Any], node: Ast) -> Any:
    return Arr([one.items[1] for one in entries(given, node).items])


def clamped(given: list[Any], node: Ast) -> Any:
    return mathematics("min", [mathematics("max", given[:2], node), given[2]], node)


HELPERS = {
    ("Util", "roundTo"): rounded,
    ("Util", "clamp"): clamped,
    ("parseFloat",): numeral,
    ("parseInt",): numeral,
    ("Number",): numeral,
    ("isNaN",): no_number,
    ("Number", "isNaN"): no_number,
    ("Object", "entries"): entries,
    ("Object", "keys"): keys,
    ("Object", "values"): listed,
}


def attribute(owner: Tree, name: str, node: Ast) -> Any:
    if name == "length" and owner.type == "codes":
        return Tree(["count", owner.node[1]], "number", nullable=False)
    if name == "length" and owner.type == "text" and not owner.codes:
        return Tree(["length", owner.node], "number", owner.nullable)
    if name in ("year", "month", "day") and owner.type == "date":
        return Tree([name, owner.node], "number", owner.nullable)
    raise Unsupported(node, "member")


def method(self: Evaluator, owner: Any, name: str, node: Ast, env: Env) -> Any:
    if isinstance(owner, Found):
        return self.of_widget(owner, name, node, env)  # type: ignore[attr-defined]
    given = arguments(self, node, env)
    if name in ("call", "apply") or (isinstance(owner, Const) and owner.value is UNDEFINED):
        return Const(UNDEFINED)
    if name == "includes" and len(given) == 1:
        return included(owner, given[0], node)
    if isinstance(owner, Arr):
        return of_list(self, owner, name, given, node)
    if isinstance(owner, Obj) and "pattern" in owner.items and name == "test" and given:
        return matched(given[0], owner, node)
    if name == "match" and given and isinstance(given[0], Obj):
        return matched(owner, given[0], node)
    if isinstance(owner, Const) and isinstance(owner.value, str):
        simple = {"toUpperCase": owner.value.upper, "toLowerCase": owner.value.lower, "trim": owner.value.strip}
        if name in simple and not given:
            return Const(simple[name]())
        if name == "split" and given and isinstance(given[0], Const):
            return Arr([Const(part) for part in owner.value.split(given[0].value)])
        if name in ("toString", "trim"):
            return owner
    if isinstance(owner, Tree) and owner.type == "date":
        return of_date(owner, name, given, node)
    if isinstance(owner, Tree) and owner.type == "text" and not owner.codes:
        heads = {"toUpperCase": "upper", "toLowerCase": "lower", "trim": "trim"}
        if name in heads:
            return Tree([heads[name], owner.node], "text", owner.nullable)
    if name == "toString" and isinstance(owner, Tree | Const) and not given:
        return logic.as_text(owner, node)
    raise Unsupported(node, "call")


def included(owner: Any, wanted: Any, node: Ast) -> Any:
    if isinstance(owner, Arr):
        return self_settled(logic.either([logic.equal(one, wanted, node, exact=True) for one in owner.items]))
    if isinstance(owner, Tree) and owner.type == "codes" and isinstance(wanted, Const):
        codes = [code for code, one in owner.codes if logic.strictly(one, wanted.value)]
        if not codes:
            return Const(False)
        return Tree(["ticked", owner.node[1], codes[0]], "boolean", nullable=False)
    raise Unsupported(node, "call")


def self_settled(value: Tree) -> Any:
    return Const(value.node[1]) if value.node[0] == "boolean" else value


def matched(owner: Any, regex: Obj, node: Ast) -> Any:
    pattern, flags = regex.items["pattern"].value, regex.items["flags"].value
    if "matches" not in OPERATORS or flags or not PLAIN.fullmatch(pattern):
        raise Unsupported(node, "pattern")
    text = logic.as_text(owner, node)
    return Tree(["matches", text.node, ["text", pattern[1:-1]]], "boolean", unknown=text.nullable)


def of_date(owner: Tree, name: str, given: list[Any], node: Ast) -> Any:
    if name == "diff" and given and isinstance(given[0], Tree) and given[0].type == "date":
        return logic.days(owner, given[0])
    if name in ("plus", "minus", "plusMonths", "minusMonths") and "shift" in OPERATORS and given:
        count = logic.as_number(given[0], node)
        moved = ["neg", count.node] if name.startswith("minus") else count.node
        return Tree(
            ["shift", owner.node, moved, ["text", "M" if name.endswith("Months") else "d"]],
            "date",
            owner.nullable or count.nullable,
        )
    if name == "equals" and given and isinstance(given[0], Tree) and given[0].type == "date":
        return Tree(["=", owner.node, given[0].node], "boolean", unknown=True)
    if name == "clone":
        return owner
    raise Unsupported(node, "call")


def of_list(self: Evaluator, owner: Arr, name: str, given: list[Any], node: Ast) -> Any:
    items = owner.items
    if name == "join" and all(isinstance(one, Const | Markup) for one in items):
        between = given[0].value if given else ","
        return Const(between.join(one.text if isinstance(one, Markup) else js_text(one.value) for one in items))
    if name == "push":
        if self.conditions:  # type: ignore[attr-defined]
            raise Unsupported(node, "list_that_changes")
        items += given
        return Const(len(items))
    if name in ("concat", "slice"):
        if name == "concat":
            return Arr(items + [part for one in given for part in (one.items if isinstance(one, Arr) else [one])])
        ends = [one.value for one in given]
        return Arr(items[slice(*(ends if len(ends) == 2 else [ends[0] if ends else 0, None]))])
    if not given or not isinstance(given[0], Func):
        raise Unsupported(node, "call")
    func = given[0]

    def each(one: Any, place: int) -> Any:
        return self.run(func, [one, Const(place), owner], node)  # type: ignore[attr-defined]

    if name == "reduce":
        total, rest = (given[1], items) if len(given) > 1 else (items[0], items[1:])
        for place, one in enumerate(rest):
            total = self.run(func, [total, one, Const(place)], node)  # type: ignore[attr-defined]
        return total
    made = [each(one, place) for place, one in enumerate(items)]
    if name == "forEach":
        return Const(UNDEFINED)
    if name == "map":
        return Arr(made)
    tests = [logic.condition(one, node) for one in made]
    if name in ("every", "some"):
        return self_settled(logic.both(tests) if name == "every" else logic.either(tests))
    if name == "filter":
        if all(one.node[0] == "boolean" for one in tests):
            return Arr([one for one, test in zip(items, tests, strict=True) if test.node[1]])
        return Counted(tuple(tests))
    raise Unsupported(node, "call")
