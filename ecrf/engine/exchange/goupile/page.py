"""A page script as a page of a definition: what it asks and when, as far as that can be told without running it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecrf.engine.exchange.goupile import items, logic
from ecrf.engine.exchange.goupile.asking import Names
from ecrf.engine.exchange.goupile.layout import Layout
from ecrf.engine.exchange.goupile.values import (
    UNDEFINED,
    Arr,
    Ast,
    Const,
    Env,
    Found,
    Obj,
    Path,
    Tree,
    Unknown,
    Unsupported,
)


@dataclass
class Report:
    """A line that stays script (`hard`), or that is carried without something (`soft`)."""

    code: str
    line: int
    column: int
    hard: bool = True
    what: str = ""
    file: str = ""


class Page(Layout):
    def __init__(
        self,
        key: str,
        language: str,
        names: Names,
        known: dict[tuple[str, ...], Found],
        other: Callable[[str, str, Ast], Any],
        imports: Callable[[str, str, Page, Env], Env],
        file: str,
    ) -> None:
        super().__init__(key, language, names, known, other)
        self.imports, self.files = imports, [file]
        self.loose: dict[str, Any] = {}
        self.reports: list[Report] = []
        self.summary: list[Any] | None = None
        self.hid: list[Any] | None = None
        self.early = False
        """Whether what stands further down isn't known yet."""

    # What is told of it

    def doubt(self, fault: Unsupported, node: Ast | None = None) -> None:
        if not fault.line and node:
            fault = Unsupported(node, fault.why)
        self.report(Report(f"goupile_{fault.why}", fault.line, fault.column, file=fault.file))

    def report(self, one: Report) -> None:
        if not any(
            (known.code, known.line, known.what, known.file) == (one.code, one.line, one.what, one.file)
            for known in self.reports
        ):
            self.reports.append(one)

    def soft(self, node: Ast, code: str, what: str) -> None:
        at = Unsupported(node, "")
        self.report(Report(code, at.line, at.column, hard=False, what=what, file=at.file))

    def not_run(self, name: str, node: Ast) -> None:
        self.soft(node, "goupile_not_run", name)

    # Values

    def of_values(self, path: tuple[str, ...], node: Ast) -> Any:
        place = (*self.path_stack[-1], *path) if self.repeat else path
        for one in (place, path):
            found = self.found.get(one) or self.known.get(one)
            if found and not found.several:
                return found.tree()
        if len(path) == 1 and path[0] in self.loose:
            return self.loose[path[0]]
        if any(one[: len(path)] == path for one in self.known):
            return Path(("values", *path))
        return Unknown("known_later") if self.early else Const(UNDEFINED)

    def assign(self, path: tuple[str, ...], value: Any, node: Ast) -> None:
        match path:
            case ("values", name) if isinstance(value, Const | Tree) and not self.repeat:
                if (name,) in self.known and not self.known[(name,)].spec.get("hidden"):
                    raise Unsupported(node, "value_set_by_script")
                before = self.loose.get(name, Const(UNDEFINED))
                self.loose[name] = logic.choose(logic.both(self.conditions), value, before, node)
                if not (isinstance(value, Const) and value.value is UNDEFINED):
                    self.assigned(name, self.loose[name], node)
            case ("meta", "summary"):
                if self.conditions or self.summary is not None:
                    raise Unsupported(node, "summary_that_changes")
                self.summary = logic.as_text(value, node).node
            case ("meta", "hid") if not self.conditions:
                self.hid = logic.as_text(value, node).node
                self.soft(node, "goupile_hid", "meta.hid")
            case ("data" | "document" | "window", *_):
                self.not_run(".".join(path), node)
            case _:
                raise Unsupported(node, "known_at_run")

    def assigned(self, name: str, value: Any, node: Ast) -> None:
        """A value that a script only sets becomes a hidden calculation."""
        made = logic.tree(value, node)
        self.found.pop((name,), None)
        found = self.calculation((name,), "", made, node)
        found.spec |= {"hidden": True, "source": {"goupile.assigned": name}}
        found.visible = None
        self.loose[name] = found.tree()

    # Calls of form and meta

    def said(self, parts: tuple[str, ...], node: Ast, env: Env, head: str) -> Any:
        name = parts[0] if len(parts) == 1 else ".".join(parts)
        if head == "meta":
            return self.of_meta(name, node, env)
        if head != "form":
            raise Unsupported(node, "known_at_run")
        if name in items.LOOKS:
            return self.widget(name, node, env)
        work = getattr(self, f"form_{name.lower()}", None)
        if work is None:
            raise Unsupported(node, "known_at_run")
        return work(node, env)

    def of_meta(self, name: str, node: Ast, env: Env) -> Any:
        given = [self.value(one, env) for one in node["arguments"]]
        if name == "constrain" and len(given) == 2 and isinstance(given[0], Const) and not self.conditions:
            wanted = given[1].items if isinstance(given[1], Arr) else [given[1]]
            kinds = {one.value for one in wanted if isinstance(one, Const)}
            found = self.found.get((str(given[0].value),))
            if found and kinds <= {"exists", "unique"}:
                found.spec |= {"unique": True} if "unique" in kinds else {}
                found.spec |= {"required": True} if "exists" in kinds else {}
                return Const(UNDEFINED)
        raise Unsupported(node, "known_at_run")

    def imported(self, node: Ast, env: Env) -> None:
        names = self.imports(str(node["source"]["value"]), self.files[-1], self, env).names
        for one in node["specifiers"]:
            if one["type"] == "ImportNamespaceSpecifier":
                env.names[one["local"]["name"]] = Obj(dict(names))
            else:
                wanted = (
                    "default"
                    if one["type"] == "ImportDefaultSpecifier"
                    else one["imported"].get("name", one["imported"].get("value"))
                )
                if wanted not in names:
                    raise Unsupported(node, "import")
                env.names[one["local"]["name"]] = names[wanted]
