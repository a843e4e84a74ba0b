"""What the form says about data that come in: out of range, not shown, computed otherwise, a check that doesn't hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from ecrf.engine import numbers
from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import Context, evaluate
from ecrf.engine.exchange.records import Record
from ecrf.engine.exchange.shape import Shape
from ecrf.engine.expressions import references

ELSEWHERE = frozenset(
    {"of", "previous", "first", "last", "over", "rows", "status", "instance", "event", "site", "arm", "choice"}
)
"""Operators that look beyond the entry: what depends on them isn't judged from the file alone."""
NEAR = Decimal("1e-9")
"""Other systems keep about fifteen digits of a calculation."""


@dataclass(frozen=True)
class Judgement:
    key: str
    code: str
    refused: bool
    params: Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """Which pages an evaluation sees, and which it would need to see and doesn't."""

    present: frozenset[str]
    absent: frozenset[str]


class Judge:
    """Judges the records of one file. `asked` are the items that the file has a column for."""

    def __init__(self, definition: Definition, asked: Iterable[str], now: datetime) -> None:
        self.definition, self.shape, self.asked, self.now = definition, Shape(definition), frozenset(asked), now
        self.known: dict[View, dict[str, bool]] = {}

    def judge(self, record: Record, base: Mapping[str, Any] | None) -> Iterator[Judgement]:
        """`base` are the values of the pages of the event that don't repeat, for a copy of one that does."""
        if not record.values:
            return
        view = self.view(record, base)
        values = {**(base or {}), **record.values}
        state = evaluate(self.definition, values, Context(self.now, record.subject), defaults=False)
        for finding in state.findings:
            key = finding.key.partition("[")[0]
            if key not in record.values or finding.severity == "missing" or finding.code == "unknown_variable":
                continue
            if finding.code == "hidden_value" and not self.sure(key, view):
                continue
            if finding.code == "check_failed" and not self.all_readable(self.needs[key][1] | {key}, view):
                continue
            yield Judgement(key, finding.code, finding.severity == "error", finding.params)
        for key in sorted(state.recomputed & record.values.keys()):
            if not self.sure(key, view):
                continue
            if key not in state.visible:
                yield Judgement(key, "hidden_value", False, {})
            elif not near(record.values[key], state.values.get(key)):
                yield Judgement(key, "calc_differs", False, {"computed": state.values.get(key) or ""})

    def view(self, record: Record, base: Mapping[str, Any] | None) -> View:
        single = frozenset(self.shape.single_pages(record.event))
        if not record.page:
            return View(single, frozenset())
        here = frozenset({record.page})
        return View(here | single, frozenset()) if base is not None else View(here, single)

    def sure(self, key: str, view: View) -> bool:
        """Whether all is in the file that decides if the item is shown and what it computes."""
        memory = self.known.setdefault(view, {})
        if key not in memory:
            memory[key] = False
            memory[key] = self.all_readable(self.needs.get(key, (frozenset({""}), NOTHING))[0], view)
        return memory[key]

    def all_readable(self, names: frozenset[str], view: View) -> bool:
        return all(self.readable(name, view) for name in names)

    def readable(self, name: str, view: View) -> bool:
        item = self.definition.items.get(name)
        if item is None or item.page in view.absent:
            return False
        if item.page not in view.present:
            return True  # not asked in this entry: null for the form too
        return (item.calc is not None or name in self.asked) and self.sure(name, view)

    @cached_property
    def needs(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """What each item reads to be shown and computed, and for its checks; "" stands for what is elsewhere."""
        found = {}
        for page in self.shape.data["pages"]:
            for group in page["groups"]:
                above = [part["visible_if"] for part in (page, group) if "visible_if" in part]
                for item in group["items"]:
                    own = [item[name] for name in ("visible_if", "calc") if name in item]
                    checks = [check["holds"] for check in item.get("checks", ())]
                    found[item["key"]] = (names([*above, *own]), names(checks))
        return found


NOTHING: frozenset[str] = frozenset()


def names(nodes: Iterable[Any]) -> frozenset[str]:
    nodes = list(nodes)
    near_by = {str(name) for node in nodes if not elsewhere(node) for name in references(node)}
    return frozenset(near_by | ({""} if any(map(elsewhere, nodes)) else set()))


def elsewhere(node: Any) -> bool:
    return isinstance(node, list | tuple) and (
        (bool(node) and node[0] in ELSEWHERE) or any(elsewhere(part) for part in node[1:])
    )


def near(given: Any, computed: Any) -> bool:
    if given == computed:
        return True
    if not isinstance(given, str) or not isinstance(computed, str):
        return False
    a, b = numbers.parse(given), numbers.parse(computed)
    return a is not None and b is not None and abs(a - b) <= NEAR * max(abs(a), abs(b), Decimal(1))
