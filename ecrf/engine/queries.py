"""Queries on data: their states, who may move them on, and which ones a form opens by itself. Plain values only.

A query is opened by a person or by a check, answered at the site, resolved where the answer or a correction settles
it, and closed by who watches over the data. Ended ones can be opened again; nothing of a thread is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.state import Evaluated

OPEN, ANSWERED, RESOLVED, CLOSED, CANCELLED = "open", "answered", "resolved", "closed", "cancelled"
ACTIVE = frozenset({OPEN, ANSWERED, RESOLVED})
"""States in which somebody is still waited for."""
ENDED = frozenset({CLOSED, CANCELLED})


class NotAllowed(Exception):
    """This can't be done to a query in its state, or not without words."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Act:
    """What may be done to a query: in which states, with which of the rights open, answer, close, assign; to what."""

    states: frozenset[str]
    rights: frozenset[str]
    to: str = ""
    """The state after it; the same where it is empty."""
    needs_text: bool = False


ACTS: Mapping[str, Act] = {
    "answer": Act(frozenset({OPEN, ANSWERED}), frozenset({"answer"}), ANSWERED, needs_text=True),
    "resolve": Act(frozenset({OPEN, ANSWERED}), frozenset({"answer", "close"}), RESOLVED),
    "close": Act(ACTIVE, frozenset({"close"}), CLOSED),
    "reopen": Act(frozenset({ANSWERED, RESOLVED}) | ENDED, frozenset({"open", "close"}), OPEN, needs_text=True),
    "cancel": Act(ACTIVE, frozenset({"close"}), CANCELLED, needs_text=True),
    "assign": Act(ACTIVE, frozenset({"assign"})),
    "comment": Act(ACTIVE | ENDED, frozenset({"open", "answer", "close", "assign"}), needs_text=True),
}


def step(state: str, act: str, text: str = "", *, corrected: bool = False) -> str:
    """The state after an act. An answer with a correction needs no words, and resolves. Raises NotAllowed."""
    rule = ACTS[act]
    if state not in rule.states:
        raise NotAllowed("query_state")
    if rule.needs_text and not text.strip() and not (act == "answer" and corrected):
        raise NotAllowed("query_text")
    if act == "answer" and corrected:
        return RESOLVED
    return rule.to or state


def allowed(state: str, rights: Collection[str]) -> list[str]:
    """What somebody with these rights may do to a query in this state, in the order of ACTS."""
    return [name for name, act in ACTS.items() if state in act.states and act.rights & frozenset(rights)]


BANDS: tuple[tuple[int, int | None], ...] = ((0, 7), (8, 30), (31, 90), (91, None))
"""Ages in whole days, first and last, as queries are counted by them."""


def band(days: int) -> int:
    """The place in BANDS of an age."""
    return next(place for place, (_first, last) in enumerate(BANDS) if last is None or days <= last)


@dataclass(frozen=True)
class Wanted:
    """A query that a form or a rule wants open, as long as what it says holds."""

    item: str
    row: str
    page: str
    check: str
    code: str
    message: Mapping[str, str] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, str, str]:
        return self.item, self.row, self.check


def wanted(definition: Definition, state: Evaluated, *, warnings: bool = False) -> list[Wanted]:
    """The queries that an entry gives rise to: its broken checks of severity query, or with `warnings` each warning."""
    found: dict[tuple[str, str, str], Wanted] = {}
    for finding in state.warnings:
        item = definition.items.get(finding.key)
        if item is None:
            continue
        check = str(finding.params.get("check", ""))
        if finding.severity == "query" or warnings:
            one = Wanted(
                finding.key,
                finding.row,
                item.page,
                check or finding.code,
                finding.code,
                finding.message,
                finding.params,
            )
            found.setdefault(one.place, one)
    return list(found.values())
