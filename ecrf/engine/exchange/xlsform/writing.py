"""From a definition to a workbook."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.losses import Losses
from ecrf.engine.exchange.names import key_of
from ecrf.engine.exchange.titles import title_of
from ecrf.engine.exchange.xlsform.choices import Lists
from ecrf.engine.exchange.xlsform.formulas import Printer
from ecrf.engine.exchange.xlsform.languages import suffix_of
from ecrf.engine.exchange.xlsform.rows import Row
from ecrf.engine.exchange.xlsform.sheets import workbook
from ecrf.engine.faults import Fault

FORM = frozenset({"format", "title", "languages", "lists", "source", "pages"})
PAGE = frozenset({"key", "title", "visible_if", "repeats", "source", "groups"})
GROUP = frozenset({"title", "level", "matrix", "repeat", "source", "visible_if", "items"})


def write(definition: Definition) -> tuple[bytes, list[Fault]]:
    """The workbook, and what it can't say."""
    return Writer(definition).result()


class Writer:
    def __init__(self, definition: Definition) -> None:
        self.data = definition.data
        self.losses = Losses()
        source = self.data.get("source", {})
        self.suffixes = {
            code: source.get(f"xlsform.language.{code}", suffix_of(code)) for code in self.data["languages"]
        }
        self.printer = Printer(definition)
        self.lists = Lists(self)
        self.survey: list[dict[str, str]] = []
        self.open: list[dict[str, Any]] = []
        self.taken = {name.lower() for name in self.printer.names.values()}

    def texts(self, column: str, texts: Mapping[str, str] | None) -> dict[str, str]:
        """A column per language."""
        return {self.column(column, code): text for code, text in (texts or {}).items() if code in self.suffixes}

    def column(self, column: str, code: str) -> str:
        return f"{column}::{self.suffixes[code]}" if self.suffixes[code] else column

    def result(self) -> tuple[bytes, list[Fault]]:
        self.losses.properties("", self.data, FORM)
        if [*self.data["title"]] not in ([], [self.data["languages"][0]]):
            self.losses.add("title", "translation")
        for number, page in enumerate(self.data["pages"]):
            self.page(f"pages.{number}", page)
        self.move([])
        sheets = {"survey": self.survey, "choices": self.lists.rows(), "settings": [self.settings()]}
        content, long = workbook({name: rows for name, rows in sheets.items() if rows})
        return content, [*self.losses.faults, *long]

    def settings(self) -> dict[str, str]:
        title = next((text for text in self.data["title"].values() if text), "")
        source: Mapping[str, str] = self.data.get("source", {})
        found = {"form_title": title} if title else {}
        form = source.get("xlsform.form_id", key_of(title, "form") if title else "")
        if form:
            found["form_id"] = form
        first = self.suffixes[self.data["languages"][0]]
        if first and "xlsform.default_language" not in source:
            found["default_language"] = first
        prefix = "xlsform.settings."
        found |= {name.removeprefix(prefix): value for name, value in source.items() if name.startswith(prefix)}
        if self.lists.repeated:
            found.setdefault("allow_choice_duplicates", "yes")
        return found

    def page(self, place: str, page: Mapping[str, Any]) -> None:
        self.losses.properties(place, page, PAGE)
        base: list[dict[str, Any]] = []
        source = page.get("source", {})
        if source.get("xlsform.page") != "form":
            node = loaded(source.get("xlsform.node")) or {"name": self.free(page["key"])}
            texts = {code: text for code, text in page["title"].items() if text}
            if node.get("label", {}) != texts and not (not node.get("label") and texts == {self.first: node["name"]}):
                node["label"] = texts
            if page.get("repeats"):
                node["repeat"] = True
            base = [self.conditioned(node, [], page.get("visible_if"), f"{place}.visible_if")]
        elif len(self.data["pages"]) > 1:
            self.losses.add(f"{place}.title", "title")
        shown: set[str] = set()
        for number, group in enumerate(page["groups"]):
            self.group(f"{place}.groups.{number}", base, group, shown)

    @property
    def first(self) -> str:
        return str(self.data["languages"][0])

    def free(self, name: str) -> str:
        """A name of a group that no question has."""
        number, found = 1, name
        while found.lower() in self.taken or found.lower() == "meta":
            number += 1
            found = f"{name}_{number}"
        self.taken.add(found.lower())
        return found

    def group(self, place: str, base: list[dict[str, Any]], group: Mapping[str, Any], shown: set[str]) -> None:
        self.losses.properties(place, group, GROUP)
        path = loaded(group.get("source", {}).get("xlsform.path")) or []
        title = group.get("title", {})
        if not path and any(name in group for name in ("title", "visible_if", "repeat", "matrix")):
            name = group["repeat"]["key"] if "repeat" in group else key_of(next(iter(title.values()), ""), "group")
            path = [{"name": self.free(name[:60])}]
        if path:
            ways = [".".join(node["name"] for node in path[: depth + 1]) for depth in range(len(path))]
            unseen = [node.get("label", {}) for way, node in zip(ways, path, strict=True) if way not in shown]
            if title != title_of(unseen):
                path[-1]["label"] = title
            shown.update(ways)
            path[-1] = self.conditioned(path[-1], path[:-1], group.get("visible_if"), f"{place}.visible_if")
            self.repeat(place, path[-1], group)
        for number, item in enumerate(group["items"]):
            within = loaded(item.get("source", {}).get("xlsform.within")) or []
            self.move([*base, *path, *within])
            self.item(f"{place}.items.{number}", item, within)

    def repeat(self, place: str, node: dict[str, Any], group: Mapping[str, Any]) -> None:
        if "matrix" in group and not node.get("appearance"):
            node["appearance"] = "table-list"
        if "repeat" not in group:
            return
        node["repeat"] = True
        said = group["repeat"]
        count = str(node.get("count", ""))
        if "max" in said and said.get("min") == said["max"]:
            node["count"] = str(said["max"])
        elif "min" in said or "max" in said or (count.isdecimal() and count):
            self.losses.add(f"{place}.repeat", "min" if "min" in said else "max")
            node.pop("count", None)
        if "row_title" in said:
            self.losses.add(f"{place}.repeat.row_title", "row_title")

    def conditioned(
        self, node: dict[str, Any], around: Sequence[Mapping[str, Any]], condition: Any, place: str
    ) -> dict[str, Any]:
        """The node with the condition that the definition has now, as it was written where that is the same."""
        if self.printer.joined([*around, node]) == condition:
            return node
        made = {name: value for name, value in node.items() if name != "relevant"}
        text = self.printer.text(condition, self.losses, place) if condition else ""
        return {**made, "relevant": text} if text else made

    def move(self, path: list[dict[str, Any]]) -> None:
        """Close and open groups, so that what follows stands in these."""
        same = 0
        while same < min(len(path), len(self.open)) and path[same]["name"] == self.open[same]["name"]:
            same += 1
        while len(self.open) > same:
            node = self.open.pop()
            self.survey.append({"type": "end_repeat" if node.get("repeat") else "end_group"})
        for node in path[same:]:
            row = {"type": "begin_repeat" if node.get("repeat") else "begin_group", "name": node["name"]}
            row |= self.texts("label", node.get("label"))
            columns = {"relevant": "relevant", "appearance": "appearance", "count": "repeat_count"}
            row |= {column: str(node[name]) for name, column in columns.items() if node.get(name)}
            self.survey.append(row)
            self.open.append(node)

    def item(self, place: str, item: Mapping[str, Any], within: Sequence[Mapping[str, Any]]) -> None:
        self.survey.append(Row(self, place, item, within).result())


def loaded(text: str | None) -> Any:
    return json.loads(text) if text else None
