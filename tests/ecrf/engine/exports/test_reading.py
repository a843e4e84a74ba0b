"""Values are read for exports faster than they are evaluated, and are the same."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.exports.reading import Sheets
from tests.ecrf.engine.exports.books import choices, item, words
from tests.ecrf.engine.forms import NOW

VALUES: dict[str, list[Any]] = {
    "integer": ["5", "007", 12, " 3 ", "x", "1.5", "", None, "-4"],
    "decimal": ["1.50", "2,5", ".5", 3.25, "1e5", "-0", None],
    "date": ["2026-01-05", "2026-02-30", " 2026-01-05 ", "", None],
    "datetime": ["2026-01-05 10:00", "2026-01-05T10:00:00", "soon", None],
    "partial_date": ["2026", "2026-05", "2026-13", None],
    "time": ["08:30:00", "8:30", None],
    "text": ["one", " two ", "three\nlines", "a\x00b", "x" * 30, "", None, 5],
    "choice": ["1", "2", 1, "3", "", None],
    "choices": [["1"], ["2", "1"], [], "1", ["9"], [1], None],
}


def definition(dice: random.Random, *, rules: bool) -> engine.Definition:
    """Items of every type; with `rules`, some that depend on others, rows and a page that is hidden."""
    items: list[dict[str, Any]] = []
    for number in range(25):
        kind = dice.choice(list(VALUES))
        more: dict[str, Any] = {"choices": choices("1", "2")} if kind in ("choice", "choices") else {}
        if kind == "text" and dice.random() < 0.4:
            more |= dice.choice([{"max_length": 10}, {"look": "lines"}, {"pattern": "^[a-z]+$"}])
        others = [one["key"] for one in items if one["type"] != "choices"]
        if rules and others and dice.random() < 0.4:
            more["visible_if"] = ["distinct", ["var", dice.choice(others)], ["null"]]
        elif rules and kind == "decimal":
            numbers = [one["key"] for one in items if one["type"] in ("integer", "decimal")]
            if numbers:
                more["calc"] = ["+", ["var", dice.choice(numbers)], ["number", "1"]]
        elif dice.random() < 0.2 and kind == "integer":
            more["default"] = ["number", "7"]
        items.append(item(f"i{number}", kind, **more))
    groups: list[dict[str, Any]] = [{"items": items}]
    if rules:
        plain = next(one["key"] for one in items if one["type"] != "choices")
        hide = ["distinct", ["var", plain], ["null"]]
        row = [item("r1", "integer"), item("r2", "decimal", calc=["+", ["var", "r1"], ["number", "1"]])]
        groups += [{"repeat": {"key": "rows"}, "items": row}, {"visible_if": hide, "items": [item("h", "text")]}]
    pages = [{"key": "p", "title": words("P"), "groups": groups}]
    return engine.load({"format": 1, "title": words("F"), "languages": ["en", "fr"], "pages": pages})


def given(dice: random.Random, form: engine.Definition) -> dict[str, Any]:
    held = {key: dice.choice(VALUES[one.kind]) for key, one in form.items.items() if not one.repeat}
    held = {key: value for key, value in held.items() if dice.random() < 0.8}
    if form.groups:
        held["rows"] = [{"r1": dice.choice(VALUES["integer"])} for _ in range(dice.randrange(3))]
    return held


def expected(form: engine.Definition, values: dict[str, Any]) -> dict[str, Any]:
    """What an evaluation says is shown and holds something."""
    state = engine.evaluate(form, values, NOW, defaults=False)
    found: dict[str, Any] = {}
    for key, stored in state.values.items():
        if key in form.groups:
            assert isinstance(stored, list)
            rows = [
                {name: cell for name, cell in row.items() if cell is not None and f"{key}[{n}].{name}" in state.visible}
                for n, row in enumerate(stored)
            ]
            if any(rows):
                found[key] = rows
        elif stored is not None and key in state.visible:
            found[key] = stored
    return found


@pytest.mark.parametrize("rules", [False, True], ids=["plain", "rules"])
@pytest.mark.parametrize("seed", range(25))
def test_read_is_evaluated(seed: int, rules: bool) -> None:
    """For forms and values drawn at random, what is exported is what an evaluation shows; also when read again."""
    dice = random.Random(seed)
    form = definition(dice, rules=rules)
    sheets = Sheets(form)
    drawn = [given(dice, form) for _ in range(6)]
    for values in drawn * 2:
        found, shown = sheets.shown_values(values, {}, lambda: NOW)
        assert found == expected(form, values)
        assert shown == engine.evaluate(form, values, NOW, defaults=False).visible
