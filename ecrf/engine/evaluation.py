"""Evaluate an entry: what is shown, computed, missing or wrong. The server does it at every save and has the last word.

What is not shown does not exist for expressions: the value of a hidden item is kept, but reads as null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.expressions.run import Run, to_text
from ecrf.engine.faults import Finding, Severity
from ecrf.engine.given import MOST_ROWS, Given, Scope
from ecrf.engine.goupile.state import ScriptState
from ecrf.engine.items import Group, Item
from ecrf.engine.state import Context, Evaluated, Note, PageState
from ecrf.engine.surroundings import is_retired
from ecrf.engine.values import Stored, Unreadable, read, write

WAIVED = frozenset({"check_failed", "below_min", "above_max", "not_offered"})
"""What a status or a comment on the question lets through."""


def evaluate(
    definition: Definition,
    values: Mapping[str, Any],
    context: Context,
    *,
    notes: Mapping[str, Any] | None = None,
    defaults: bool = True,
    scripts: Mapping[str, ScriptState] | None = None,
) -> Evaluated:
    """The state of the entry that `context` names. Without `defaults`, what nobody saved is missing everywhere.

    `notes`: by place, what is said of a question: ``{"status": "na", "comment": "…"}``.
    `scripts`: what its script pages came to. Of one that was not run, what holds a value counts as asked, and nothing
    is looked at.
    """
    scripts = scripts or {}
    ran = {key: value for state in scripts.values() for key, value in state.values.items()}
    return Evaluation(definition, {**values, **ran}, context, notes or {}, propose=defaults, scripts=scripts).result()


class Evaluation(Given):
    def result(self) -> Evaluated:
        for item in self.definition.order:
            for scope in self.scopes(item):
                self.settle(item, scope)
        for item in self.definition.items.values():
            for scope in self.scopes(item):
                if scope.place(item.key) in self.visible:
                    self.examine(item, scope)
        self.count_rows()
        for state in self.scripts.values():
            for finding in state.findings if state.enabled else ():
                self.add(finding)
        values = {key: self.top.stored[key] for key in self.definition.items if key in self.top.stored}
        values |= {key: [scope.stored for scope in scopes] for key, scopes in self.rows.items() if key in self.given}  # type: ignore[misc]
        findings = [*self.strangers(), *(found for place in self.places() for found in self.findings.get(place, ()))]
        return Evaluated(
            values=values,
            visible=frozenset(self.visible),
            findings=tuple(findings),
            defaults=frozenset(self.defaults),
            recomputed=frozenset(self.recomputed),
            pages={page.key: self.page(page.items) for page in self.definition.pages if page.key in self.asked},
            required=frozenset(self.required),
            readonly=frozenset(self.readonly),
            offered=self.offered,
            tags=self.tags(findings),
            titles=self.titles(),
        )

    def places(self) -> Iterator[str]:
        """Everywhere something may be found, in the order of the form."""
        seen: set[str] = set()
        for item in self.definition.items.values():
            if item.repeat and item.repeat not in seen and item.page in self.asked:
                seen.add(item.repeat)
                yield item.repeat
            yield from (scope.place(item.key) for scope in self.scopes(item))

    def strangers(self) -> Iterator[Finding]:
        """What was given and is no question of this entry."""
        for scope in (self.top, *(scope for scopes in self.rows.values() for scope in scopes)):
            for key in scope.given:
                item = self.definition.items.get(key)
                known = scope in self.scopes(item) if item else key in self.rows and scope is self.top
                if not known:
                    yield Finding(str(key)[:120], "unknown_variable", "error", row=scope.row)

    def settle(self, item: Item, scope: Scope) -> None:
        """Find out whether an item is shown and what it holds."""
        place = scope.place(item.key)
        shown = self.is_shown(item, scope)
        if shown:
            self.visible.add(place)
        if item.kind == "output":
            if scope.given.get(item.key) not in (None, "", []):
                self.find(item, scope, "holds_no_value", "error")
            return
        if item.calc is not None:
            self.compute(item, item.calc if shown else None, scope)
            return
        try:
            stored, value = read(item, scope.given.get(item.key))
        except Unreadable as fault:
            self.find(item, scope, fault.code, "error", **fault.params)
            return
        if not shown and self.erases:
            if item.key in scope.given:
                scope.stored[item.key] = None
            return
        if item.key in scope.given:
            scope.stored[item.key] = stored
        elif (
            shown and self.propose and item.default and (stored := self.fitting(item, item.default, scope)) is not None
        ):
            scope.stored[item.key], value = stored, read(item, stored)[1]
            self.defaults.add(place)
        if item.page in self.scripts and place in self.scripts[item.page].defaults:
            self.defaults.add(place)
        if shown:
            if value is not None:
                scope.typed[item.key] = value
        elif stored is not None and item.page not in self.scripted:
            self.find(item, scope, "hidden_value", "warning")

    def is_shown(self, item: Item, scope: Scope) -> bool:
        if item.page in self.scripted:
            state = self.scripts.get(item.page)
            if state is None:
                return scope.given.get(item.key) not in (None, "", [])
            return state.enabled and scope.place(item.key) in state.visible
        return self.is_open(item.group) and (item.condition is None or item.condition(scope.env) is True)

    def is_open(self, group: Group) -> bool:
        if group.number not in self.groups:
            self.groups[group.number] = all(condition(self.top.env) is True for condition in group.conditions)
        return self.groups[group.number]

    def compute(self, item: Item, calc: Run | None, scope: Scope) -> None:
        stored = None if calc is None else self.fitting(item, calc, scope)
        scope.stored[item.key] = stored
        if stored is not None:
            scope.typed[item.key] = read(item, stored)[1]
        if item.key in scope.given:
            given = scope.given[item.key]
            if (given if given not in ("", []) else None) != stored:
                self.recomputed.add(scope.place(item.key))

    def fitting(self, item: Item, run: Run, scope: Scope) -> Stored:
        """What an expression gives, if the item can hold it."""
        stored = write(item.kind, run(scope.env))
        try:
            return read(item, stored)[0]
        except Unreadable:
            return None

    def examine(self, item: Item, scope: Scope) -> None:
        """Look at a shown item once every value is known."""
        place = scope.place(item.key)
        value = scope.typed.get(item.key)
        if item.readonly_if is not None and item.readonly_if(scope.env) is True:
            self.readonly.add(place)
        if item.page in self.scripted:
            state = self.scripts.get(item.page)
            if state is not None and place in state.required:
                self.required.add(place)
            if value is not None:
                self.look_at_choices(item, value, scope)
            return
        if item.is_input and (
            item.spec.get("required") or (item.required_if is not None and item.required_if(scope.env) is True)
        ):
            self.required.add(place)
        if item.offer is not None:
            self.offer(item, item.offer, value, scope)
        if value is None:
            if place in self.required and not self.findings.get(place) and not self.excused(item, place):
                self.find(item, scope, "required", "missing")
        else:
            self.compare(item, value, scope)
            self.look_at_choices(item, value, scope)
        if item.group.spec.get("ranked") and value is not None:
            self.rank(item, value, scope)
        for check in item.checks:
            if check.holds(scope.env) is False:
                severity: Severity = "error" if check.severity == "block" else "warning"
                if check.severity == "query":
                    severity = "query"
                self.find(
                    item, scope, "check_failed", severity, message=check.message, when=check.when, check=check.key
                )

    def rank(self, item: Item, value: Any, scope: Scope) -> None:
        """In a table that puts choices in order, a choice is given to one line."""
        others = [other["key"] for other in item.group.spec["items"] if other["key"] != item.key]
        if any(scope.typed.get(key) == value and scope.place(key) in self.visible for key in others):
            self.find(item, scope, "ranked_twice", "error", choice=value)

    def offer(self, item: Item, offer: Run, value: Any, scope: Scope) -> None:
        """Which choices the filter lets through, and whether the answer is one of them."""
        offered = tuple(
            code
            for code, choice in item.codes.items()
            if offer(replace(scope.env, choice={**choice.get("attributes", {}), "code": code})) is True
        )
        self.offered[scope.place(item.key)] = offered
        held = value if isinstance(value, frozenset) else (value,)
        for code in item.codes:
            if code in held and code not in offered:
                self.find(item, scope, "not_offered", "error", choice=code)

    def look_at_choices(self, item: Item, value: Any, scope: Scope) -> None:
        held = value if item.kind == "choices" else (value,)
        if item.codes and any(is_retired(item.codes[code], self.context.today) for code in held if code in item.codes):
            self.find(item, scope, "retired_choice", "warning")
        if len(held) < item.spec.get("min_ticked", 0):
            self.find(item, scope, "too_few_ticked", "error", limit=item.spec["min_ticked"])

    def compare(self, item: Item, value: Any, scope: Scope) -> None:
        severity: Severity = "error" if item.spec.get("range") == "block" else "warning"
        low = item.low(scope.env) if item.low else None
        high = item.high(scope.env) if item.high else None
        if low is not None and (value < low) is True:
            self.find(item, scope, "below_min", severity, limit=to_text(low))
        if high is not None and (value > high) is True:
            self.find(item, scope, "above_max", severity, limit=to_text(high))

    def count_rows(self) -> None:
        for key, scopes in self.rows.items():
            group = self.definition.groups[key]
            if group.page in self.scripted:
                continue
            least, most = group.spec["repeat"].get("min", 0), group.spec["repeat"].get("max", MOST_ROWS)
            if len(scopes) < least and self.is_open(group):
                self.add(Finding(key, "too_few_rows", "missing", {"limit": least}))
            if len(scopes) > most:
                self.add(Finding(key, "too_many_rows", "error", {"limit": most}))

    def excused(self, item: Item, place: str) -> bool:
        """Whether a status stands in place of the value."""
        return self.definition.may_annotate(item) and self.note(place).status in self.definition.statuses

    def note(self, place: str) -> Note:
        return self.notes.get(place, Note())

    def find(
        self,
        item: Item,
        scope: Scope,
        code: str,
        severity: Severity,
        message: Mapping[str, str] | None = None,
        when: str = "input",
        **params: Any,
    ) -> None:
        note = self.note(scope.place(item.key))
        waived = (
            severity == "error"
            and code in WAIVED
            and bool(note.status or note.comment)
            and self.definition.may_annotate(item)
        )
        self.add(
            Finding(
                item.key,
                code,
                "warning" if waived else severity,
                params,
                message,
                row=scope.row,
                when=when,
                waived=waived,
            )
        )

    def page(self, items: tuple[Item, ...]) -> PageState:
        places = [(item, scope) for item in items for scope in self.scopes(item)]
        inputs = [(item, scope) for item, scope in places if item.is_input and scope.place(item.key) in self.visible]
        found = [finding for item, scope in places for finding in self.findings.get(scope.place(item.key), ())]
        for key in dict.fromkeys(item.repeat for item in items if item.repeat):
            found += self.findings.get(key, ())
        severities = [finding.severity for finding in found]
        return PageState(
            shown=len(inputs),
            answered=sum(
                scope.stored.get(item.key) is not None or self.replaced(item, scope) for item, scope in inputs
            ),
            missing=severities.count("missing"),
            errors=severities.count("error"),
            warnings=severities.count("warning") + severities.count("query"),
        )

    def replaced(self, item: Item, scope: Scope) -> bool:
        """Whether a status says why there is no value."""
        place = scope.place(item.key)
        return self.definition.may_annotate(item) and self.definition.statuses.get(self.note(place).status, False)

    def tags(self, findings: Sequence[Finding]) -> tuple[str, ...]:
        statuses = {
            self.note(scope.place(item.key)).status
            for item in self.definition.items.values()
            for scope in self.scopes(item)
            if scope.place(item.key) in self.visible
        } & self.definition.statuses.keys()
        severities = {finding.severity for finding in findings if finding.code != "hidden_value"}
        found = {
            "wait": "wait" in statuses,
            "check": "check" in statuses,
            "na": any(self.definition.statuses[status] for status in statuses),
            "incomplete": "missing" in severities,
            "error": bool(severities & {"error", "warning", "query"}),
        }
        return tuple(name for name, holds in found.items() if holds)

    def titles(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for page in self.definition.pages:
            if page.key in self.asked and page.summary and (title := self.said(page.summary, self.top)):
                found[page.key] = title
        found |= {key: state.summary for key, state in self.scripts.items() if state.summary}
        for key, scopes in self.rows.items():
            if run := self.definition.groups[key].row_title:
                found |= {scope.row: title for scope in scopes if (title := self.said(run, scope))}
        return found

    def said(self, run: Run, scope: Scope) -> str:
        value = run(scope.env)
        return "" if value is None else to_text(value)
