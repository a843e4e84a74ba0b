"""Statements of a script: bindings, branches, loops whose turns are known, functions taken in where they are called."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ecrf.engine.exchange.goupile import logic
from ecrf.engine.exchange.goupile.evaluator import COSTLY, Evaluator
from ecrf.engine.exchange.goupile.values import (
    UNDEFINED,
    Arr,
    Ast,
    Const,
    Env,
    Func,
    Obj,
    Path,
    Tree,
    Unknown,
    Unsupported,
)

MOST_TURNS = 2000
DEEPEST = 40
TRUE = Tree(logic.TRUE, "boolean", nullable=False)
OPAQUE = Tree(["=", logic.NULL, logic.NULL], "boolean", unknown=True)
"""A condition that can't be told."""


@dataclass
class Returned:
    """A value given back, where the condition holds."""

    when: Tree
    value: Any


class Script(Evaluator, ABC):
    """Walks a script. What it can't tell is reported by `doubt`, and the walk goes on."""

    def __init__(self, variable: Callable[[tuple[str, ...], Ast], Any], other: Callable[[str, str, Ast], Any]) -> None:
        super().__init__(variable, other)
        self.conditions: list[Tree] = []
        self.options: list[dict[str, Any]] = [{}]
        self.calls = 0
        self.turns = 0

    @abstractmethod
    def doubt(self, fault: Unsupported, node: Ast | None = None) -> None: ...

    @abstractmethod
    def assign(self, path: tuple[str, ...], value: Any, node: Ast) -> None: ...

    def statements(self, body: list[Ast], env: Env) -> Returned | None:
        for one in body:
            declared = one.get("declaration") if one["type"].startswith("Export") else one
            if declared and declared["type"] == "FunctionDeclaration" and declared["id"]:
                env.names[declared["id"]["name"]] = Func(declared["params"], declared["body"], env)
        for place, one in enumerate(body):
            found = self.attempt(one, env)
            if found is None:
                continue
            if found.when.node == logic.TRUE:
                return found
            rest = self.under(logic.negation(found.when), partial(self.statements, body[place + 1 :], env))
            return self.either(found.when, found, rest or Returned(negative(), Const(UNDEFINED)), one)
        return None

    def attempt(self, node: Ast, env: Env) -> Returned | None:
        try:
            return self.statement(node, env)
        except Unsupported as fault:
            self.doubt(fault, node)
            for name in bound(node):
                env.names[name] = Unknown(fault.why)
            return None

    def under(self, test: Tree, work: Callable[[], Any]) -> Any:
        self.conditions.append(test)
        try:
            return work()
        finally:
            self.conditions.pop()

    def either(self, test: Tree, yes: Returned, no: Returned, node: Ast) -> Returned | None:
        when = logic.either([logic.both([test, yes.when]), logic.both([logic.negation(test), no.when])])
        if when.node == logic.FALSE:
            return None
        if yes.when.node == logic.FALSE:
            return Returned(when, no.value)
        if no.when.node == logic.FALSE:
            return Returned(when, yes.value)
        if {str(yes.when.node), str(no.when.node)} == {str(logic.TRUE)}:
            when = TRUE
        return Returned(when, merged(test, yes.value, no.value, node))

    def statement(self, node: Ast, env: Env) -> Returned | None:
        match node["type"]:
            case "ExpressionStatement":
                self.value(node["expression"], env)
            case "VariableDeclaration":
                for one in node["declarations"]:
                    self.bind(one["id"], Const(UNDEFINED) if one["init"] is None else self.value(one["init"], env), env)
            case "FunctionDeclaration" | "EmptyStatement" | "ClassDeclaration" | "DebuggerStatement":
                if node["type"] == "ClassDeclaration":
                    raise Unsupported(node, "construct")
            case "BlockStatement":
                return self.statements(node["body"], Env(env))
            case "IfStatement":
                return self.branch(node, env)
            case "ReturnStatement":
                return Returned(TRUE, self.value(node["argument"], env))
            case "ForOfStatement":
                return self.over(node, env)
            case "ForStatement" | "WhileStatement":
                return self.loop(node, env)
            case "SwitchStatement":
                return self.switch(node, env)
            case "ImportDeclaration":
                self.imported(node, env)
            case "ExportNamedDeclaration" | "ExportDefaultDeclaration":
                if node.get("declaration") and node["declaration"]["type"].endswith("Declaration"):
                    return self.statement(node["declaration"], env)
            case _:
                raise Unsupported(node, "construct")
        return None

    def imported(self, node: Ast, env: Env) -> None:
        raise Unsupported(node, "import")

    def bind(self, target: Ast, value: Any, env: Env) -> None:
        match target["type"]:
            case "Identifier":
                env.names[target["name"]] = value
            case "AssignmentPattern":
                missing = isinstance(value, Const) and value.value is UNDEFINED
                self.bind(target["left"], self.value(target["right"], env) if missing else value, env)
            case "ArrayPattern" if isinstance(value, Arr):
                for place, one in enumerate(target["elements"]):
                    if one:
                        self.bind(one, value.items[place] if place < len(value.items) else Const(UNDEFINED), env)
            case "ObjectPattern" if isinstance(value, Obj):
                for one in target["properties"]:
                    if one["type"] != "Property" or one["computed"]:
                        raise Unsupported(target, "construct")
                    self.bind(
                        one["value"], self.member(value, one["key"].get("name", one["key"].get("value")), target), env
                    )
            case _:
                raise Unsupported(target, "construct")

    def branch(self, node: Ast, env: Env) -> Returned | None:
        ways = (node["consequent"], node["alternate"])
        try:
            test = self.test(node["test"], env)
        except Unsupported as fault:  # what it may ask, it may ask all the same
            self.doubt(fault, node)
            test = OPAQUE
        if test.node[0] == "boolean":
            way = ways[0 if test.node[1] else 1]
            return self.statement(way, env) if way else None
        return self.fork(test, self.way(ways[0], env), self.way(ways[1], env), env, node)

    def way(self, node: Ast | None, env: Env) -> Callable[[], Returned | None]:
        return lambda: self.attempt(node, Env(env)) if node else None

    def fork(
        self, test: Tree, yes: Callable[[], Returned | None], no: Callable[[], Returned | None], env: Env, node: Ast
    ) -> Returned | None:
        """Go both ways, and take what each leaves together by the condition."""
        scopes = env.chain()
        before, stack = [dict(scope.names) for scope in scopes], [dict(level) for level in self.options]
        first = self.under(test, yes)
        after, pushed = [dict(scope.names) for scope in scopes], self.options
        for scope, names in zip(scopes, before, strict=True):
            scope.names = dict(names)
        self.options = stack
        second = self.under(logic.negation(test), no)
        for scope, names in zip(scopes, after, strict=True):
            for name in names.keys() | scope.names.keys():
                one, other = names.get(name, Const(UNDEFINED)), scope.names.get(name, Const(UNDEFINED))
                scope.names[name] = merged(test, one, other, node)
        self.options = stacked(test, pushed, self.options, node)
        if first is None and second is None:
            return None
        none = Returned(negative(), Const(UNDEFINED))
        return self.either(test, first or none, second or none, node)

    def over(self, node: Ast, env: Env) -> Returned | None:
        items = self.value(node["right"], env)
        if not isinstance(items, Arr):
            raise Unsupported(node, "loop")
        target = (
            node["left"]["declarations"][0]["id"] if node["left"]["type"] == "VariableDeclaration" else node["left"]
        )
        for one in items.items:
            self.turn(node)
            inner = Env(env)
            self.bind(target, one, inner)
            if found := self.attempt(node["body"], inner):
                return found
        return None

    def loop(self, node: Ast, env: Env) -> Returned | None:
        inner = Env(env)
        if node.get("init"):
            start = node["init"]
            self.statement(
                start
                if start["type"] == "VariableDeclaration"
                else {"type": "ExpressionStatement", "expression": start},
                inner,
            )
        while True:
            self.turn(node)
            test = self.test(node["test"], inner) if node["test"] else TRUE
            if test.node[0] != "boolean":
                raise Unsupported(node, "loop")
            if not test.node[1]:
                return None
            if found := self.attempt(node["body"], Env(inner)):
                return found
            if node.get("update"):
                self.value(node["update"], inner)

    def turn(self, node: Ast) -> None:
        self.turns += 1
        if self.turns > MOST_TURNS:
            raise Unsupported(node, "loop")

    def switch(self, node: Ast, env: Env) -> Returned | None:
        """As a chain of conditions, where every case ends by itself."""
        given = self.value(node["discriminant"], env)
        cases = node["cases"]
        for one in cases[:-1]:
            if one["consequent"] and not ends(one["consequent"][-1]):
                raise Unsupported(one, "construct")

        def chain(place: int, waiting: list[Tree]) -> Returned | None:
            if place == len(cases):
                return None
            one = cases[place]
            body = [part for part in flat(one["consequent"]) if part["type"] != "BreakStatement"]
            if one["test"] is None:
                return self.statements(body, Env(env))
            hit = logic.equal(given, self.value(one["test"], env), one, exact=True)
            waiting = [*waiting, hit]
            if not one["consequent"]:
                return chain(place + 1, waiting)
            test = logic.either(waiting)
            if test.node[0] == "boolean":
                return self.statements(body, Env(env)) if test.node[1] else chain(place + 1, [])
            return self.fork(test, lambda: self.statements(body, Env(env)), lambda: chain(place + 1, []), env, one)

        return chain(0, [])

    def run(self, func: Func, given: list[Any], node: Ast) -> Any:
        """Take a function in at the place of its call."""
        self.calls += 1
        try:
            if self.calls > DEEPEST:
                self.steps += COSTLY
                raise Unsupported(node, "too_deep")
            env = Env(func.env)
            for place, param in enumerate(func.params):
                if param["type"] == "RestElement":
                    self.bind(param["argument"], Arr(given[place:]), env)
                else:
                    self.bind(param, given[place] if place < len(given) else Const(UNDEFINED), env)
            if func.body["type"] != "BlockStatement":
                return self.value(func.body, env)
            found = self.statements(func.body["body"], env)
            if found is None:
                return Const(UNDEFINED)
            return (
                found.value
                if found.when.node == logic.TRUE
                else merged(found.when, found.value, Const(UNDEFINED), node)
            )
        finally:
            self.calls -= 1

    def on_assignmentexpression(self, node: Ast, env: Env) -> Any:
        target, sign = node["left"], node["operator"]
        if sign == "=":
            value = self.value(node["right"], env)
        elif sign in ("&&=", "||=", "??="):
            value = self.on_logicalexpression({**node, "operator": sign[:-1]}, env)
        else:
            value = self.on_binaryexpression({**node, "operator": sign[:-1]}, env)
        return self.put(target, value, env, node)

    def on_updateexpression(self, node: Ast, env: Env) -> Any:
        value = logic.arithmetic(node["operator"][0], self.value(node["argument"], env), Const(1), node)
        return self.put(node["argument"], value, env, node)

    def put(self, target: Ast, value: Any, env: Env, node: Ast) -> Any:
        if target["type"] == "Identifier":
            scope = env.find(target["name"])
            if scope is None:
                raise Unsupported(node, "unknown_name")
            scope.names[target["name"]] = value
        elif target["type"] == "MemberExpression":
            owner = self.value(target["object"], env)
            if not isinstance(owner, Path):
                raise Unsupported(node, "construct")
            self.assign((*owner.parts, self.property(target, env)), value, node)
        else:
            self.bind(target, value, env)
        return value


