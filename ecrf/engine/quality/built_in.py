"""The built-in rules on one record. Their letters are those that data managers know from REDCap.

A blank values, B blank values of required items, C values of the wrong type, D values out of range, E outliers (see
`outliers`), F values of items that the answers hide, G codes that are no choices, H calculations that were kept with
another result than they have, I items that hold a code for missing data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.evaluation import evaluate
from ecrf.engine.items import Item
from ecrf.engine.quality.found import Found
from ecrf.engine.quality.letters import BUILT_IN, BY_CODE, TYPE_CODES
from ecrf.engine.state import Context, Evaluated, Note


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
    known = {key: value for key, value in values.items() if definition.holds(key)}
    state = evaluate(definition, known, context, notes=notes, defaults=False)
    order = {key: number for number, key in enumerate(definition.items)}
    found = [one for one in all_found(definition, known, state, notes or {}) if one.rule in rules]
    return sorted(found, key=lambda one: (one.rule, order.get(one.item, 0), one.row)), state


def all_found(
    definition: Definition, values: Mapping[str, Any], state: Evaluated, notes: Mapping[str, Any]
) -> Iterator[Found]:
    for finding in state.findings:
        rule = BY_CODE.get(finding.code) or ("C" if finding.code in TYPE_CODES else "")
        if rule and finding.key in definition.items:
            page = definition.items[finding.key].page
            yield Found(rule, finding.key, page, finding.row, finding.code, finding.params)
    unreadable = {finding.place for finding in state.errors}
    for item, row, place, value in places(definition, values):
        status = Note.read(notes.get(place)).status
        replaces = definition.statuses.get(status, False)
        if replaces:
            yield Found("I", item.key, item.page, row, "missing_code", {"status": status})
        blank = value in (None, "", [])
        if blank and item.is_input and place in state.visible and place not in unreadable and not replaces:
            yield Found("A", item.key, item.page, row, "blank")
        # a calculation that was never kept is not wrong: the record was saved before the form had it
        if place in state.recomputed and value is not None:
            yield Found("H", item.key, item.page, row, "wrong_calculation")


def places(definition: Definition, values: Mapping[str, Any]) -> Iterator[tuple[Item, str, str, Any]]:
    """Each item with its row, its place and what is kept there; an item of rows once per row."""
    for key, item in definition.items.items():
        if not item.repeat:
            yield item, "", key, values.get(key)
            continue
        for number, row in enumerate(values.get(item.repeat) or ()):
            name = f"{item.repeat}[{number}]"
            yield item, name, f"{name}.{key}", row.get(key)
