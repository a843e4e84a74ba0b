"""The `enabled` options of main.js as conditions of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.goupile import logic
from ecrf.engine.exchange.goupile.asking import Names
from ecrf.engine.exchange.goupile.page import Page, Report
from ecrf.engine.exchange.goupile.values import UNDEFINED, Ast, Const, Env, Func, Obj, Path, Tree, Unsupported
from ecrf.engine.faults import Fault

if TYPE_CHECKING:
    from ecrf.engine.exchange.goupile.read import Reader


class Main(Page):
    """Walks main.js: which pages have which `enabled`, their own and those of the forms around them."""

    def __init__(self, reader: Reader) -> None:
        super().__init__("main", reader.language, Names(), {}, reader.other, reader.imports, "main.js")
        self.enabled: dict[str, Any] = {}
        self.around: list[Tree] = []

    def assign(self, path: tuple[str, ...], value: Any, node: Ast) -> None:
        if path[0] not in ("app", "data"):
            super().assign(path, value, node)

    def said(self, parts: tuple[str, ...], node: Ast, env: Env, head: str) -> Any:
        if head != "app":
            raise Unsupported(node, "known_at_run")
        if parts[0] == "pushOptions":
            given = self.argument(node, 0, env)
            self.options.append({**self.options[-1], **(given.items if isinstance(given, Obj) else {})})
        elif parts[0] == "popOptions" and len(self.options) > 1:
            self.options.pop()
        elif parts[0] in ("form", "page", "many"):
            self.form(node, env)
        return Const(UNDEFINED)

    def form(self, node: Ast, env: Env) -> None:
        key, *rest = [self.value(one, env) for one in node["arguments"]]
        func = next((one for one in rest if isinstance(one, Func)), None)
        given = next((one.items for one in rest if isinstance(one, Obj)), {})
        options = {**self.options[-1], **given}
        if not isinstance(key, Const) or self.conditions:
            raise Unsupported(node, "name_that_changes")
        try:
            test: Any = self.opened(options.get("enabled"), node)
        except Unsupported as fault:
            test = Report(f"goupile_{fault.why}", fault.line, fault.column, file="main.js")
        if func is None:
            parts = [*self.around, test]
            hard = next((one for one in parts if isinstance(one, Report)), None)
            self.enabled[str(key.value)] = hard or logic.both(parts)
            return
        kept = self.options
        self.options = [options]
        self.around.append(test)
        try:
            self.run(func, [Path(("app",))], node)
        finally:
            self.options = kept
            self.around.pop()

    def opened(self, value: Any, node: Ast) -> Tree:
        if value is None:
            return Tree(logic.TRUE, "boolean", nullable=False)
        if isinstance(value, Func):
            value = self.run(value, [Path(("thread",))], node)
        return logic.condition(value, node)


def conditions(reader: Reader, pages: Mapping[str, Page]) -> tuple[dict[str, Any], list[Fault]]:
    """Page -> the tree of its condition, or a report of why it has none; and what else of main.js isn't told."""
    main = Main(reader)
    main.statements(reader.tree("main.js")["body"], Env())
    doubts = [
        Fault(f"main.js:{one.line}:{one.column}", one.code, {"line": one.line, "column": one.column, "what": one.what})
        for one in main.reports
    ]
    return main.enabled, doubts
