"""Look at a question that is shown, once every value is known: its limits, choices and checks, and what is lacking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ecrf.engine.expressions.run import Run, to_text
from ecrf.engine.faults import Severity
from ecrf.engine.scopes import Asked
from ecrf.engine.surroundings import is_retired

if TYPE_CHECKING:
    from ecrf.engine.evaluation import Evaluation

SEVERITIES: dict[str, Severity] = {"block": "error", "query": "query"}


def examine(entry: Evaluation, asked: Asked) -> None:
    item, env = asked.item, asked.scope.env
    value = asked.scope.typed.get(item.key)
    if item.readonly_if is not None and item.readonly_if(env) is True:
        entry.readonly.add(asked.place)
    if item.page in entry.scripted:
        state = entry.scripts.get(item.page)
        if state is not None and asked.place in state.required:
            entry.required.add(asked.place)
        if item.codes and value is not None:
            look_at_choices(entry, asked, value)
        return
    required = item.is_required or (item.is_input and item.required_if is not None and item.required_if(env) is True)
    if required:
        entry.required.add(asked.place)
    if item.offer is not None:
        offer(entry, asked, item.offer, value)
    if value is not None:
        if item.is_limited:
            compare(entry, asked, value)
        if item.codes:
            look_at_choices(entry, asked, value)
    elif required and not entry.findings.get(asked.place) and not is_excused(entry, asked):
        entry.find(asked, "required", "missing")
    if value is not None and item.group.spec.get("ranked"):
        rank(entry, asked, value)
    for check in item.checks:
        if check.holds(env) is False:
            severity = SEVERITIES.get(check.severity, "warning")
            entry.find(asked, "check_failed", severity, message=check.message, when=check.when, check=check.key)


def rank(entry: Evaluation, asked: Asked, value: Any) -> None:
    """In a table that puts choices in order, a choice is given to one line."""
    others = [other["key"] for other in asked.item.group.spec["items"] if other["key"] != asked.item.key]
    if any(asked.scope.typed.get(key) == value for key in others):
        entry.find(asked, "ranked_twice", "error", choice=value)


def is_excused(entry: Evaluation, asked: Asked) -> bool:
    """Whether a status stands in place of the value."""
    definition = entry.definition
    return definition.may_annotate(asked.item) and entry.note(asked.place).status in definition.statuses


def offer(entry: Evaluation, asked: Asked, offer: Run, value: Any) -> None:
    """Which choices the filter lets through, and whether the answer is one of them."""
    codes, env = asked.item.codes, asked.scope.env
    offered = tuple(
        code
        for code, choice in codes.items()
        if offer(replace(env, choice={**choice.get("attributes", {}), "code": code})) is True
    )
    entry.offered[asked.place] = offered
    held = value if isinstance(value, frozenset) else (value,)
    for code in codes:
        if code in held and code not in offered:
            entry.find(asked, "not_offered", "error", choice=code)


def look_at_choices(entry: Evaluation, asked: Asked, value: Any) -> None:
    item = asked.item
    held = value if item.kind == "choices" else (value,)
    if any(is_retired(item.codes[code], entry.context.today) for code in held if code in item.codes):
        entry.find(asked, "retired_choice", "warning")
    if len(held) < item.spec.get("min_ticked", 0):
        entry.find(asked, "too_few_ticked", "error", limit=item.spec["min_ticked"])


def compare(entry: Evaluation, asked: Asked, value: Any) -> None:
    item, env = asked.item, asked.scope.env
    severity: Severity = "error" if item.spec.get("range") == "block" else "warning"
    low = item.low(env) if item.low else None
    high = item.high(env) if item.high else None
    if low is not None and (value < low) is True:
        entry.find(asked, "below_min", severity, limit=to_text(low))
    if high is not None and (value > high) is True:
        entry.find(asked, "above_max", severity, limit=to_text(high))
