"""Definitions go out as REDCap data dictionaries: those that came in as they were, others as far as its columns go."""

from __future__ import annotations

import csv
import io
from time import process_time
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.redcap import from_redcap, write_dictionary
from ecrf.engine.redcap.columns import COLUMNS
from tests.ecrf.engine.exchange.studies import sample, study
from tests.ecrf.engine.forms import choices, data, item
from tests.ecrf.engine.test_redcap import FIRST, dictionary


def cells(content: bytes | str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode() if isinstance(content, bytes) else content)))


def row_of(**more: Any) -> dict[str, str]:
    """The row that an item of ours becomes."""
    definition = engine.load(data(item("a", **more)))
    return dict(zip(COLUMNS, cells(write_dictionary(definition)[0])[1], strict=True))


@pytest.mark.parametrize("project", ["longitudinal", "repeating-instruments", "validation-types"])
def test_real_dictionaries_stay(project: str) -> None:
    """Each cell of a real dictionary is the same after an import and an export, and nothing is said to be lost."""
    content = sample(f"redcap/{project}/dictionary.csv")
    definition, _ = from_redcap(content)
    again, remarks = write_dictionary(definition)
    assert cells(again) == cells(content)
    assert remarks == []


ODD = (
    {"name": "n", "validation": "number_2dp_comma_decimal", "min": "0,5", "max": "[m]", "label": "Weight (kg):"},
    {"name": "m", "validation": "number", "annotation": "note to self @HIDDEN-SURVEY @DEFAULT='7' @HIDDEN-FORM"},
    {"name": "s", "type": "slider", "choices": "low || high", "validation": "number", "min": "-1", "max": "101"},
    {"name": "r", "type": "radio", "choices": "1,One|2 , Two\n3, Three", "matrix": "My matrix", "ranking": "y"},
    {"name": "c", "type": "checkbox", "choices": "1, A | 2, B | 9, None", "annotation": "@NONEOFTHEABOVE='9'"},
    {"name": "q", "type": "sql", "choices": "SELECT 1", "required": "Y"},
    {"name": "f", "type": "file", "validation": "signature", "required": "y", "identifier": "y"},
    {"name": "b", "type": "descriptive", "branching": "[n]>3 and ([m]<>'' or [r] = 2)  // as agreed"},
    {"name": "x", "annotation": "@CALCTEXT(if([n]>3,'a','b')) @SOMETHING=\"else\""},
    {"name": "d", "validation": "date_dmy", "annotation": "@TODAY @READONLY"},
    {"name": "u", "branching": "[other-event][n] = '1'"},
    {"name": "h", "type": "dropdown", "choices": "1, A | 2, B", "annotation": "@HIDECHOICE='2'"},
    {
        "name": "A_mixed",
        "label": "<b>Bold</b> &amp; plain",
        "form": "Première visite",
        "number": "3b",
        "alignment": "LH",
    },
)


def test_odd_dictionaries_stay() -> None:
    """Markup, spellings, order of tags, what only REDCap does: all of it is written as it came."""
    content = dictionary(FIRST, *ODD)
    definition, _ = from_redcap(content)
    assert cells(write_dictionary(definition)[0]) == cells(content)


def test_what_was_changed_is_written_anew() -> None:
    """A cell is only written as it came while it still says what the item says."""
    definition, _ = from_redcap(dictionary(FIRST, {"name": "a", "label": "<b>Old</b>", "branching": "[record_id]=1"}))
    changed = {**definition.data}
    changed["pages"][0]["groups"][0]["items"][1]["label"] = {"en": "New"}
    rows = cells(write_dictionary(engine.load(changed))[0])
    assert rows[2][4] == "New"
    assert rows[2][11] == "[record_id]=1"


