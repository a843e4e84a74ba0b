"""A definition cut down to what a participant is asked: nothing of the study's own work, nothing of other pages.

A condition that reads only what is asked here goes along. Any other is settled now: what it hides isn't sent at all. A
calculation that reads something else is sent as its result. The server evaluates the whole form at each save.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import Evaluation
from ecrf.engine.expressions import Environment, compile_expression, elsewhere, references
from ecrf.engine.items import Item
from ecrf.engine.state import Context, Evaluated

PAGE = ("key", "title", "help")
GROUP = ("title", "help", "level", "collapsed", "columns", "tab", "matrix", "repeat")
ITEM = (
    *("key", "type", "look", "label", "help", "unit", "ends", "format", "decimals", "seconds", "order", "columns"),
    *("max_length", "max_ticked", "min_ticked", "pattern", "range", "required", "readonly", "placeholder", "prefix"),
    *("suffix", "rows", "shown_decimals", "ticks", "image"),
)
CHOICE = ("code", "label", "retired", "attributes", "exclusive")
CONDITIONS = {"required_if": "required", "readonly_if": "readonly"}
OURS = frozenset({"subject", "site", "arm", "status"})
"""What the study knows of somebody, whatever it is asked for."""
UNASKED = frozenset({"file"})


@dataclass(frozen=True)
class Cut:
    """What the browser of a participant gets to know; `state` is that of the whole sheet and stays here."""

    definition: dict[str, Any]
    values: dict[str, Any]
    state: Evaluated
    keys: frozenset[str]
    """What may be written: items and rows."""
    cells: Mapping[str, frozenset[str]]
    """What is asked in each row, by the key of the rows."""
    follows: bool = False
    """Something that was settled here changes with his answers: it is to be worked out again soon after each."""


def askable(definition: Definition, page: str) -> bool:
    """Whether participants may be asked a page: no script, which says what it does only by running."""
    return not definition.page(page).spec.get("script")


def asked_of(definition: Definition, pages: Sequence[str]) -> Iterator[Item]:
    """The questions and calculations of these pages that a participant sees."""
    for item in definition.items.values():
        if item.page in pages and not item.spec.get("hidden") and item.kind not in UNASKED:
            yield item


def cut(
    definition: Definition,
    pages: Sequence[str],
    values: Mapping[str, Any],
    context: Context,
    notes: Mapping[str, Any],
    title: Mapping[str, str],
) -> Cut:
    """The pages as a definition of their own, on what is known of the whole sheet."""
    evaluation = Evaluation(definition, values, context, notes, propose=True, scripts={})
    state = evaluation.result()
    items = {item.key: item for item in asked_of(definition, pages)}
    own = frozenset(items) | {item.repeat for item in items.values() if item.repeat}
    cutter = Cutter(definition, state, evaluation.top.env, items, own)
    kept = [page for spec in definition.data["pages"] if spec["key"] in pages and (page := cutter.page(spec))]
    data: dict[str, Any] = {
        "format": definition.data["format"],
        "title": dict(title),
        "languages": definition.languages,
        **({} if definition.data.get("annotate", True) else {"annotate": False}),
        "pages": kept,
    }
    if context.event:
        data["events"] = [{"key": context.event, "title": dict(title), "pages": [page["key"] for page in kept]}]
    sent = {item["key"]: item for page in kept for group in page["groups"] for item in group["items"]}
    rows = {group["repeat"]["key"] for page in kept for group in page["groups"] if "repeat" in group}
    shown = {key: values[key] for key in values if key in sent and key in items and not items[key].repeat}
    shown |= {key: cutter.rows(values[key], sent) for key in rows if key in values}
    fixed = {key for key, item in items.items() if item.repeat or not item.is_input or item.spec.get("readonly")}
    cells = {row: frozenset(key for key, item in items.items() if item.repeat == row) for row in rows}
    return Cut(data, shown, state, frozenset((items.keys() - fixed) | rows), cells, cutter.follows)


@dataclass
class Cutter:
    definition: Definition
    state: Evaluated
    env: Environment
    items: Mapping[str, Item]
    own: frozenset[str]
    follows: bool = False

    def reads_own(self, node: Any) -> bool:
        """Whether an expression reads nothing but what is asked here, and the time."""
        read = set(references(node))
        alone = read <= self.own and not any(elsewhere(node)) and not OURS & set(heads(node))
        self.follows |= not alone and not read.isdisjoint(self.own)
        return alone

    def holds(self, spec: Mapping[str, Any], out: dict[str, Any]) -> bool:
        """Take a condition along, or settle it: whether the part is sent."""
        node = spec.get("visible_if")
        if node is None:
            return True
        if self.reads_own(node):
            out["visible_if"] = node
            return True
        return compile_expression(node)(self.env) is True

    def page(self, spec: Mapping[str, Any]) -> dict[str, Any] | None:
        page = {name: spec[name] for name in PAGE if name in spec}
        if not self.holds(spec, page):
            return None
        page["groups"] = [group for one in spec["groups"] if (group := self.group(one))]
        return page if page["groups"] else None

    def group(self, spec: Mapping[str, Any]) -> dict[str, Any] | None:
        group = {name: spec[name] for name in GROUP if name in spec}
        if not self.holds(spec, group):
            return None
        if "repeat" in spec:
            title = spec["repeat"].get("row_title")
            group["repeat"] = {
                name: value for name, value in spec["repeat"].items() if name != "row_title" or self.reads_own(title)
            }
        group["items"] = [item for one in spec["items"] if (item := self.item(one, in_rows="repeat" in spec))]
        return group if group["items"] else None

    def item(self, spec: Mapping[str, Any], *, in_rows: bool) -> dict[str, Any] | None:
        known = self.items.get(spec["key"])
        if known is None:
            return None
        key, item = spec["key"], {name: spec[name] for name in ITEM if name in spec}
        # a condition in a row that reads elsewhere can't be settled for every row to come: the question is shown
        if not self.holds(spec, item) and not in_rows:
            return None
        if known.codes:
            self.choices(known, item, spec)
        for name, fixed in CONDITIONS.items():
            if name in spec:
                if self.reads_own(spec[name]):
                    item[name] = spec[name]
                elif not in_rows and compile_expression(spec[name])(self.env) is True:
                    item[fixed] = True
        for name in ("min", "max", "calc"):
            if name in spec and self.reads_own(spec[name]):
                item[name] = spec[name]
        if "calc" in spec and "calc" not in item:
            item["calc"] = self.result(key, spec["type"], in_rows=in_rows)
        self.default(key, item, spec)
        checks = [
            check for check in spec.get("checks", ()) if check["severity"] != "query" and self.reads_own(check["holds"])
        ]
        if checks:
            item["checks"] = checks
        if not spec.get("annotate", True):
            item["annotate"] = False
        return item

    def choices(self, known: Item, item: dict[str, Any], spec: Mapping[str, Any]) -> None:
        """The choices on offer: a filter that reads elsewhere has already chosen."""
        offered = None
        if "choice_filter" in spec:
            if self.reads_own(spec["choice_filter"]):
                item["choice_filter"] = spec["choice_filter"]
            else:
                offered = self.state.offered.get(known.key)
        item["choices"] = [
            {name: choice[name] for name in CHOICE if name in choice}
            for code, choice in known.codes.items()
            if offered is None or code in offered
        ]

    def default(self, key: str, item: dict[str, Any], spec: Mapping[str, Any]) -> None:
        if "default" not in spec:
            return
        if self.reads_own(spec["default"]):
            item["default"] = spec["default"]
        elif key in self.state.defaults and isinstance(value := self.state.values.get(key), str):
            item["default"] = [LITERALS.get(spec["type"], "text"), value]

    def result(self, key: str, kind: str, *, in_rows: bool) -> list[Any]:
        """What a calculation that reads elsewhere gives now, as an expression that reads nothing."""
        value = None if in_rows else self.state.values.get(key)
        return [LITERALS.get(kind, "text"), value] if isinstance(value, str) else ["null"]

    def rows(self, held: Any, sent: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What rows hold of the questions that are asked here."""
        return [{key: row[key] for key in row if key in sent} for row in held or ()]


LITERALS = {
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "partial_date": "partial",
}


def heads(node: Any) -> Iterator[str]:
    """Every operator of an expression."""
    yield node[0]
    for part in node[1:]:
        if isinstance(part, list | tuple):
            yield from heads(part)
