"""Widgets of a page script as items: key, options, value, conditions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.exchange.goupile import items, logic
from ecrf.engine.exchange.goupile.names import Late
from ecrf.engine.exchange.goupile.statements import Script
from ecrf.engine.exchange.goupile.values import (
    UNDEFINED,
    Arr,
    Ast,
    Const,
    Env,
    Found,
    Func,
    Obj,
    Tree,
    Unsupported,
    js_text,
)


@dataclass
class Group:
    title: str = ""
    level: int = 0
    tab: str = ""
    repeat: str = ""
    path: str = ""
    """Where a repeat keeps its rows."""
    lines: int = 0


@dataclass
class Names:
    """The keys of the whole form: each once, whatever its case. The same path of a page has the same key each time."""

    given: dict[tuple[str, ...], str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def key(self, page: str, path: tuple[str, ...]) -> str:
        known = self.given.get((page, *path))
        if known:
            return known
        start = "_".join(path)
        start = start if start[:1].isalpha() else f"k{start}"
        key = start = start[:80]
        for count in range(1, 10_000):
            if key.lower() not in self.taken:
                break
            key = f"{start}_{page}"[:90] if count == 1 else f"{start[:80]}_{count}"
        self.taken.add(key.lower())
        self.given[(page, *path)] = key
        return key


class Asking(Script):
    """What a page asks so far, and where the next widget would stand."""

    def __init__(self, key: str, language: str, names: Names, known: dict[tuple[str, ...], Found], other: Any) -> None:
        super().__init__(self.of_values, other)
        self.key, self.language, self.names, self.known = key, language, names, known
        self.found: dict[tuple[str, ...], Found] = {}
        self.groups: list[Group] = []
        self.open: Group | None = None
        self.level = self.beside = self.outputs = 0
        self.tab = self.repeat = self.repeated = ""
        self.inline = False
        self.path_stack: list[tuple[str, ...]] = [()]

    @abstractmethod
    def of_values(self, path: tuple[str, ...], node: Ast) -> Any: ...

    @abstractmethod
    def soft(self, node: Ast, code: str, what: str) -> None: ...

    def argument(self, node: Ast, place: int, env: Env) -> Any:
        given = node["arguments"]
        return self.value(given[place], env) if place < len(given) else Const(UNDEFINED)

    def place_of(self, value: Any, node: Ast) -> tuple[tuple[str, ...], bool | None]:
        """Where a widget keeps its value, and whether its key says that it is mandatory."""
        parts = value.items if isinstance(value, Arr) else [value]
        if not parts or not all(isinstance(one, Const) and isinstance(one.value, str | int) for one in parts):
            raise Unsupported(node, "key_that_changes")
        *before, last = (js_text(one.value) for one in parts)
        mandatory = None
        while last[:1] in ("*", "?"):
            mandatory, last = last[0] == "*", last[1:]
        path = (*self.path_stack[-1], *before, last)
        if not all(part.isascii() and part.replace("_", "a").isalnum() and not part.startswith("__") for part in path):
            raise Unsupported(node, "bad_key")
        return path, mandatory

    def expanded(self, value: Any, node: Ast) -> dict[str, Any]:
        given = value.items if isinstance(value, Obj) else {}
        if not isinstance(value, Obj | Arr) and not (isinstance(value, Const) and value.value is UNDEFINED):
            raise Unsupported(node, "option_that_changes")
        for name in given:
            if name in items.SHOWN:
                self.soft(node, "goupile_display_lost", name)
            elif name not in items.CARRIED:
                self.soft(node, "goupile_option_lost", name)
        return {**self.options[-1], **given}

    def widget(self, name: str, node: Ast, env: Env) -> Found:
        kind, look = items.LOOKS[name]
        path, mandatory = self.place_of(self.argument(node, 0, env), node)
        label = self.attempted(lambda: items.text(self.argument(node, 1, env), node)) or ""
        place = 3 if name == "calc" or (kind in ("choice", "choices") and look != "yesno") else 2
        options = self.attempted(lambda: self.expanded(self.argument(node, place, env), node)) or dict(self.options[-1])
        if mandatory is not None:
            options["mandatory"] = Const(mandatory)
        if kind == "calc":
            value = self.argument(node, 2, env)
            if isinstance(value, Const) and isinstance(value.value, bool):
                raise Unsupported(node, "calculation_of_truth")
            made = logic.tree(value, node)
            if made.type not in ("number", "text", "date", "time", "null"):
                raise Unsupported(node, "calculation_of_truth" if made.type == "boolean" else "value_that_does_not_fit")
            found = self.calculation(path, label.split("\n")[0], made, node)
            self.attempted(lambda: self.dress(found, options, node))
            return found
        key = self.names.key(self.key, path)
        spec: dict[str, Any] = {"key": key, "type": kind, "label": {self.language: label.split("\n")[0]}}
        if look:
            spec["look"] = look
        found = Found(key, spec, options=options)
        if kind in ("choice", "choices"):
            pairs = (
                items.yes_no(name, self.language)
                if look == "yesno"
                else items.choices(self.argument(node, 2, env), node)
            )
            if not pairs:
                raise Unsupported(node, "choices_that_change")
            spec["choices"], found.values = items.labelled(pairs, self.language)
            found.exclusive = any(value is UNDEFINED for value, _ in pairs)
        if look == "pin":
            spec["pattern"] = "[0-9]*"
        if kind == "number":
            self.attempted(lambda: self.numeric(spec, options, name, node))
            spec["type"] = "decimal" if spec["type"] == "number" else spec["type"]
        self.attempted(lambda: self.dress(found, options, node))
        return self.keep(path, found, node)

    def attempted(self, work: Callable[[], Any]) -> Any:
        """A part of a widget that can't be told is reported, and the widget is asked without it."""
        try:
            return work()
        except Unsupported as fault:
            self.doubt(fault)
            return None

    def numeric(self, spec: dict[str, Any], options: dict[str, Any], name: str, node: Ast) -> None:
        decimals = items.whole(self.option(options, "decimals"), node, 0, 12) or 0
        spec["type"] = "decimal" if decimals else "integer"
        if decimals:
            spec["decimals"] = decimals
        if name != "slider":
            return
        low, high = (self.option(options, one) or Const(other) for one, other in (("min", 0), ("max", 10)))
        options |= {"min": low, "max": high}
        if not isinstance(low, Const) or not isinstance(high, Const):
            raise Unsupported(node, "option_that_changes")
        ends = [
            self.words(options, one, node) or js_text(other.value) for one, other in (("prefix", low), ("suffix", high))
        ]
        spec["ends"] = [{self.language: one} for one in ends]
        options |= {"prefix": Const(UNDEFINED), "suffix": Const(UNDEFINED)}
        if marks := items.ticks(self.option(options, "ticks"), low.value, high.value, self.language, node):
            spec["ticks"] = marks

    def option(self, options: dict[str, Any], name: str) -> Any:
        value = options.get(name)
        if isinstance(value, Late):
            raise value.fault
        return value

    def words(self, options: dict[str, Any], name: str, node: Ast) -> str:
        value = self.option(options, name)
        if isinstance(value, Func):
            self.soft(node, "goupile_display_lost", name)
            return items.sample(value, self.run, node)
        return "" if value is None else items.text(value, node)

    def calculation(self, path: tuple[str, ...], label: str, made: Tree, node: Ast) -> Found:
        if made.codes and all(isinstance(one, int | float) for _, one in made.codes):
            made = logic.as_number(made, node)
        kinds = {"number": "decimal", "null": "text", "boolean": "choice", "partial": "partial_date"}
        kind = kinds.get(made.type, made.type)
        if kind not in ("decimal", "text", "date", "time", "choice"):
            raise Unsupported(node, "value_that_does_not_fit")
        key = self.names.key(self.key, path)
        spec: dict[str, Any] = {"key": key, "type": kind, "label": {self.language: label}, "calc": made.node}
        found = Found(key, spec)
        if made.type == "boolean":
            truth = items.labelled([(True, "true"), (False, "false")], self.language)
            spec["choices"], found.values = truth
            spec["calc"] = ["if", made.node, ["text", "true"], ["text", "false"]]
        return self.keep(path, found, node)

    def dress(self, found: Found, options: dict[str, Any], node: Ast) -> None:
        """What the options of a widget say of its item."""
        spec, kind = found.spec, found.spec["type"]
        for name in ("help", "prefix", "suffix", "placeholder"):
            if words := self.words(options, name, node):
                spec[name] = {self.language: words}
        calc = "calc" in spec
        off = self.flag(options, "disabled", node)
        if not calc:
            self.obligation(spec, self.flag(options, "mandatory", node), off)
            self.closing(spec, logic.either([off, self.flag(options, "readonly", node)]))
        hidden = self.flag(options, "hidden", node)
        if hidden.node == logic.TRUE:
            spec["hidden"] = True
        elif hidden.node != logic.FALSE:
            found.visible = logic.both([*([found.visible] if found.visible else []), logic.negation(hidden)])
        if not calc and kind in ("integer", "decimal", "date"):
            for name in ("min", "max"):
                if (limit := items.limit(self.option(options, name), kind, node)) is not None:
                    spec[name] = limit
            if "min" in spec or "max" in spec:
                block = options.get("block")
                spec["range"] = "warn" if isinstance(block, Const) and block.value is False else "block"
        elif not calc and any(
            isinstance(options.get(name), Tree) or options.get(name, Const(UNDEFINED)) != Const(UNDEFINED)
            for name in ("min", "max")
        ):
            raise Unsupported(node, "limit_of_another_kind")
        value = self.option(options, "value")
        if not calc and value is not None and not (isinstance(value, Const) and value.value is UNDEFINED):
            default = items.fitting(value, kind, found.values, node)
            if default is not None:
                spec["default"] = default
        if calc and kind == "decimal":
            decimals = items.whole(self.option(options, "decimals"), node, 0, 12)
            spec["shown_decimals"] = 2 if decimals is None else decimals
        if calc and options.get("text") is not None:
            self.soft(node, "goupile_display_lost", "text")
        self.small(spec, options, node)

    def small(self, spec: dict[str, Any], options: dict[str, Any], node: Ast) -> None:
        if spec.get("look") == "lines":
            spec["rows"] = items.whole(self.option(options, "rows"), node, 1, 60) or 3
        if spec["type"] in ("choice", "choices") and (
            columns := items.whole(self.option(options, "columns"), node, 1, 12)
        ):
            spec["columns"] = columns
        if spec["type"] == "time" and self.flag(options, "seconds", node).node == logic.TRUE:
            spec["seconds"] = True
        if "annotate" in options and self.flag(options, "annotate", node).node == logic.FALSE:
            spec["annotate"] = False
        fast = spec["type"] == "choice" and "untoggle" in options
        if fast and self.flag(options, "untoggle", node).node == logic.FALSE:
            spec["untoggle"] = False
        if "public" in options and self.flag(options, "public", node).node == logic.TRUE:
            spec["public"] = True
        tags = self.option(options, "tags")
        keys = (
            [one.items.get("key") if isinstance(one, Obj) else one for one in tags.items]
            if isinstance(tags, Arr)
            else []
        )
        named = [str(one.value) for one in keys if isinstance(one, Const) and str(one.value).isidentifier()]
        if named:
            spec["tags"] = named[:20]

    def flag(self, options: dict[str, Any], name: str, node: Ast) -> Tree:
        value = self.option(options, name)
        return logic.condition(Const(False) if value is None else value, node)

    def obligation(self, spec: dict[str, Any], wanted: Tree, off: Tree) -> None:
        needed = logic.both([wanted, logic.negation(off)])
        if needed.node == logic.TRUE:
            spec["required"] = True
        elif needed.node != logic.FALSE:
            spec["required_if"] = needed.node

    def closing(self, spec: dict[str, Any], off: Tree) -> None:
        if off.node == logic.TRUE:
            spec["readonly"] = True
        elif off.node != logic.FALSE:
            spec["readonly_if"] = off.node

    # Where it stands

    def keep(self, path: tuple[str, ...], found: Found, node: Ast) -> Found:
        tests = [*self.conditions, *([found.visible] if found.visible else [])]
        found.visible = logic.both(tests) if tests else None
        found.tab, found.line = self.tab, Unsupported(node, "").line
        before = self.found.get(path)
        if before:
            return self.again(before, found, node)
        if self.open is None:
            self.open = Group("", self.level, self.tab, self.repeat, self.repeated)
            self.groups.append(self.open)
        if not (self.inline or self.beside):
            self.open.lines += 1
        self.inline = False
        found.place = (self.groups.index(self.open), max(self.open.lines, 1))
        self.found[path] = found
        return found

    def again(self, before: Found, found: Found, node: Ast) -> Found:
        """A key that is asked in several branches, of which one is taken."""
        one, other = before.spec, found.spec
        same = {name: value for name, value in one.items() if name not in ("calc", "label", "help", "source")}
        if (
            same != {name: value for name, value in other.items() if name not in ("calc", "label", "help", "source")}
            and one["type"] != other["type"]
        ):
            if "calc" not in one or "text" not in (one["type"], other["type"]):
                raise Unsupported(node, "asked_twice")
            if one.get("calc") == logic.NULL:
                one["type"] = other["type"]
        if found.visible is None or before.visible is None or one["label"] != other["label"]:
            raise Unsupported(node, "asked_twice")
        if "calc" in one:
            one["calc"] = (
                other["calc"]
                if one["calc"] == other["calc"]
                else ["if", before.visible.node, one["calc"], other["calc"]]
            )
        elif same != {name: value for name, value in other.items() if name not in ("label", "source")}:
            raise Unsupported(node, "asked_twice")
        before.visible = logic.either([before.visible, found.visible])
        return before
