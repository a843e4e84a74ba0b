"""Evaluate an entry: what is shown, computed, missing or wrong. The server does it at every save and has the last word.

What is not shown does not exist for expressions: the value of a hidden item is kept, but reads as null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.expressions import Environment
from ecrf.engine.expressions.run import Run, to_text
from ecrf.engine.faults import Finding, Severity
from ecrf.engine.items import Item
from ecrf.engine.values import Stored, Unreadable, read, write


@dataclass(frozen=True)
class Context:
    """What an expression may know besides the values; given, so that an evaluation can be done again."""

    now: datetime
    subject: str = ""
    """The number of the subject."""

    @property
    def today(self) -> date:
        return self.now.date()


@dataclass(frozen=True)
class PageState:
    """How far a page is: counts only, no value."""

    shown: int
    answered: int
    missing: int
    errors: int
    warnings: int


@dataclass(frozen=True)
class Evaluated:
    values: Mapping[str, Stored]
    """Canonical, with defaults and calculations; what can't be read is left out."""
    visible: frozenset[str]
    findings: tuple[Finding, ...]
    defaults: frozenset[str]
    """Items whose value comes from their default."""
    recomputed: frozenset[str]
    """Calculations that were given another result."""
    pages: Mapping[str, PageState]

    def of(self, *severities: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity in severities]

    @property
    def errors(self) -> list[Finding]:
        return self.of("error")

    @property
    def missing(self) -> list[Finding]:
        return self.of("missing")

    @property
    def warnings(self) -> list[Finding]:
        return self.of("warning")


def evaluate(
    definition: Definition, values: Mapping[str, Any], context: Context, *, defaults: bool = True
) -> Evaluated:
    """Without `defaults`, what nobody saved is missing, for calculations and conditions too."""
    return Evaluation(definition, values, context, propose=defaults).result()


class Evaluation:
    def __init__(
        self, definition: Definition, given: Mapping[str, Any], context: Context, *, propose: bool = True
    ) -> None:
        self.definition, self.given, self.propose = definition, given, propose
        self.typed: dict[str, Any] = {}
        self.stored: dict[str, Stored] = {}
        self.visible: set[str] = set()
        self.defaults: set[str] = set()
        self.recomputed: set[str] = set()
        self.findings: dict[str, list[Finding]] = {}
        self.groups: dict[int, bool] = {}
        self.env = Environment(self.typed, context.today, context.now, context.subject)

    def result(self) -> Evaluated:
        for item in self.definition.order:
            self.settle(item)
        for key in self.definition.items:
            if key in self.visible:
                self.examine(self.definition.items[key])
        unknown = [
            Finding(str(key)[:120], "unknown_variable", "error")
            for key in self.given
            if key not in self.definition.items
        ]
        findings = [finding for key in self.definition.items for finding in self.findings.get(key, ())]
        return Evaluated(
            values={key: self.stored[key] for key in self.definition.items if key in self.stored},
            visible=frozenset(self.visible),
            findings=(*unknown, *findings),
            defaults=frozenset(self.defaults),
            recomputed=frozenset(self.recomputed),
            pages={page.key: self.page(page.items) for page in self.definition.pages},
        )

    def settle(self, item: Item) -> None:
        """Find out whether an item is shown and what it holds."""
        shown = self.is_shown(item)
        if shown:
            self.visible.add(item.key)
        if item.kind == "output":
            if self.given.get(item.key) not in (None, "", []):
                self.find(item, "holds_no_value", "error")
            return
        if item.calc is not None:
            self.compute(item, item.calc if shown else None)
            return
        try:
            stored, value = read(item, self.given.get(item.key))
        except Unreadable as fault:
            self.find(item, fault.code, "error", **fault.params)
            return
        if item.key in self.given:
            self.stored[item.key] = stored
        elif shown and self.propose and item.default and (stored := self.fitting(item, item.default)) is not None:
            self.stored[item.key], value = stored, read(item, stored)[1]
            self.defaults.add(item.key)
        if shown:
            self.typed[item.key] = value
        elif stored is not None:
            self.find(item, "hidden_value", "warning")

    def is_shown(self, item: Item) -> bool:
        group = item.group
        if group.number not in self.groups:
            self.groups[group.number] = all(condition(self.env) is True for condition in group.conditions)
        return self.groups[group.number] and (item.condition is None or item.condition(self.env) is True)

    def compute(self, item: Item, calc: Run | None) -> None:
        stored = None if calc is None else self.fitting(item, calc)
        self.stored[item.key] = stored
        if stored is not None:
            self.typed[item.key] = read(item, stored)[1]
        if item.key in self.given:
            given = self.given[item.key]
            if (given if given not in ("", []) else None) != stored:
                self.recomputed.add(item.key)

    def fitting(self, item: Item, run: Run) -> Stored:
        """What an expression gives, if the item can hold it."""
        stored = write(item.kind, run(self.env))
        try:
            return read(item, stored)[0]
        except Unreadable:
            return None

    def examine(self, item: Item) -> None:
        """Look at a shown item once every value is known."""
        value = self.typed.get(item.key)
        if value is None:
            if item.spec.get("required") and item.is_input and not self.findings.get(item.key):
                self.find(item, "required", "missing")
        else:
            self.compare(item, value)
            ticked = value if item.kind == "choices" else (value,)
            if item.codes and any(item.codes[code].get("retired") for code in ticked if code in item.codes):
                self.find(item, "retired_choice", "warning")
        for check in item.checks:
            if check.holds(self.env) is False:
                severity: Severity = "error" if check.severity == "block" else "warning"
                found = Finding(item.key, "check_failed", severity, {"check": check.key}, check.message)
                self.findings.setdefault(item.key, []).append(found)

    def compare(self, item: Item, value: Any) -> None:
        severity: Severity = "error" if item.spec.get("range") == "block" else "warning"
        low = item.low(self.env) if item.low else None
        high = item.high(self.env) if item.high else None
        if low is not None and value < low:
            self.find(item, "below_min", severity, limit=to_text(low))
        if high is not None and value > high:
            self.find(item, "above_max", severity, limit=to_text(high))

    def find(self, item: Item, code: str, severity: Severity, **params: Any) -> None:
        self.findings.setdefault(item.key, []).append(Finding(item.key, code, severity, params))

    def page(self, items: tuple[Item, ...]) -> PageState:
        inputs = [item for item in items if item.is_input and item.key in self.visible]
        severities = [finding.severity for item in items for finding in self.findings.get(item.key, ())]
        return PageState(
            shown=len(inputs),
            answered=sum(self.stored.get(item.key) is not None for item in inputs),
            missing=severities.count("missing"),
            errors=severities.count("error"),
            warnings=severities.count("warning"),
        )
