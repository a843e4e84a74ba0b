"""XPath of a workbook as expressions, once the names of all questions are known; and the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.losses import Losses
from ecrf.engine.exchange.scopes import scope_of
from ecrf.engine.exchange.xlsform.items import Reading
from ecrf.engine.exchange.xlsform.lists import ROWS, widened
from ecrf.engine.expressions import Scope, as_xpath, check, from_xpath
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.logic_tokens import LogicError
from ecrf.engine.redcap.lowering import Fields
from ecrf.engine.values import EXPRESSION_TYPES


def several(choice: Mapping[str, Any]) -> list[str]:
    """The columns that hold the values of several rows."""
    return [name for row in json.loads(choice.get("attributes", {}).get(ROWS, "[]")) for name in row]


KEPT = {"visible_if": "relevant", "calc": "calculation", "required_if": "required", "readonly_if": "readonly"}
"""A property of an item -> the column that it comes from, where the names differ."""
CONDITIONS = frozenset({"visible_if", "required_if", "readonly_if", "constraint", "choice_filter"})
RELATIVE = re.compile(r"(?:\.\./){1,20}([A-Za-z_][A-Za-z0-9_.-]{0,200})(?![/\w])")
COMPUTED = {"number": "decimal", "text": "text", "date": "date", "datetime": "datetime", "time": "time"}


class Known:
    """What formulas may name: the key of each name, the type and the choices of each key, and in which rows it stands.

    `within` gives the repeat of each item that stands in one, `copies` the items of each repeating page.
    """

    def __init__(
        self,
        keys: Mapping[str, str],
        items: Sequence[Mapping[str, Any]],
        lists: Mapping[str, list[dict[str, Any]]],
        within: Mapping[str, str],
        copies: Mapping[str, Sequence[str]],
    ) -> None:
        self.keys, self.within, self.copies = keys, within, copies
        self.scopes: dict[str, Scope] = {}
        self.names = {key: name for name, key in keys.items()}
        offered = {item["key"]: item.get("choices") or lists.get(item.get("list", ""), []) for item in items}
        self.types = {item["key"]: EXPRESSION_TYPES[item["type"]] for item in items if item["type"] in EXPRESSION_TYPES}
        self.codes = {
            key: frozenset(choice["code"] for choice in choices) for key, choices in offered.items() if choices
        }
        self.attributes = {
            key: frozenset(name for choice in choices for name in choice.get("attributes", {}))
            for key, choices in offered.items()
        }
        self.several = {
            key: frozenset(name for choice in choices for name in several(choice)) for key, choices in offered.items()
        }

    def scope(self, own: str, row: str, *, filtering: bool) -> Scope:
        row = row or self.within.get(own, "")
        if row not in self.scopes:
            self.scopes[row] = scope_of(self.types, self.codes, self.within, self.copies, row)
        made = self.scopes[row]
        return replace(made, attributes=self.attributes.get(own, frozenset())) if filtering else made

    def read(
        self, text: str, wanted: str, own: str = "", row: str = "", *, filtering: bool = False
    ) -> tuple[Any, list[Fault]]:
        """The expression and remarks, without places. Raises LogicError for what can't be said, or isn't sound."""
        text = RELATIVE.sub(lambda found: f"${{{found[1]}}}" if found[1] in self.keys else found[0], text)
        scope = self.scope(own, row, filtering=filtering)
        fields = Fields(types=scope.types, codes=self.codes, repeats=scope.repeats)
        attributes = (self.attributes.get(own, frozenset()) | {"label"}) if filtering else frozenset()
        node, remarks = from_xpath.read(text, fields, wanted, this=own, keys=self.keys, attributes=attributes)
        if filtering:
            node = widened(node, self.several.get(own, frozenset()))
            if node is None:
                raise LogicError("filter_of_twice", unsupported=True)
        kind, problems = check(node, scope)
        doubtful = [one for one in problems if one.code == "unknown_choice"]
        for one in problems:
            if one not in doubtful:
                raise LogicError(one.code, unsupported=True, **one.params)
        if kind not in (wanted, "null"):
            raise LogicError("wrong_result", unsupported=True, given=kind, wanted=wanted)
        return node, [
            *(Fault("", one.code, one.params) for one in remarks),
            *(Fault("", one.code, one.params) for one in doubtful),
        ]

    def stable(self, node: Any, wanted: str, own: str, **how: Any) -> bool:
        """Whether an expression is the same when it is written and read again."""
        try:
            text = as_xpath.write(node, names=self.names, this=own, types=self.types)
            return bool(self.read(text, wanted, own, **how)[0] == node)
        except (as_xpath.Unsayable, LogicError):
            return False


class Formulas:
    """The formulas of a workbook that is being read."""

    def __init__(
        self,
        readings: Sequence[Reading],
        lists: Mapping[str, list[dict[str, Any]]],
        within: Mapping[str, str],
        copies: Mapping[str, Sequence[str]],
    ) -> None:
        keys: dict[str, str] = {}
        for reading in readings:
            keys.setdefault(reading.name, reading.key)
        self.known = Known(keys, [reading.item for reading in readings], lists, within, copies)
        self.compute(readings)

    def compute(self, readings: Sequence[Reading]) -> None:
        """Find out what calculations give, which the workbook doesn't say: each may need that of others."""
        left = [reading for reading in readings if reading.kind == "calculate"]
        while left:
            again = []
            for reading in left:
                text = next((text for name, _, text in reading.formulas if name == "calc"), "")
                kind = self.kind_of(text, reading.key, {other.key for other in left} - {reading.key})
                if kind is None:
                    again.append(reading)
                elif kind in COMPUTED:
                    reading.item["type"] = COMPUTED[kind]
                    self.known.types = {**self.known.types, reading.key: kind}
                    self.known.scopes.clear()
            if len(again) == len(left):
                break
            left = again

    def kind_of(self, text: str, own: str, unknown: set[str]) -> str | None:
        """The type of a calculation; None while it reads one whose type isn't known."""
        names = {self.known.keys.get(name) for name in re.findall(r"\$\{\s{0,9}([^${}]{1,200}?)\s{0,9}\}", text)}
        if names & unknown:
            return None
        for wanted in ("number", "date", "datetime", "time"):
            try:
                node, _ = self.known.read(text, wanted, own)
            except LogicError:
                continue
            if node[0] != wanted or isinstance(node[1], str):  # and no text that was only turned into one
                return wanted
        return "text"

    def tree(self, text: str, wanted: str, place: str, own: str = "", **how: Any) -> tuple[Any, list[Fault]]:
        """The expression, or None where it can't be said; and what there is to say of it."""
        try:
            node, remarks = self.known.read(text, wanted, own, **how)
        except LogicError as error:
            return None, [Fault(place, error.code, {**error.params, "text": text[:200]})]
        return node, [Fault(place, remark.code, remark.params) for remark in remarks]

    def settle(self, reading: Reading) -> None:
        """Put the formulas of a question into its item; what can't be said is kept as it was written."""
        for name, column, text in reading.formulas:
            wanted = "boolean" if name in CONDITIONS else self.known.types.get(reading.key, "text")
            place = reading.book.place(reading.name, column)
            tree, remarks = self.tree(text, wanted, place, reading.key, filtering=name == "choice_filter")
            reading.remarks += remarks
            if tree is None:
                reading.keep(KEPT.get(name, name), text)
                continue
            if not self.known.stable(tree, wanted, reading.key, filtering=name == "choice_filter"):
                reading.item.setdefault("source", reading.source)[f"xlsform.{column}"] = text
            if name == "constraint":
                check_ = {"key": "constraint", "holds": tree, "severity": "block", "message": reading.message()}
                reading.item["checks"] = [check_]
            else:
                reading.item[name] = tree


