"""What an evaluated entry comes to: how far its pages are, what tags it has, what its pages and rows are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecrf.engine.expressions.run import Run, to_text
from ecrf.engine.faults import Finding
from ecrf.engine.scopes import Asked, Scope
from ecrf.engine.state import PageState

if TYPE_CHECKING:
    from ecrf.engine.evaluation import Evaluation

COUNTED = {"missing": "missing", "error": "errors", "warning": "warnings", "query": "warnings"}


def pages(entry: Evaluation) -> dict[str, PageState]:
    """How far each page that is asked is."""
    counts: dict[str, Counter[str]] = {key: Counter() for key in entry.asked}
    for asked in entry.places:
        if asked.shown and asked.item.is_input:
            page = counts[asked.item.page]
            page["shown"] += 1
            page["answered"] += asked.scope.stored.get(asked.item.key) is not None or is_replaced(entry, asked)
    for found in entry.findings.values():
        for finding in found:
            item, group = entry.definition.items.get(finding.key), entry.definition.groups.get(finding.key)
            owner = item or group
            if owner is not None and finding.severity in COUNTED:
                counts[owner.page][COUNTED[finding.severity]] += 1
    return {
        page.key: PageState(
            *(counts[page.key][name] for name in ("shown", "answered", "missing", "errors", "warnings"))
        )
        for page in entry.definition.pages
        if page.key in counts
    }


def is_replaced(entry: Evaluation, asked: Asked) -> bool:
    """Whether a status says why there is no value."""
    if not entry.notes:
        return False
    status = entry.note(asked.place).status
    return entry.definition.may_annotate(asked.item) and entry.definition.statuses.get(status, False)


def tags(entry: Evaluation, findings: Sequence[Finding]) -> tuple[str, ...]:
    known = entry.definition.statuses
    noted = entry.places if entry.notes else ()
    statuses = {entry.note(asked.place).status for asked in noted if asked.shown} & known.keys()
    severities = {finding.severity for finding in findings if finding.code != "hidden_value"}
    found = {
        "wait": "wait" in statuses,
        "check": "check" in statuses,
        "na": any(known[status] for status in statuses),
        "incomplete": "missing" in severities,
        "error": bool(severities & {"error", "warning", "query"}),
    }
    return tuple(name for name, holds in found.items() if holds)


def titles(entry: Evaluation) -> dict[str, str]:
    found: dict[str, str] = {}
    for page in entry.definition.pages:
        if page.key in entry.asked and page.summary and (title := said(page.summary, entry.top)):
            found[page.key] = title
    found |= {key: state.summary for key, state in entry.scripts.items() if state.summary}
    for key, scopes in entry.rows.items():
        if run := entry.definition.groups[key].row_title:
            found |= {scope.row: title for scope in scopes if (title := said(run, scope))}
    return found


def said(run: Run, scope: Scope) -> str:
    value = run(scope.env)
    return "" if value is None else to_text(value)
