"""Expressions of a script, without running it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ecrf.engine.exchange.goupile import calls, logic
from ecrf.engine.exchange.goupile.markup import FILES, markup
from ecrf.engine.exchange.goupile.names import GLOBALS, Late, heavy
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
    Unknown,
    Unsupported,
    js_text,
)

MOST_STEPS = 150_000
COSTLY = 20_000
"""What each thing that grew too large counts for."""
LONGEST = 100_000
COMPARISONS = {"<", "<=", ">", ">="}
WORDS = {"undefined": UNDEFINED, "NaN": UNDEFINED, "Infinity": float("inf")}


class Evaluator:
    """`variable` says what is known of a value of this page, `other` of one of another page."""

    def __init__(self, variable: Callable[[tuple[str, ...], Ast], Any], other: Callable[[str, str, Ast], Any]) -> None:
        self.variable, self.other = variable, other
        self.depth = self.steps = 0

    def value(self, node: Ast | None, env: Env) -> Any:
        """Raises Unsupported."""
        if node is None:
            return Const(UNDEFINED)
        if node["type"] == "MetaProperty" or not hasattr(self, f"on_{node['type'].lower()}"):
            raise Unsupported(node, "construct")
        self.depth += 1
        self.steps += 1
        try:
            if self.depth > 400 or self.steps > MOST_STEPS:
                raise Unsupported(node, "too_deep")
            found = self.bounded(getattr(self, f"on_{node['type'].lower()}")(node, env), node)
        finally:
            self.depth -= 1
        if isinstance(found, Unknown):
            raise Unsupported(node, found.why)
        return found

    def bounded(self, found: Any, node: Ast) -> Any:
        """What grows without end in a script doesn't here."""
        size = len(found.value) if isinstance(found, Const) and isinstance(found.value, str) else 0
        size = len(found.items) * 10 if isinstance(found, Arr) else size
        if size > LONGEST or (isinstance(found, Tree) and heavy(found.node)):
            self.steps += COSTLY
            raise Unsupported(node, "too_deep")
        return found

    def test(self, node: Ast, env: Env) -> Tree:
        value = self.value(node, env)
        if isinstance(value, Func | Found) or value in (Path(("values",)), Path(("form",)), Path(("thread",))):
            return Tree(logic.TRUE, "boolean", nullable=False)
        return logic.condition(value, node)

    def on_literal(self, node: Ast, env: Env) -> Any:
        if "regex" in node:
            return Obj({"pattern": Const(node["regex"]["pattern"]), "flags": Const(node["regex"]["flags"])})
        if "bigint" in node:
            raise Unsupported(node, "construct")
        return Const(UNDEFINED if node["value"] is None else node["value"])

    def on_identifier(self, node: Ast, env: Env) -> Any:
        name = node["name"]
        scope = env.find(name)
        if scope is not None:
            return scope.names[name]
        if name in WORDS:
            return Const(WORDS[name])
        if name in GLOBALS:
            return Path((name,))
        raise Unsupported(node, "unknown_name")

    def on_templateliteral(self, node: Ast, env: Env) -> Any:
        made: Any = Const("")
        for place, quasi in enumerate(node["quasis"]):
            if quasi["value"]["cooked"]:
                made = logic.arithmetic("+", made, Const(quasi["value"]["cooked"]), node)
            if place < len(node["expressions"]):
                made = logic.arithmetic("+", made, self.value(node["expressions"][place], env), node)
                if isinstance(made, Const) and not isinstance(made.value, str):
                    made = Const(js_text(made.value))
        return made

    def on_taggedtemplateexpression(self, node: Ast, env: Env) -> Any:
        tag = self.value(node["tag"], env)
        if tag not in (Path(("html",)), Path(("svg",))):
            raise Unsupported(node, "construct")
        quasi = node["quasi"]
        text = ""
        for place, piece in enumerate(quasi["quasis"]):
            text += piece["value"]["cooked"] or ""
            if place < len(quasi["expressions"]):
                text += self.inserted(self.value(quasi["expressions"][place], env), node)
        return markup(text)

    def inserted(self, value: Any, node: Ast) -> str:
        if isinstance(value, Arr):
            return "".join(self.inserted(one, node) for one in value.items)
        if isinstance(value, Func) or (isinstance(value, Const) and value.value in (UNDEFINED, False)):
            return ""
        if isinstance(value, Markup):
            return (
                "".join(f"<p>{escape(line)}" for line in value.text.split("\n"))
                if "\n" in value.text
                else escape(value.text)
            )
        if isinstance(value, Const):
            return escape(js_text(value.value))
        raise Unsupported(node, "text_that_changes")

    def on_arrayexpression(self, node: Ast, env: Env) -> Any:
        items: list[Any] = []
        for one in node["elements"]:
            if one and one["type"] == "SpreadElement":
                spread = self.value(one["argument"], env)
                if not isinstance(spread, Arr):
                    raise Unsupported(node, "construct")
                items += spread.items
            else:
                items.append(self.value(one, env))
        return Arr(items)

    def on_objectexpression(self, node: Ast, env: Env) -> Any:
        items: dict[str, Any] = {}
        for one in node["properties"]:
            if one["type"] == "SpreadElement":
                spread = self.value(one["argument"], env)
                if not isinstance(spread, Obj):
                    raise Unsupported(one, "construct")
                items |= spread.items
                continue
            if one["kind"] != "init":
                raise Unsupported(one, "construct")
            name = (
                self.value(one["key"], env)
                if one["computed"]
                else Const(one["key"].get("name", one["key"].get("value")))
            )
            if not isinstance(name, Const):
                raise Unsupported(one, "construct")
            try:
                items[js_text(name.value)] = self.value(one["value"], env)
            except Unsupported as fault:
                items[js_text(name.value)] = Late(fault)
        return Obj(items)

    def on_arrowfunctionexpression(self, node: Ast, env: Env) -> Any:
        return Func(node["params"], node["body"], env)

    on_functionexpression = on_arrowfunctionexpression

    def on_parenthesizedexpression(self, node: Ast, env: Env) -> Any:
        return self.value(node["expression"], env)

    on_chainexpression = on_parenthesizedexpression

    def on_awaitexpression(self, node: Ast, env: Env) -> Any:
        return self.value(node["argument"], env)

    def on_unaryexpression(self, node: Ast, env: Env) -> Any:
        sign = node["operator"]
        if sign == "!":
            return self.settled(logic.negation(self.test(node["argument"], env)))
        value = self.value(node["argument"], env)
        if sign == "void":
            return Const(UNDEFINED)
        if sign == "-" and isinstance(value, Const) and isinstance(value.value, int | float):
            return Const(-value.value)
        if sign in "+-":
            made = logic.as_number(value, node)
            return made if sign == "+" else Tree(["neg", made.node], "number", made.nullable)
        raise Unsupported(node, "construct")

    def settled(self, value: Tree) -> Any:
        return Const(value.node[1]) if value.node[0] == "boolean" else value

    def on_binaryexpression(self, node: Ast, env: Env) -> Any:
        sign = node["operator"]
        left, right = self.value(node["left"], env), self.value(node["right"], env)
        if sign in COMPARISONS:
            return self.settled(logic.compare(sign, left, right, node))
        if sign in ("==", "==="):
            return self.settled(logic.equal(left, right, node, exact=sign == "==="))
        if sign in ("!=", "!=="):
            return self.settled(logic.negation(logic.equal(left, right, node, exact=sign == "!==")))
        if sign in logic.SIGNS:
            return logic.arithmetic(sign, left, right, node)
        raise Unsupported(node, "construct")

    def on_logicalexpression(self, node: Ast, env: Env) -> Any:
        sign, left = node["operator"], self.value(node["left"], env)
        if sign == "??":
            if isinstance(left, Const):
                return self.value(node["right"], env) if left.value is UNDEFINED else left
            present = logic.negation(logic.against(logic.tree(left, node), UNDEFINED, node, exact=False))
            return logic.choose(present, left, self.value(node["right"], env), node)
        test = logic.condition(left, node)
        if test.node[0] == "boolean":
            return self.value(node["right"], env) if test.node[1] == (sign == "&&") else left
        right = self.value(node["right"], env)
        if self.is_boolean(left) and self.is_boolean(right):
            parts = [test, logic.condition(right, node)]
            return self.settled(logic.both(parts) if sign == "&&" else logic.either(parts))
        try:
            return logic.choose(test, *((right, left) if sign == "&&" else (left, right)), node)
        except Unsupported:
            # As a condition, which it nearly always is, it need not say which of the two it gives.
            parts = [test, logic.condition(right, node)]
            return self.settled(logic.both(parts) if sign == "&&" else logic.either(parts))

    def is_boolean(self, value: Any) -> bool:
        return (isinstance(value, Tree) and value.type == "boolean") or (
            isinstance(value, Const) and isinstance(value.value, bool)
        )

    def on_conditionalexpression(self, node: Ast, env: Env) -> Any:
        test = self.test(node["test"], env)
        if test.node[0] == "boolean":
            return self.value(node["consequent" if test.node[1] else "alternate"], env)
        yes, no = self.value(node["consequent"], env), self.value(node["alternate"], env)
        return logic.choose(test, yes, no, node)

    def on_sequenceexpression(self, node: Ast, env: Env) -> Any:
        return [self.value(one, env) for one in node["expressions"]][-1]

    def on_memberexpression(self, node: Ast, env: Env) -> Any:
        owner = self.value(node["object"], env)
        return self.member(owner, self.property(node, env), node)

    def property(self, node: Ast, env: Env) -> str:
        if not node["computed"]:
            return str(node["property"]["name"])
        name = self.value(node["property"], env)
        if not isinstance(name, Const):
            raise Unsupported(node, "name_that_changes")
        return js_text(name.value)

    def member(self, owner: Any, name: str, node: Ast) -> Any:
        if isinstance(owner, Path):
            return self.path(owner / name, node)
        if isinstance(owner, Obj):
            found = owner.items.get(name, Const(UNDEFINED))
            if isinstance(found, Late):
                raise found.fault
            return found
        if isinstance(owner, Arr):
            if name == "length":
                return Const(len(owner.items))
            return owner.items[int(name)] if name.isdigit() and int(name) < len(owner.items) else Const(UNDEFINED)
        if isinstance(owner, Found):
            return {"value": owner.tree(), "missing": logic.against(owner.tree(), UNDEFINED, node, exact=False)}.get(
                name
            ) or Unknown("construct")
        if isinstance(owner, Const):
            if owner.value is UNDEFINED:
                return Const(UNDEFINED)
            if isinstance(owner.value, str) and name == "length":
                return Const(len(owner.value))
        if isinstance(owner, Counted) and name == "length":
            ones = [["if", test.node, ["number", "1"], ["number", "0"]] for test in owner.tests]
            zero: list[Any] = ["number", "0"]
            whole = ["+", *ones] if len(ones) > 1 else ones[0] if ones else zero
            return Tree(whole, "number", nullable=False)
        if isinstance(owner, Tree):
            return calls.attribute(owner, name, node)
        raise Unsupported(node, "construct")

    def path(self, path: Path, node: Ast) -> Any:
        match path.parts:
            case ("values", *names):
                return self.variable(tuple(names), node)
            case ("thread", "data", store, name):
                return self.other(store, name, node)
            case ("thread", "entries", store, "data", name):
                return self.other(store, name, node)
            case ("Math", "PI"):
                return Const(3.141592653589793)
            case ("ENV", "urls", "files"):
                return Const(FILES)
            case ("thread", "data" | "entries", *_) if len(path.parts) < 5:
                return path
            case ("ENV", "urls") | ("values",):
                return path
            case (
                "app"
                | "form"
                | "meta"
                | "Math"
                | "Util"
                | "LocalDate"
                | "LocalTime"
                | "dates"
                | "times"
                | "Object"
                | "Array"
                | "Number"
                | "console"
                | "UI"
                | "Net"
                | "Log"
                | "document"
                | "window"
                | "JSON",
                _,
            ):
                return path
            case ("console" | "UI" | "Net" | "Log" | "document" | "window", *_):
                return path
        raise Unsupported(node, "known_at_run")

    def on_callexpression(self, node: Ast, env: Env) -> Any:
        return calls.call(self, node, env)

    def on_newexpression(self, node: Ast, env: Env) -> Any:
        what = self.value(node["callee"], env)
        given = [self.value(one, env) for one in node["arguments"]]
        if (
            what == Path(("LocalDate",))
            and len(given) == 3
            and all(isinstance(one, Const) and isinstance(one.value, int) for one in given)
        ):
            return Tree(["date", "{:04}-{:02}-{:02}".format(*(one.value for one in given))], "date", nullable=False)
        raise Unsupported(node, "construct")

    def on_importexpression(self, node: Ast, env: Env) -> Any:
        raise Unsupported(node, "import")
