"""What a page script says besides its widgets: sections, columns, tabs, repeats, texts, errors, options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ecrf.engine.exchange.goupile import items, logic
from ecrf.engine.exchange.goupile.asking import Asking, Group
from ecrf.engine.exchange.goupile.values import (
    UNDEFINED,
    Arr,
    Ast,
    Const,
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

OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "<>", "<>": "=", "same": "distinct", "distinct": "same"}


def unless(test: Tree) -> list[Any]:
    """That a condition doesn't hold; unknown where it is unknown."""
    head, *rest = test.node
    return [OPPOSITE[head], *rest] if head in OPPOSITE else negated(test)


def negated(test: Tree) -> list[Any]:
    if test.node[0] == "boolean":
        return ["boolean", not test.node[1]]
    return test.node[1] if test.node[0] == "not" else ["not", test.node]


class Layout(Asking):
    @contextmanager
    def inside(
        self, options: dict[str, Any], *, title: str = "", tab: str | None = None, deeper: bool = False
    ) -> Iterator[None]:
        kept = (self.options, self.path_stack, self.level, self.tab, self.inline)
        self.options, self.path_stack = [options], [self.path_stack[-1]]
        self.level += deeper
        self.tab = self.tab if tab is None else tab
        if deeper or tab is not None:
            self.open = None
        if title and not self.beside:
            self.open = Group(title, self.level, self.tab, self.repeat, self.repeated)
            self.groups.append(self.open)
        self.inline = False
        try:
            yield
        finally:
            self.options, self.path_stack, self.level, self.tab, self.inline = kept
            self.inline = False
            if deeper or tab is not None:
                self.open = None

    def function(self, value: Any, node: Ast) -> Func:
        if not isinstance(value, Func):
            raise Unsupported(node, "no_function")
        return value

    def form_section(self, node: Ast, env: Env) -> Any:
        given = [self.value(one, env) for one in node["arguments"]] + [Const(UNDEFINED)] * 3
        if isinstance(given[0], Func):
            given = [Const(UNDEFINED), given[0], given[1]]
        options = self.expanded(given[2], node)
        with self.inside(options, title=items.text(given[0], node), deeper=True):
            self.run(self.function(given[1], node), [], node)
        return Const(UNDEFINED)

    def form_block(self, node: Ast, env: Env) -> Any:
        options = self.expanded(self.argument(node, 1, env), node)
        with self.inside(options):
            self.run(self.function(self.argument(node, 0, env), node), [], node)
        return Const(UNDEFINED)

    form_scope = form_block

    def form_columns(self, node: Ast, env: Env) -> Any:
        options = self.expanded(self.argument(node, 1, env), node)
        with self.inside(options):
            if self.open is not None and not self.beside:
                self.open.lines += 1
            self.beside += 1
            try:
                self.run(self.function(self.argument(node, 0, env), node), [], node)
            finally:
                self.beside -= 1
        return Const(UNDEFINED)

    def form_sameline(self, node: Ast, env: Env) -> Any:
        self.inline = True
        return Const(UNDEFINED)

    def form_tabs(self, node: Ast, env: Env) -> Any:
        options = self.expanded(self.argument(node, 2, env), node)
        with self.inside(options, deeper=True):
            self.run(self.function(self.argument(node, 1, env), node), [], node)
        return Const(UNDEFINED)

    def form_tab(self, node: Ast, env: Env) -> Any:
        options = self.expanded(self.argument(node, 2, env), node)
        with self.inside(options, tab=items.text(self.argument(node, 0, env), node)):
            self.run(self.function(self.argument(node, 1, env), node), [], node)
        return Const(UNDEFINED)

    def form_repeat(self, node: Ast, env: Env) -> Any:
        path, _ = self.place_of(self.argument(node, 0, env), node)
        options = self.expanded(self.argument(node, 2, env), node)
        if self.repeat or len(path) > 1:
            raise Unsupported(node, "repeat_in_repeat")
        self.repeat, self.repeated = self.names.key(self.key, path), path[0]
        try:
            with self.inside(options, deeper=True):
                self.path_stack = [path]
                func = self.function(self.argument(node, 1, env), node)
                self.run(func, [Path(("values",)), Path(("row", "place")), Path(("row", "remove"))], node)
        finally:
            self.repeat = self.repeated = ""
        return Path(("row", "rows"))

    def form_output(self, node: Ast, env: Env) -> Any:
        said = self.argument(node, 0, env)
        if isinstance(said, Path) or (isinstance(said, Const) and said.value is UNDEFINED):
            return Const(UNDEFINED)
        options = self.expanded(self.argument(node, 1, env), node)
        words = items.text(said, node)
        images = said.images if isinstance(said, Markup) else ()
        for image, alt in images or (("", ""),):
            self.outputs += 1
            path = ("output", self.key, str(self.outputs))
            key = self.names.key(self.key, path)
            spec: dict[str, Any] = {"key": key, "type": "output", "label": {self.language: words or alt}}
            if image:
                spec["image"] = image
            found = Found(key, spec)
            self.keep(path, found, node)
            hidden = self.flag(options, "hidden", node)
            if hidden.node != logic.FALSE:
                found.visible = logic.both([*([found.visible] if found.visible else []), logic.negation(hidden)])
            words = ""
        return Const(UNDEFINED)

    def form_errorlist(self, node: Ast, env: Env) -> Any:
        self.soft(node, "goupile_display_lost", "form.errorList")
        return Const(UNDEFINED)

    def form_action(self, node: Ast, env: Env) -> Any:
        self.soft(node, "goupile_not_run", "form.action")
        return Const(UNDEFINED)

    def form_pushoptions(self, node: Ast, env: Env) -> Any:
        given = self.argument(node, 0, env)
        if isinstance(given, Obj) and "path" in given.items:
            raise Unsupported(node, "old_path")
        self.options.append(self.expanded(given, node))
        return Const(UNDEFINED)

    def form_popoptions(self, node: Ast, env: Env) -> Any:
        if len(self.options) < 2 or (self.conditions and len(self.options) < 2):
            raise Unsupported(node, "too_many_pops")
        self.options.pop()
        return Const(UNDEFINED)

    def form_pushpath(self, node: Ast, env: Env) -> Any:
        if self.conditions:
            raise Unsupported(node, "key_that_changes")
        path, _ = self.place_of(self.argument(node, 0, env), node)
        sub = self.argument(node, 1, env)
        self.path_stack.append(
            (*path, *([js_text(sub.value)] if isinstance(sub, Const) and sub.value is not UNDEFINED else []))
        )
        return Const(UNDEFINED)

    def form_poppath(self, node: Ast, env: Env) -> Any:
        if len(self.path_stack) < 2 or self.conditions:
            raise Unsupported(node, "too_many_pops")
        self.path_stack.pop()
        return Const(UNDEFINED)

    def form_proposition(self, node: Ast, env: Env) -> Any:
        return Arr([self.argument(node, 0, env), self.argument(node, 1, env)])

    def form_find(self, node: Ast, env: Env) -> Any:
        path, _ = self.place_of(self.argument(node, 0, env), node)
        found = self.found.get(path) or self.known.get(path)
        if found is None:
            raise Unsupported(node, "unknown_variable")
        return found

    def form_value(self, node: Ast, env: Env) -> Any:
        path, _ = self.place_of(self.argument(node, 0, env), node)
        value = self.of_values(path, node)
        fallback = self.argument(node, 1, env)
        if isinstance(fallback, Const) and fallback.value is UNDEFINED:
            return value
        return logic.choose(
            logic.negation(logic.against(logic.tree(value, node), UNDEFINED, node, exact=False)), value, fallback, node
        )

    def form_missing(self, node: Ast, env: Env) -> Any:
        return logic.against(self.form_find(node, env).tree(), UNDEFINED, node, exact=False)

    def form_error(self, node: Ast, env: Env) -> Any:
        path, _ = self.place_of(self.argument(node, 0, env), node)
        found = self.found.get(path)
        if found is None:
            raise Unsupported(node, "unknown_variable")
        return self.check(found, node, env, 1)

    def of_widget(self, found: Found, name: str, node: Ast, env: Env) -> Any:
        if name != "error":
            raise Unsupported(node, "known_at_run")
        return self.check(found, node, env, 0)

    def check(self, found: Found, node: Ast, env: Env, place: int) -> Found:
        message = items.text(self.argument(node, place, env), node)
        how = self.argument(node, place + 1, env)
        asked = (
            dict(how.items)
            if isinstance(how, Obj)
            else {}
            if isinstance(how, Const) and how.value is UNDEFINED
            else {"delay": how}
        )
        said = {
            "block": Const(True),
            "delay": Const(False),
            **{name: found.options[name] for name in ("block", "delay") if name in found.options},
            **asked,
        }
        flags = {name: logic.condition(said[name], node).node for name in ("block", "delay")}
        if any(value not in (logic.TRUE, logic.FALSE) for value in flags.values()):
            raise Unsupported(node, "option_that_changes")
        checks = found.spec.setdefault("checks", [])
        check = {
            "key": f"{found.key[:80]}_check_{len(checks) + 1}",
            "holds": unless(logic.both(self.conditions)),
            "severity": "block" if flags["block"] == logic.TRUE else "warn",
            "message": {self.language: message},
        }
        if flags["delay"] == logic.TRUE:
            check["when"] = "save"
        checks.append(check)
        return found
