"""An item as a row of the survey sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.xlsform.choices import translated
from ecrf.engine.exchange.xlsform.items import CALLS, RANGE
from ecrf.engine.exchange.xlsform.kinds import APPEARANCES, FILLED_IN, WRITTEN

if TYPE_CHECKING:
    from ecrf.engine.exchange.xlsform.writing import Writer

ITEM = frozenset(
    {
        "key", "type", "look", "label", "help", "choices", "list", "choice_filter", "required", "required_if",
        "readonly", "readonly_if", "hidden", "columns", "rows", "min", "max", "range", "decimals", "default", "calc",
        "visible_if", "checks", "source", "unconverted", "seconds", "order",
    }
)  # fmt: skip
FORMULAS = (
    ("visible_if", "relevant"),
    ("required_if", "required"),
    ("readonly_if", "readonly"),
    ("calc", "calculation"),
    ("choice_filter", "choice_filter"),
)
COLUMNS = frozenset({"relevant", "required", "readonly", "calculation", "choice_filter", "default", "constraint"})


class Row:
    def __init__(
        self, writer: Writer, place: str, item: Mapping[str, Any], within: Sequence[Mapping[str, Any]]
    ) -> None:
        self.writer, self.place, self.item, self.within = writer, place, item, within
        self.source: Mapping[str, str] = item.get("source", {})
        self.row: dict[str, str] = {}
        self.lose = writer.losses.add

    def result(self) -> dict[str, str]:
        item = self.item
        self.writer.losses.properties(self.place, item, ITEM)
        self.row["type"] = self.kind()
        self.row["name"] = self.writer.printer.names[item["key"]]
        if self.source.get("xlsform.label") != "none":
            self.row |= self.writer.texts("label", item["label"])
        self.row |= self.writer.texts("hint", item.get("help"))
        for name in ("required", "readonly"):
            if item.get(name):
                self.row[name] = "yes"
        self.appearance()
        self.formulas()
        self.constraint()
        self.default()
        self.kept()
        return {column: text for column, text in self.row.items() if text}

    def kind(self) -> str:
        item, source = self.item, self.source.get("xlsform.type", "")
        look = item.get("look", "")
        kind, _ = WRITTEN.get((item["type"], look), WRITTEN[item["type"], ""])
        if "choices" in item or "list" in item:
            if source == "acknowledge" and "choices" in item:
                return source
            name = self.writer.lists.name_of(self.place, item)
            return f"{kind} {name}"
        if source:
            return f"{source} {self.source['xlsform.choices']}" if source.startswith("select") else source
        if item.get("hidden") and item["type"] != "output":
            if "calc" not in item and item["type"] != "text":
                self.lose(f"{self.place}.hidden", "hidden")
                return kind
            return "calculate" if "calc" in item else "hidden"
        return kind

    def appearance(self) -> None:
        item, kept = self.item, self.source.get("xlsform.appearance", "")
        if self.row["type"] in ("calculate", "hidden", "acknowledge", *FILLED_IN):
            self.row["appearance"] = kept
            return
        meanings = [APPEARANCES.get(word, {}) for word in kept.split()]
        looks = {meaning["look"] for meaning in meanings if "look" in meaning}
        _, usual = WRITTEN.get((item["type"], item.get("look", "")), ("", ""))
        if usual and item.get("look", item["type"]) not in {*looks, *(meaning.get("type") for meaning in meanings)}:
            kept = f"{kept} {usual}".strip()
        if item.get("look") == "lines" and "rows" in item:
            self.row["rows"] = str(item["rows"])
            kept = kept if kept != "multiline" or "xlsform.appearance" in self.source else ""
        if "columns" in item and "columns" not in kept and not any(word[:1] == "w" for word in kept.split()):
            kept = f"{kept} columns-{item['columns']}".strip()
        self.row["appearance"] = kept

    def formulas(self) -> None:
        for name, column in FORMULAS:
            node = self.item.get(name)
            if name == "visible_if" and node:
                node = self.own_condition(node)
            if node:
                self.row[column] = self.formula(node, name, column)

    def formula(self, node: Any, name: str, column: str, own: str = "") -> str:
        """In XPath, or as the workbook had it."""
        place = f"{self.place}.{name}"
        return self.writer.printer.text(node, self.writer.losses, place, own, self.item["key"], column)

    def own_condition(self, node: Any) -> Any:
        """Without that of the groups inside the repeat, which say it themselves."""
        around = self.writer.printer.joined(self.within)
        if around is None or node == around:
            return node if around is None else None
        return node[2] if node[0] == "and" and len(node) == 3 and node[1] == around else node

    def constraint(self) -> None:
        item = self.item
        nodes, messages = [], []
        own = ["var", item["key"]]
        if self.row["type"] == "range":
            self.range()
        else:
            nodes = [[sign, own, item[name]] for name, sign in (("min", ">="), ("max", "<=")) if name in item]
            if nodes and item.get("range") != "block":
                self.lose(f"{self.place}.range", "range")
        for number, check in enumerate(item.get("checks", ())):
            place = f"{self.place}.checks.{number}"
            if check["severity"] != "block":
                self.lose(place, "checks")
                continue
            if check.get("when", "input") == "save":
                self.lose(f"{place}.when", "when")
            nodes.append(check["holds"])
            messages.append(check["message"])
        if not nodes:
            return
        node = nodes[0] if len(nodes) == 1 else ["and", *nodes]
        text = self.formula(node, "checks", "constraint", own=item["key"])
        if text:
            self.row["constraint"] = text
            for code in self.writer.suffixes:
                said = " ".join(message[code] for message in messages if message.get(code))
                if said:
                    self.row[self.writer.column("constraint_message", code)] = said

    def range(self) -> None:
        bounds = {"start": self.item.get("min"), "end": self.item.get("max")}
        said = dict(part.partition("=")[::2] for part in self.source.get("xlsform.parameters", "").split())
        before = {**dict(RANGE), **said}
        for name, node in bounds.items():
            if node and node[0] == "number" and isinstance(node[1], str):
                if node[1] != before[name] and number(node[1]) != number(before[name]):
                    said[name] = node[1]
            elif node:
                self.lose(f"{self.place}.{'min' if name == 'start' else 'max'}", name)
        if self.item["type"] == "decimal" and "step" not in said:
            said["step"] = "0." + "0" * (self.item.get("decimals", 1) - 1) + "1"
        self.row["parameters"] = " ".join(f"{name}={value}" for name, value in sorted(said.items()))

    def default(self) -> None:
        node = self.item.get("default")
        if node is None or self.row["type"] in FILLED_IN:
            return
        if node[0] in ("number", "text", "date", "datetime", "time") and isinstance(node[1], str):
            text = node[1]
            if not (node[0] == "text" and CALLS.search(text)):
                self.row["default"] = text
                return
        self.row["default"] = self.formula(node, "default", "default")

    def kept(self) -> None:
        """What the workbook said and the definition has no word for."""
        if self.row["type"] != "range" and "xlsform.parameters" in self.source:
            self.row["parameters"] = self.source["xlsform.parameters"]
        for column in ("guidance_hint", "required_message", "media"):
            if text := self.source.get(f"xlsform.{column}"):
                self.row |= translated(column, json.loads(text))
        prefix = "xlsform.column."
        for name, value in self.source.items():
            if name.startswith(prefix):
                self.row |= translated(name.removeprefix(prefix), json.loads(value) if value[:1] == "{" else value)
        for number_, one in enumerate(self.item.get("unconverted", ())):
            if one["what"] in COLUMNS and not self.row.get(one["what"]):
                self.row[one["what"]] = one["text"]
            else:
                self.lose(f"{self.place}.unconverted.{number_}", one["what"])


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
