"""What is given to an evaluation: values by scope, the surroundings, notes, what scripts said."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.expressions import Environment
from ecrf.engine.faults import Finding
from ecrf.engine.goupile.state import ScriptState
from ecrf.engine.items import Item
from ecrf.engine.state import Context, Note
from ecrf.engine.surroundings import earlier, elsewhere, typed_values
from ecrf.engine.values import Stored

MOST_ROWS = 1000


@dataclass
class Scope:
    """Where an item is asked: once in the entry, or in one row."""

    given: Mapping[str, Any]
    env: Environment
    typed: MutableMapping[str, Any]
    stored: dict[str, Stored] = field(default_factory=dict)
    row: str = ""
    """``rows[0]``"""

    def place(self, key: str) -> str:
        return f"{self.row}.{key}" if self.row else key


class Given:
    """What an evaluation starts from, and what it has found so far."""

    def __init__(
        self,
        definition: Definition,
        given: Mapping[str, Any],
        context: Context,
        notes: Mapping[str, Any],
        *,
        propose: bool = True,
        scripts: Mapping[str, ScriptState] | None = None,
    ) -> None:
        self.definition, self.given, self.propose = definition, given, propose
        self.scripts = scripts or {}
        self.scripted = {page.key for page in definition.pages if "script" in page.spec}
        self.context = context
        self.notes = {place: Note.read(note) for place, note in notes.items()}
        self.erases = definition.data.get("hidden_values") == "erase"
        self.asked = {page.key for page in definition.pages_of(context.event, context.page)}
        self.visible: set[str] = set()
        self.defaults: set[str] = set()
        self.recomputed: set[str] = set()
        self.required: set[str] = set()
        self.readonly: set[str] = set()
        self.offered: dict[str, tuple[str, ...]] = {}
        self.findings: dict[str, list[Finding]] = {}
        self.groups: dict[int, bool] = {}
        typed: dict[str, Any] = {}
        base = typed_values(definition, context.base) if context.page else {}
        rows: dict[str, Sequence[Mapping[str, Any]]] = {
            page: [typed_values(definition, copy) for copy in copies] for page, copies in context.copies.items()
        }
        statuses = {place: note.status for place, note in self.notes.items() if note.status and "." not in place}
        env = Environment(
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
            statuses=statuses,
        )
        self.top = Scope(given, env, typed)
        self.rows: dict[str, list[Scope]] = {}
        for key, group in definition.groups.items():
            if group.page in self.asked:
                self.rows[key] = list(self.row_scopes(key, given.get(key)))
                rows[key] = [scope.typed for scope in self.rows[key]]

    def row_scopes(self, key: str, raw: Any) -> Iterator[Scope]:
        if raw is None or raw == "":
            return
        if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
            self.add(Finding(key, "not_rows", "error"))
            return
        if len(raw) > MOST_ROWS:
            self.add(Finding(key, "too_many_rows", "error", {"limit": MOST_ROWS}))
            return
        for number, row in enumerate(raw):
            name = f"{key}[{number}]"
            typed: dict[str, Any] = {}
            prefix = f"{name}."
            own = {
                place.removeprefix(prefix): note.status
                for place, note in self.notes.items()
                if note.status and place.startswith(prefix)
            }
            env = replace(
                self.top.env,
                values=ChainMap(typed, self.top.env.values),  # type: ignore[arg-type]
                instance=number + 1,
                statuses=ChainMap(own, self.top.env.statuses) if own else self.top.env.statuses,  # type: ignore[arg-type]
            )
            yield Scope(row, env, typed, row=name)

    def scopes(self, item: Item) -> Sequence[Scope]:
        """Wherever the item is asked in this entry."""
        if item.page not in self.asked:
            return ()
        return self.rows[item.repeat] if item.repeat else (self.top,)

    def add(self, finding: Finding) -> None:
        self.findings.setdefault(finding.place, []).append(finding)
