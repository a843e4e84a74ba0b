"""The built-in rules on one record. Their letters are those that data managers know from REDCap.

A blank values, B blank values of required items, C values of the wrong type, D values out of range, E outliers (see
`outliers`), F values of items that the answers hide, G codes that are no choices, H calculations that were kept with
another result than they have, I items that hold a code for missing data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import Context, Evaluated, evaluate
from ecrf.engine.queries import place_of

BUILT_IN = tuple("ABCDEFGHI")
MISSING = frozenset({"nsp", "na", "nd"})
"""Statuses of an item that stand in place of a value, besides the form's own codes."""


@dataclass(frozen=True)
class Found:
    """A rule that a record breaks, and where; `params` complete the words of `code` and hold no value."""

    rule: str
    item: str
    page: str = ""
    row: str = ""
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


BY_CODE = {
    "required": "B",
    "below_min": "D",
    "above_max": "D",
    "hidden_value": "F",
    "unknown_choice": "G",
    "exclusive_choice": "G",
}
TYPE_CODES = frozenset(
    {
        "not_text", "not_whole", "not_number", "not_date", "not_partial_date", "not_datetime", "not_time", "not_list",
        "too_large", "too_many_decimals", "too_long", "one_line_only", "control_character", "bad_format",
    }
)  # fmt: skip


def examine(
    definition: Definition,
    values: Mapping[str, Any],
    context: Context,
    *,
    notes: Mapping[str, Any] | None = None,
    rules: Collection[str] = BUILT_IN,
) -> tuple[list[Found], Evaluated]:
    """What the rules find in a record as it is kept, in the order of the form, and the evaluation they stand on.

    `context` is that of the last save: a calculation from today's date isn't wrong because time passes.
    """
    known = {key: value for key, value in values.items() if key in definition.items}
    state = evaluate(definition, known, context, defaults=False)
    places = {key: place for place, key in enumerate(definition.items)}
    found = [one for one in all_found(definition, known, state, notes or {}) if one.rule in rules]
    return sorted(found, key=lambda one: (one.rule, places.get(one.item, 0), one.row)), state


def all_found(
    definition: Definition, values: Mapping[str, Any], state: Evaluated, notes: Mapping[str, Any]
) -> Iterator[Found]:
    for finding in state.findings:
        name, row = place_of(finding)
        rule = BY_CODE.get(finding.code) or ("C" if finding.code in TYPE_CODES else "")
        if rule and name in definition.items:
            yield Found(rule, name, definition.items[name].page, row, finding.code, finding.params)
    unreadable = {place_of(finding)[0] for finding in state.errors}
    codes = MISSING | {choice["code"] for choice in definition.data.get("missing_codes", ())}
    for key, item in definition.items.items():
        status = notes.get(key, {}).get("status", "") if isinstance(notes.get(key), Mapping) else ""
        if status in codes:
            yield Found("I", key, item.page, code="missing_code", params={"status": status})
        blank = values.get(key) in (None, "", [])
        if blank and item.is_input and key in state.visible and key not in unreadable and status not in codes:
            yield Found("A", key, item.page, code="blank")
        # a calculation that was never kept is not wrong: the record was saved before the form had it
        if key in state.recomputed and key in values:
            yield Found("H", key, item.page, code="wrong_calculation")
