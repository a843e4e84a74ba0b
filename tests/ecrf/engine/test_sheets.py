"""Rows, repeating pages, events, statuses and conditions on them: the same on the server and in the browser."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.values import Stored
from tests.ecrf.engine import node
from tests.ecrf.engine.forms import choices, item

NOW = datetime(2026, 11, 23, 14, 5)  # noqa: DTZ001  (forms have no zone)
TEXT = {"en": "…"}


def var(name: str) -> list[Any]:
    return ["var", name]


STUDY: dict[str, Any] = {
    "format": 1,
    "title": {"en": "Trial"},
    "languages": ["en"],
    "missing_codes": [{"code": "lost", "label": {"en": "Sample lost"}}],
    "lists": {
        "town": [
            {"code": "r", "label": {"en": "Rennes"}, "attributes": {"country": "fr"}},
            {"code": "l", "label": {"en": "Lyon"}, "attributes": {"country": "fr"}, "retired": "2026-12-01"},
            {"code": "b", "label": {"en": "Bern"}, "attributes": {"country": "ch"}},
        ]
    },
    "arms": [{"key": "a", "title": TEXT}, {"key": "b", "title": TEXT}],
    "events": [
        {"key": "inclusion", "title": TEXT, "pages": ["base", "ae"]},
        {"key": "month_1", "title": TEXT, "pages": ["base", "drugs", "ae"], "day": 30, "arms": ["b"]},
        {"key": "month_3", "title": TEXT, "pages": ["base", "drugs", "ae"], "day": 90},
    ],
    "pages": [
        {
            "key": "base",
            "title": TEXT,
            "summary": ["concat", ["text", "w "], ["text", var("weight")]],
            "groups": [
                {
                    "items": [
                        item("weight", "decimal", required=True),
                        item("change", "decimal", calc=["-", var("weight"), ["of", "inclusion", "weight"]]),
                        item("before", "decimal", calc=["previous", "weight"]),
                        item("lasting", "decimal", calc=["last", "weight"]),
                        item("country", "choice", choices=choices("fr", "ch")),
                        item(
                            "town",
                            "choice",
                            list="town",
                            choice_filter=["same", ["choice", "country"], var("country")],
                        ),
                        item("why", required_if=["same", ["status", "weight"], ["text", "lost"]]),
                        item("fixed", readonly_if=["same", ["site"], ["text", "BRO"]]),
                        item("since", "partial_date", max=["today"], range="block"),
                        item("code", pattern="[A-Z]{2}[0-9]+"),
                        item("pin", look="pin"),
                        item("serious", "integer", calc=["over", "count", "ae", ["same", var("grade"), ["text", "3"]]]),
                        item(
                            "low",
                            "decimal",
                            min=["number", "10"],
                            range="block",
                            checks=[
                                {
                                    "key": "odd",
                                    "holds": ["<", var("low"), ["number", "100"]],
                                    "severity": "query",
                                    "when": "save",
                                    "message": TEXT,
                                }
                            ],
                        ),
                    ]
                }
            ],
        },
        {
            "key": "drugs",
            "title": TEXT,
            "groups": [
                {"items": [item("takes", "choice", look="yesno", choices=choices("0", "1"))]},
                {
                    "repeat": {"key": "drug", "min": 1, "max": 3, "row_title": var("name")},
                    "visible_if": ["same", var("takes"), ["text", "1"]],
                    "items": [
                        item("name", required=True),
                        item("dose", "decimal", min=["number", "0"]),
                        item("unit", default=["text", "mg"]),
                        item("per_kg", "decimal", calc=["/", var("dose"), var("weight")]),
                        item("place", "integer", calc=["instance"]),
                        item("note", visible_if=[">", var("dose"), ["number", "100"]]),
                    ],
                },
                {
                    "items": [
                        item("total", "decimal", calc=["over", "sum", "drug", var("dose")]),
                        item("count", "integer", calc=["rows", "drug"]),
                    ]
                },
            ],
        },
        {
            "key": "ae",
            "title": TEXT,
            "repeats": True,
            "row_title": var("term"),
            "groups": [
                {
                    "items": [
                        item("term", required=True),
                        item("grade", "choice", choices=choices("1", "2", "3")),
                        item(
                            "heavy",
                            "choice",
                            look="yesno",
                            choices=choices("1"),
                            visible_if=[">", var("weight"), ["number", "100"]],
                        ),
                    ]
                }
            ],
        },
    ],
}
DEFINITION = engine.load(STUDY)

Case = tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], list[tuple[str, str, str]]]
AT_3 = {"event": "month_3", "site": "BRO", "arm": "b", "subject": "BRO-001"}
ROWS = [{"name": "A", "dose": "2.5"}, {"dose": "120", "unit": "g", "note": "x"}]
CASES: list[Case] = [
    (
        "an event asks its own pages",
        {"event": "inclusion"},
        {"takes": "1"},
        {},
        [("takes", "unknown_variable", "error"), ("weight", "required", "missing")],
    ),
    ("rows are asked only while their group is shown", AT_3, {"weight": "80"}, {}, []),
    ("rows have a least number", AT_3, {"weight": "80", "takes": "1"}, {}, [("drug", "too_few_rows", "missing")]),
    (
        "each row lacks its own",
        AT_3,
        {"weight": "80", "takes": "1", "drug": ROWS},
        {},
        [("drug[1].name", "required", "missing")],
    ),
    (
        "rows have a most number",
        AT_3,
        {"weight": "80", "takes": "1", "drug": [{"name": str(n)} for n in range(4)]},
        {},
        [("drug", "too_many_rows", "error")],
    ),
    ("rows are a list of rows", AT_3, {"weight": "80", "drug": "x"}, {}, [("drug", "not_rows", "error")]),
    (
        "a row holds its items only",
        AT_3,
        {"weight": "80", "takes": "1", "drug": [{"name": "A", "weight": "1", "no": "1"}]},
        {},
        [("drug[0].weight", "unknown_variable", "error"), ("drug[0].no", "unknown_variable", "error")],
    ),
    (
        "a value in a row is read like another",
        AT_3,
        {"weight": "80", "takes": "1", "drug": [{"name": "A", "dose": "x"}, {"name": "B", "dose": "-1"}]},
        {},
        [("drug[0].dose", "not_number", "error"), ("drug[1].dose", "below_min", "warning")],
    ),
    (
        "hidden rows are kept and said",
        AT_3,
        {"weight": "80", "takes": "0", "drug": [{"name": "A"}]},
        {},
        [("drug[0].name", "hidden_value", "warning")],
    ),
    ("a status stands in for a value", AT_3, {}, {"weight": {"status": "nd"}}, []),
    (
        "a code of the study too, and conditions may ask for it",
        AT_3,
        {},
        {"weight": {"status": "lost"}},
        [("why", "required", "missing")],
    ),
    ("an unknown status says nothing", AT_3, {}, {"weight": {"status": "zz"}}, [("weight", "required", "missing")]),
    (
        "a status in a row is of that row",
        AT_3,
        {"weight": "80", "takes": "1", "drug": [{}, {}]},
        {"drug[1].name": {"status": "na"}},
        [("drug[0].name", "required", "missing")],
    ),
    ("a limit blocks", AT_3, {"weight": "80", "low": "1"}, {}, [("low", "below_min", "error")]),
    (
        "unless a comment says why",
        AT_3,
        {"weight": "80", "low": "1"},
        {"low": {"comment": "seen twice"}},
        [("low", "below_min", "warning")],
    ),
    ("a broken check may become a query", AT_3, {"weight": "80", "low": "200"}, {}, [("low", "check_failed", "query")]),
    (
        "a choice is one on offer",
        AT_3,
        {"weight": "80", "country": "ch", "town": "r"},
        {},
        [("town", "not_offered", "error")],
    ),
    ("a choice is retired from a day on", AT_3, {"weight": "80", "country": "fr", "town": "l"}, {}, []),
    ("a date may be known in part", AT_3, {"weight": "80", "since": "2026-11"}, {}, []),
    (
        "and is late only where that is certain",
        AT_3,
        {"weight": "80", "since": "2026-12"},
        {},
        [("since", "above_max", "error")],
    ),
    ("half a date is none", AT_3, {"weight": "80", "since": "2026-13"}, {}, [("since", "not_partial_date", "error")]),
    (
        "a text matches its pattern whole",
        AT_3,
        {"weight": "80", "code": "AB12x"},
        {},
        [("code", "bad_pattern_text", "error")],
    ),
    ("a PIN has digits only", AT_3, {"weight": "80", "pin": "12a"}, {}, [("pin", "not_digits", "error")]),
    (
        "a copy of a page reads the rest of its event",
        {**AT_3, "page": "ae", "instance": 2, "base": {"weight": "120"}},
        {"term": "Headache", "heavy": "1"},
        {},
        [],
    ),
    (
        "and asks nothing else",
        {**AT_3, "page": "ae", "base": {"weight": "90"}},
        {"weight": "1", "heavy": "1"},
        {},
        [
            ("weight", "unknown_variable", "error"),
            ("term", "required", "missing"),
            ("heavy", "hidden_value", "warning"),
        ],
    ),
]
OTHERS = {"inclusion": {"weight": "75.5"}, "month_1": {"weight": None}}
COPIES = {"ae": [{"term": "A", "grade": "3"}, {"term": "B"}, {"term": "C", "grade": "3"}]}


def context(place: dict[str, Any]) -> engine.Context:
    return engine.Context(NOW, **{"others": OTHERS, "copies": COPIES} | place)


def plain(state: engine.Evaluated) -> dict[str, Any]:
    """The state as the browser gives it."""
    return {
        "values": dict(state.values),
        "visible": sorted(state.visible),
        "findings": [{**asdict(finding), "params": dict(finding.params)} for finding in state.findings],
        "defaults": sorted(state.defaults),
        "recomputed": sorted(state.recomputed),
        "pages": {key: asdict(page) for key, page in state.pages.items()},
        "required": sorted(state.required),
        "readonly": sorted(state.readonly),
        "offered": {place: list(codes) for place, codes in state.offered.items()},
        "tags": list(state.tags),
        "titles": dict(state.titles),
    }


@pytest.mark.parametrize(("name", "place", "values", "notes", "expected"), CASES, ids=[case[0] for case in CASES])
def test_findings(
    name: str,
    place: dict[str, Any],
    values: dict[str, Any],
    notes: dict[str, Any],
    expected: list[tuple[str, str, str]],
) -> None:
    """Each sheet gets exactly these remarks, each at its place."""
    state = engine.evaluate(DEFINITION, values, context(place), notes=notes)
    assert [(found.place, found.code, found.severity) for found in state.findings] == expected


def test_the_browser_says_the_same() -> None:
    """Everything of the state is the same in the browser, for every case, shown or erased where it is hidden."""
    forms = [
        {
            "definition": {**STUDY, "hidden_values": hidden},
            "values": values,
            "notes": notes,
            "context": {"now": "2026-11-23T14:05", "others": OTHERS, "copies": COPIES} | place,
        }
        for hidden in ("keep", "erase")
        for _, place, values, notes, _ in CASES
    ]
    for asked, browser in zip(forms, node.run({"forms": forms})["forms"], strict=True):
        place = {name: value for name, value in asked["context"].items() if name != "now"}
        definition = engine.load(asked["definition"])
        state = engine.evaluate(definition, asked["values"], context(place), notes=asked["notes"])
        assert browser == plain(state), asked["values"]


def test_other_events_are_read() -> None:
    """A value at a named event, at the event before, and the latest that is known."""
    state = engine.evaluate(DEFINITION, {"weight": "80"}, context(AT_3))
    assert state.values["change"] == "4.5"
    assert state.values["before"] is None
    assert state.values["lasting"] == "75.5"
    elsewhere = engine.evaluate(DEFINITION, {"weight": "80"}, context({**AT_3, "arm": "a"}))
    assert elsewhere.values["before"] == "75.5"  # month 1 is no event of arm A


def test_rows_are_computed() -> None:
    """Calculations in a row read the row and what is around it; sums read all rows."""
    state = engine.evaluate(DEFINITION, {"weight": "50", "takes": "1", "drug": ROWS}, context(AT_3))
    rows: Any = state.values["drug"]
    assert [row["per_kg"] for row in rows] == ["0.05", "2.4"]
    assert [row["place"] for row in rows] == ["1", "2"]
    assert [row["unit"] for row in rows] == ["mg", "g"]
    assert state.defaults == {"drug[0].unit"}
    assert state.values["total"] == "122.5"
    assert state.values["count"] == "2"
    assert {"drug[1].note", "drug[0].dose"} <= state.visible
    assert "drug[0].note" not in state.visible
    assert state.titles == {"base": "w 50", "drug[0]": "A"}


def test_copies_of_a_page_are_counted() -> None:
    """An expression may go over the copies of a repeating page."""
    assert engine.evaluate(DEFINITION, {}, context(AT_3)).values["serious"] == "2"


def test_tags() -> None:
    """What colours a record in lists follows from its statuses and remarks."""
    notes = {"weight": {"status": "lost"}, "code": {"status": "wait"}, "pin": {"status": "check"}}
    state = engine.evaluate(DEFINITION, {"low": "200"}, context(AT_3), notes=notes)
    assert state.tags == ("wait", "check", "na", "incomplete", "error")
    assert engine.evaluate(DEFINITION, {"weight": "80"}, context(AT_3)).tags == ()


def test_hidden_values_may_be_erased() -> None:
    """Where the study says so, what is hidden is emptied instead of kept."""
    definition = engine.load({**STUDY, "hidden_values": "erase"})
    rows: Stored = [{"name": "A"}]
    state = engine.evaluate(definition, {"weight": "80", "takes": "0", "drug": rows}, context(AT_3))
    assert not state.findings
    assert state.values["drug"] == [{"name": None, "per_kg": None, "place": None}]


def test_sheets_of_a_study() -> None:
    """A casebook has the sheets that its events ask, and no others."""
    has = DEFINITION.has_sheet
    assert has(engine.Sheet("inclusion"))
    assert has(engine.Sheet("inclusion", "ae", 7))
    assert not has(engine.Sheet("inclusion", "base"))
    assert not has(engine.Sheet("inclusion", "", 2))
    assert not has(engine.Sheet())
    assert not has(engine.Sheet("year_9"))
    assert [page.key for page in DEFINITION.pages_of("month_3")] == ["base", "drugs"]
    assert [page.key for page in DEFINITION.copied_pages("month_3")] == ["ae"]