def test_kept_tags_are_said() -> None:
    """A tag that only draws one of REDCap's screens is kept, and said; a hidden choice is a retired one."""
    definition, warnings = from_redcap(dictionary(FIRST, ODD[1], ODD[11]))
    assert [(warning.code, warning.params["name"]) for warning in warnings] == [
        ("tag_kept", "@HIDDEN-SURVEY"),
        ("tag_kept", "@HIDDEN-FORM"),
    ]
    assert definition.items["h"].codes["2"]["retired"] is True
    assert "unconverted" not in definition.items["m"].spec


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"look": "lines"}, {"type": "notes"}),
        ({"look": "secret", "max_length": 9}, {"type": "text", "annotation": "@CHARLIMIT=9 @PASSWORDMASK"}),
        ({"kind": "integer", "unit": "cm"}, {"validation": "integer", "label": "a (cm)"}),
        (
            {"kind": "decimal", "decimals": 2, "unit": "smoots"},
            {"validation": "number_2dp", "annotation": "@UNIT='smoots'"},
        ),
        (
            {"kind": "decimal", "min": ["number", "1"], "max": ["number", "9"], "range": "block"},
            {"validation": "number", "min": "1", "max": "9", "annotation": "@FORCE-MINMAX"},
        ),
        ({"kind": "decimal", "calc": ["+", ["number", "1"], ["number", "2"]]}, {"type": "calc", "choices": "1 + 2"}),
        ({"kind": "date", "order": "mdy", "max": ["today"]}, {"validation": "date_mdy", "max": "today"}),
        ({"kind": "datetime", "seconds": True}, {"validation": "datetime_seconds_ymd"}),
        ({"kind": "time"}, {"validation": "time"}),
        (
            {"kind": "choice", "choices": choices("x", "y"), "look": "search"},
            {"type": "dropdown", "choices": "x, choice x | y, choice y"},
        ),
        ({"kind": "choice", "choices": choices("1", "0"), "look": "yesno"}, {"type": "radio"}),
        (
            {"kind": "choices", "choices": choices("1"), "max_ticked": 1},
            {"type": "checkbox", "annotation": "@MAXCHECKED=1"},
        ),
        ({"kind": "file", "look": "signature"}, {"type": "file", "validation": "signature"}),
        ({"kind": "output"}, {"type": "descriptive"}),
        ({"kind": "integer", "look": "vas"}, {"type": "slider"}),
        (
            {"required": True, "identifier": True, "hidden": True},
            {"required": "y", "identifier": "y", "annotation": "@HIDDEN"},
        ),
        ({"calc": ["concat", ["text", "x"]]}, {"type": "text", "annotation": "@CALCTEXT(concat('x'))"}),
        ({"annotate": False, "default": ["text", "x"]}, {"annotation": "@DEFAULT='x' @NOMISSING"}),
    ],
)
def test_items_become_rows(spec: dict[str, Any], wanted: dict[str, str]) -> None:
    """Each type and property of ours has its place in REDCap's columns."""
    row = row_of(**spec)
    assert {column: row[column] for column in wanted} == wanted


def test_what_has_no_column_is_said() -> None:
    """What a dictionary can't say is listed with its place: nothing is dropped in silence."""
    _, remarks = write_dictionary(engine.load(study()))
    said = {(remark.place, remark.params["property"]) for remark in remarks if remark.code == "not_in_format"}
    assert {
        ("arms", "arms"),
        ("events", "events"),
        ("missing_codes", "missing_codes"),
        ("pages.1.groups.0.repeat", "repeat"),
        ("pages.2.repeats", "repeats"),
        ("pages.0.sign", "sign"),
        ("pages.0.groups.0.items.11.checks", "checks"),
    } <= said


def test_conditions_above_an_item_are_its_own() -> None:
    """REDCap has conditions on fields only: those of the page and of the group go down to them."""
    form = data(item("a", "integer"), item("b"))
    form["pages"][0]["groups"].append(
        {
            "items": [item("c", visible_if=["=", ["var", "b"], ["text", "x"]])],
            "visible_if": [">", ["var", "a"], ["number", "1"]],
        }
    )
    rows = cells(write_dictionary(engine.load(form))[0])
    assert rows[3][11] == "[a] > 1 and [b] = 'x'"


def test_operators_that_redcap_lacks() -> None:
    """A formula that REDCap can't say is left out and said with its operator."""
    form = data(item("a", calc=["site"]))
    content, remarks = write_dictionary(engine.load(form))
    assert ("operator_not_in_format", "site") in [(one.code, one.params.get("operator")) for one in remarks]
    assert "site" not in cells(content)[1][17]


def test_large_dictionaries() -> None:
    """A dictionary of 1,900 fields with hundreds of rules comes in and goes out in seconds."""
    rows = [
        {
            "name": f"f{number}",
            "form": f"form_{number // 40}",
            "label": f"<b>Field</b> {number} (cm)",
            "validation": "integer",
            "min": "0",
            "branching": f"[f{number - 1}] > 10 and [f{number - 2}] <> ''" if number > 2 and number % 3 == 0 else "",
        }
        for number in range(1900)
    ]
    content = dictionary(FIRST, *rows)
    start = process_time()
    definition, _ = from_redcap(content)
    again, _ = write_dictionary(definition)
    assert process_time() - start < 20
    assert cells(again) == cells(content)
