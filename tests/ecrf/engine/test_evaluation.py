"""What an entry comes to: values, visibility, calculations, errors; the same on the server and in the browser."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from ecrf import engine
from tests.ecrf.engine import node
from tests.ecrf.engine.forms import NOW, choices, codes_of, data, evaluated, item

IS_ONE = ["same", ["var", "a"], ["text", "1"]]
RICH = data(
    item("subject", calc=["subject"]),
    item("a", "choice", choices=choices("1", "2")),
    item("b", "integer", visible_if=IS_ONE, required=True, min=["number", "0"], max=["var", "limit"]),
    item("c", "decimal", calc=["*", ["var", "b"], ["number", "2.5"]]),
    item("limit", "integer", default=["number", "10"]),
    item("day", "date", default=["today"], max=["today"], range="block"),
    item("at", "datetime", seconds=True),
    item("clock", "time"),
    item("signs", "choices", choices=[*choices("1", "2"), {"code": "0", "label": {"en": "none"}, "exclusive": True}]),
    item("old", "choice", choices=[*choices("1"), {"code": "9", "label": {"en": "gone"}, "retired": True}]),
    item("mail", format="email", max_length=40),
    item("note", look="lines"),
    item("dose", "decimal", decimals=1),
    item("shown", "output", visible_if=[">", ["var", "c"], ["number", "10"]]),
    item(
        "low",
        "integer",
        checks=[
            {
                "key": "below_b",
                "holds": ["<", ["var", "low"], ["var", "b"]],
                "severity": "block",
                "message": {"en": "Must be below b", "fr": "Doit être sous b"},
            }
        ],
    ),
)

CASES: list[tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("nothing is wrong with nothing", {}, []),
    ("what is shown and required is missing", {"a": "1"}, [("b", "required", "missing")]),
    ("a limit may be another field", {"a": "1", "b": "11"}, [("b", "above_max", "warning")]),
    ("a limit may be raised", {"a": "1", "b": "11", "limit": "20"}, []),
    ("a hidden value is kept and said", {"a": "2", "b": "5"}, [("b", "hidden_value", "warning")]),
    ("a hidden value must be readable too", {"a": "2", "b": "x"}, [("b", "not_whole", "error")]),
    ("a whole number is no fraction", {"a": "1", "b": "1.5"}, [("b", "not_whole", "error")]),
    ("a comma is a decimal point", {"dose": "1,5"}, []),
    ("decimals are counted", {"dose": "1.55"}, [("dose", "too_many_decimals", "error")]),
    ("an exponent is no number", {"dose": "1e5"}, [("dose", "not_number", "error")]),
    ("a number beyond reason is refused", {"a": "1", "b": "9" * 20}, [("b", "too_large", "error")]),
    ("a date exists", {"day": "2026-02-30"}, [("day", "not_date", "error")]),
    ("a blocking limit is an error", {"day": "2026-11-24"}, [("day", "above_max", "error")]),
    ("a time is of a day", {"clock": "24:00"}, [("clock", "not_time", "error")]),
    ("a choice is one of the choices", {"a": "3"}, [("a", "unknown_choice", "error")]),
    ("codes are compared as texts", {"a": "01"}, [("a", "unknown_choice", "error")]),
    ("a retired choice is said", {"old": "9"}, [("old", "retired_choice", "warning")]),
    ("some choices exclude the others", {"signs": ["1", "0"]}, [("signs", "exclusive_choice", "error")]),
    ("several choices are a list", {"signs": "1"}, [("signs", "not_list", "error")]),
    ("unknown boxes are refused", {"signs": ["1", "7"]}, [("signs", "unknown_choice", "error")]),
    ("an address looks like one", {"mail": "me at home"}, [("mail", "bad_format", "error")]),
    ("a text has a length", {"mail": "a" * 41}, [("mail", "too_long", "error")]),
    ("a text is a text", {"note": ["x"]}, [("note", "not_text", "error")]),
    ("a line is one line", {"mail": "a@b.fr\nc@d.fr"}, [("mail", "one_line_only", "error")]),
    ("no control characters", {"note": "a\u0000b"}, [("note", "control_character", "error")]),
    ("a check that doesn't hold", {"a": "1", "b": "5", "low": "6"}, [("low", "check_failed", "error")]),
    ("a check with an unknown side holds", {"low": "6"}, []),
    ("a text of the form holds nothing", {"shown": "x"}, [("shown", "holds_no_value", "error")]),
    ("unknown fields are refused", {"nobody": "1"}, [("nobody", "unknown_variable", "error")]),
    ("script is a text like another", {"note": "<script>alert(1)</script>"}, []),
]


@pytest.mark.parametrize(("name", "values", "expected"), CASES, ids=[case[0] for case in CASES])
def test_findings(name: str, values: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    """Each entry gets exactly these remarks, each at its field."""
    assert codes_of(evaluated(RICH, **values)) == expected


def test_the_browser_says_the_same() -> None:
    """Values, visibility, defaults, remarks and counts of pages are the same in the browser, for every case."""
    definition = engine.load(RICH)
    context = {"now": "2026-11-23T14:05", "subject": "BRO-001"}
    extra = [{"a": "1", "b": "4", "c": "99", "low": "1", "signs": ["2", "1"], "at": "2026-01-02 03:04:05"}]
    given = [values for _, values, _ in CASES] + extra
    answers = node.run({"forms": [{"definition": RICH, "values": values, "context": context} for values in given]})
    for values, browser in zip(given, answers["forms"], strict=True):
        state = engine.evaluate(definition, values, NOW)
        assert browser["values"] == dict(state.values), values
        assert browser["visible"] == sorted(state.visible), values
        assert browser["defaults"] == sorted(state.defaults), values
        assert browser["recomputed"] == sorted(state.recomputed), values
        assert browser["pages"] == {key: asdict(page) for key, page in state.pages.items()}, values
        found = [{**asdict(finding), "params": dict(finding.params)} for finding in state.findings]
        assert browser["findings"] == found, values


def test_values_are_spelt_in_one_way() -> None:
    """However it was sent, a value is stored in its canonical spelling, choices in the order of the form."""
    state = evaluated(RICH, a=1, b=" 007 ", dose=1.5, signs=["2", "1"], at="2026-01-02 03:04:00", mail=" a@b.fr ")
    assert state.values["a"] == "1"
    assert state.values["b"] == "7"
    assert state.values["dose"] == "1.5"
    assert state.values["signs"] == ["1", "2"]
    assert state.values["at"] == "2026-01-02T03:04"
    assert state.values["mail"] == "a@b.fr"


def test_calculations_are_ours() -> None:
    """What a client says of a calculation is replaced, and noticed."""
    state = evaluated(RICH, a="1", b="3", c="99")
    assert state.values["c"] == "7.5"
    assert state.recomputed == {"c"}


def test_hidden_is_null() -> None:
    """What isn't shown doesn't exist for expressions, though its value is kept."""
    state = evaluated(RICH, a="2", b="3")
    assert state.values["b"] == "3"
    assert state.values["c"] is None


def test_defaults_follow_until_touched() -> None:
    """A default fills what nobody touched; an emptied field stays empty."""
    assert evaluated(RICH).values["day"] == "2026-11-23"
    assert evaluated(RICH, day=None).values["day"] is None
    assert evaluated(RICH, limit="3").values["limit"] == "3"


def test_hidden_page_hides_its_items() -> None:
    """A page whose condition doesn't hold asks nothing and lacks nothing."""
    form = data(item("x", required=True), visible_if=["boolean", False])
    state = evaluated(form)
    assert codes_of(state) == []
    assert state.pages["p"].shown == 0


def test_chain_of_many_calculations() -> None:
    """Each of 500 calculations on the one before gets its value, whatever their order in the form."""
    links = [item(f"c{n}", "integer", calc=["+", ["var", f"c{n - 1}"], ["number", "1"]]) for n in range(500, 0, -1)]
    state = evaluated(data(*links, item("c0", "integer")), c0="0")
    assert state.values["c500"] == "500"
