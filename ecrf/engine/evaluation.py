"""Evaluate an entry: what is shown, computed, missing or wrong. The server does it at every save and has the last word.

What is not shown does not exist for expressions: the value of a hidden item is kept, but reads as null.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecrf.engine import telling
from ecrf.engine.definition import Definition
from ecrf.engine.examining import examine
from ecrf.engine.expressions import Environment
from ecrf.engine.expressions.run import Run
from ecrf.engine.faults import Finding, Severity
from ecrf.engine.goupile.state import ScriptState
from ecrf.engine.items import Group, Item
from ecrf.engine.scopes import Asked, Scope, asked, row_scope
from ecrf.engine.state import Context, Evaluated, Note
from ecrf.engine.surroundings import earlier, elsewhere, typed_values
from ecrf.engine.values import Stored, Unreadable, read, write

MOST_ROWS = 1000
WAIVED = frozenset({"check_failed", "below_min", "above_max", "not_offered"})
"""What a status or a comment on the question lets through."""
EMPTY: tuple[Any, ...] = (None, "", [])
SILENT = Note()


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


class Evaluation:
    def __init__(
        self,
        definition: Definition,
        given: Mapping[str, Any],
        context: Context,
        notes: Mapping[str, Any],
        *,
        propose: bool,
        scripts: Mapping[str, ScriptState],
    ) -> None:
        self.definition, self.given, self.propose = definition, given, propose
        self.scripts = scripts
        self.scripted = frozenset(page.key for page in definition.pages if "script" in page.spec)
        self.context = context
        self.notes = {place: Note.read(note) for place, note in notes.items()}
        self.erases = definition.data.get("hidden_values") == "erase"
        self.asked = frozenset(page.key for page in definition.pages_of(context.event, context.page))
        self.defaults: set[str] = set()
        self.recomputed: set[str] = set()
        self.required: set[str] = set()
        self.readonly: set[str] = set()
        self.offered: dict[str, tuple[str, ...]] = {}
        self.findings: dict[str, list[Finding]] = {}
        self.groups: dict[int, bool] = {}
        typed: dict[str, Any] = {}
        rows: dict[str, Sequence[Mapping[str, Any]]] = {}
        self.top = Scope(given, self.environment(typed, rows), typed)
        self.rows = {
            key: self.row_scopes(key, given.get(key))
            for key, group in definition.groups.items()
            if group.page in self.asked
        }
        rows |= {key: [scope.typed for scope in scopes] for key, scopes in self.rows.items()}
        self.places = [one for item in definition.items.values() for one in self.wherever(item)]
        """Every question where it is asked, in the order of the form; `order` is that of evaluation."""
        self.order = self.places
        if self.rows or len(self.asked) < len(definition.pages):
            here: dict[str, list[Asked]] = {}
            for one in self.places:
                here.setdefault(one.item.key, []).append(one)
            self.order = [one for item in definition.order for one in here.get(item.key, ())]
        else:
            once = {one.item.key: one for one in self.places}
            self.order = [once[item.key] for item in definition.order if item.key in once]

    def environment(self, typed: dict[str, Any], rows: dict[str, Sequence[Mapping[str, Any]]]) -> Environment:
        definition, context = self.definition, self.context
        base = typed_values(definition, context.base) if context.page else {}
        for page, copies in context.copies.items():
            rows[page] = [typed_values(definition, copy) for copy in copies]
        return Environment(
            values=ChainMap(typed, base) if base else typed,
            today=context.today,
            now=context.now,
            subject=context.subject,
            site=context.site,
            arm=context.arm,
            event=context.event,
            instance=context.instance,
            others=elsewhere(definition, context),
            earlier=earlier(definition, context),
            rows=rows,
            statuses={place: note.status for place, note in self.notes.items() if note.status and "." not in place},
        )

    def row_scopes(self, key: str, raw: Any) -> list[Scope]:
        if raw is None or raw == "":
            return []
        if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
            self.add(Finding(key, "not_rows", "error"))
            return []
        if len(raw) > MOST_ROWS:
            self.add(Finding(key, "too_many_rows", "error", {"limit": MOST_ROWS}))
            return []
        return [row_scope(key, number, row, self.top.env, self.notes) for number, row in enumerate(raw)]

    def wherever(self, item: Item) -> Iterator[Asked]:
        """Each place of this entry where the item is asked."""
        if item.page in self.asked:
            if item.repeat:
                yield from (asked(item, scope) for scope in self.rows[item.repeat])
            else:
                yield Asked(item, self.top, item.key)

    def result(self) -> Evaluated:
        for one in self.order:
            self.settle(one)
        for one in self.places:
            if one.shown:
                examine(self, one)
        self.count_rows()
        for state in self.scripts.values():
            for finding in state.findings if state.enabled else ():
                self.add(finding)
        values = {key: self.top.stored[key] for key in self.definition.items if key in self.top.stored}
        values |= {key: [scope.stored for scope in scopes] for key, scopes in self.rows.items() if key in self.given}  # type: ignore[misc]
        findings = [*self.strangers(), *self.in_order()]
        return Evaluated(
            values=values,
            visible=frozenset(one.place for one in self.places if one.shown),
            findings=tuple(findings),
            defaults=frozenset(self.defaults),
            recomputed=frozenset(self.recomputed),
            pages=telling.pages(self),
            required=frozenset(self.required),
            readonly=frozenset(self.readonly),
            offered=self.offered,
            tags=telling.tags(self, findings),
            titles=telling.titles(self),
        )

    def in_order(self) -> Iterator[Finding]:
        """What was found, in the order of the form: rows before what is asked in them."""
        if not self.findings:
            return
        told: set[str] = set()
        for item in self.definition.items.values():
            if item.repeat and item.repeat not in told:
                told.add(item.repeat)
                yield from self.findings.get(item.repeat, ())
            for one in self.wherever(item):
                yield from self.findings.get(one.place, ())

    def strangers(self) -> Iterator[Finding]:
        """What was given and is no question of this entry."""
        for scope in (self.top, *(scope for scopes in self.rows.values() for scope in scopes)):
            group = scope.row.partition("[")[0]
            for key in scope.given:
                item = self.definition.items.get(key)
                known = item is not None and item.page in self.asked and item.repeat == group
                if not known and (group or key not in self.rows):
                    yield Finding(str(key)[:120], "unknown_variable", "error", row=scope.row)

    def settle(self, one: Asked) -> None:
        """Find out whether an item is shown and what it holds."""
        item, scope = one.item, one.scope
        one.shown = shown = self.is_run(one) if item.page in self.scripted else self.is_shown(item, scope)
        if item.calc is not None:
            self.compute(one, item.calc if shown else None)
            return
        raw = scope.given.get(item.key)
        if item.kind == "output":
            if raw not in EMPTY:
                self.find(one, "holds_no_value", "error")
            return
        try:
            stored, value = read(item, raw)
        except Unreadable as fault:
            self.find(one, fault.code, "error", **fault.params)
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
            self.defaults.add(one.place)
        if item.page in self.scripts and one.place in self.scripts[item.page].defaults:
            self.defaults.add(one.place)
        if shown:
            if value is not None:
                scope.typed[item.key] = value
        elif stored is not None and item.page not in self.scripted:
            self.find(one, "hidden_value", "warning")

    def is_run(self, one: Asked) -> bool:
        """Whether the script of the page asked this; without a run, whether it once did."""
        state = self.scripts.get(one.item.page)
        if state is None:
            return one.scope.given.get(one.item.key) not in EMPTY
        return state.enabled and one.place in state.visible

    def is_shown(self, item: Item, scope: Scope) -> bool:
        shown = self.groups.get(item.group.number)
        return (self.is_open(item.group) if shown is None else shown) and (
            item.condition is None or item.condition(scope.env) is True
        )

    def is_open(self, group: Group) -> bool:
        if group.number not in self.groups:
            self.groups[group.number] = all(condition(self.top.env) is True for condition in group.conditions)
        return self.groups[group.number]

    def compute(self, one: Asked, calc: Run | None) -> None:
        item, scope = one.item, one.scope
        stored = None if calc is None else self.fitting(item, calc, scope)
        scope.stored[item.key] = stored
        if stored is not None:
            scope.typed[item.key] = read(item, stored)[1]
        if item.key in scope.given:
            given = scope.given[item.key]
            if (given if given not in ("", []) else None) != stored:
                self.recomputed.add(one.place)

    def fitting(self, item: Item, run: Run, scope: Scope) -> Stored:
        """What an expression gives, if the item can hold it."""
        stored = write(item.kind, run(scope.env))
        try:
            return read(item, stored)[0]
        except Unreadable:
            return None

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

    def note(self, place: str) -> Note:
        return self.notes.get(place, SILENT)

    def find(
        self,
        one: Asked,
        code: str,
        severity: Severity,
        message: Mapping[str, str] | None = None,
        when: str = "input",
        **params: Any,
    ) -> None:
        note = self.note(one.place)
        waived = (
            severity == "error"
            and code in WAIVED
            and bool(note.status or note.comment)
            and self.definition.may_annotate(one.item)
        )
        said = "warning" if waived else severity
        self.add(Finding(one.item.key, code, said, params, message, row=one.scope.row, when=when, waived=waived))

    def add(self, finding: Finding) -> None:
        self.findings.setdefault(finding.place, []).append(finding)