class Printer:
    """The names of questions in the workbook, and expressions in XPath."""

    def __init__(self, definition: Definition) -> None:
        self.data = definition.data
        specs = [item.spec for item in definition.items.values()]
        self.specs = {spec["key"]: spec for spec in specs}
        self.names = {spec["key"]: spec.get("source", {}).get("xlsform.name", spec["key"]) for spec in specs}
        keys: dict[str, str] = {}
        for key, name in self.names.items():
            keys.setdefault(name, key)
        within = {
            key: item.group.spec["repeat"]["key"]
            for key, item in definition.items.items()
            if "repeat" in item.group.spec
        }
        copies = {
            page["key"]: [item["key"] for group in page["groups"] for item in group["items"]]
            for page in self.data["pages"]
            if page.get("repeats")
        }
        self.known = Known(keys, specs, self.data.get("lists", {}), within, copies)

    def joined(self, nodes: Sequence[Mapping[str, Any]], row: str = "") -> Any:
        """The conditions that groups of a workbook have together, as far as they could be said."""
        parts = []
        for node in nodes:
            if text := node.get("relevant"):
                try:
                    parts.append(self.known.read(text, "boolean", row=row)[0])
                except LogicError:
                    continue
        return parts[0] if len(parts) == 1 else ["and", *parts] if parts else None

    def text(self, node: Any, losses: Losses, place: str, own: str = "", key: str = "", column: str = "") -> str:
        """In XPath, as it was written where that is still meant; nothing, and a loss, where it has no words for it."""
        name = place.rpartition(".")[2]
        spec = self.specs.get(key, {})
        said = spec.get("source", {}).get(f"xlsform.{column}", "")
        if said and self.same(said, node, spec, name):
            return str(said)
        try:
            return as_xpath.write(node, names=self.names, this=own, types=self.known.types)
        except as_xpath.Unsayable as unsayable:
            losses.add(place, name, operator=unsayable.what)
            return ""

    def same(self, text: str, node: Any, spec: Mapping[str, Any], name: str) -> bool:
        wanted = "boolean" if name in CONDITIONS or name == "checks" else self.known.types.get(spec["key"], "text")
        try:
            return bool(self.known.read(text, wanted, spec["key"], filtering=name == "choice_filter")[0] == node)
        except LogicError:
            return False