def negative() -> Tree:
    return Tree(logic.FALSE, "boolean", nullable=False)


def merged(test: Tree, one: Any, other: Any, node: Ast) -> Any:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return one if isinstance(one, Unknown) else other
    try:
        return logic.choose(test, one, other, node)
    except Unsupported as fault:
        return Unknown(fault.why)


def stacked(test: Tree, one: list[dict[str, Any]], other: list[dict[str, Any]], node: Ast) -> list[dict[str, Any]]:
    """The options after two ways, of which one may have pushed some."""
    if one == other:
        return one
    nothing = Const(UNDEFINED)
    names = one[-1].keys() | other[-1].keys()
    top = {name: merged(test, one[-1].get(name, nothing), other[-1].get(name, nothing), node) for name in names}
    return [*min(one, other, key=len)[: None if len(one) != len(other) else -1], top]


def bound(node: Ast) -> list[str]:
    """The names that a statement declares."""
    if node["type"] == "VariableDeclaration":
        return [one["id"]["name"] for one in node["declarations"] if one["id"]["type"] == "Identifier"]
    return []


def ends(node: Ast) -> bool:
    if node["type"] == "BlockStatement":
        return bool(node["body"]) and ends(node["body"][-1])
    return node["type"] in ("BreakStatement", "ReturnStatement")


def flat(body: list[Ast]) -> list[Ast]:
    return [part for one in body for part in (one["body"] if one["type"] == "BlockStatement" else [one])]
