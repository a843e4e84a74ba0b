"""What each widget of a page script asks, keeps and finds wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ecrf.engine.goupile.run import Runner, run
from tests.ecrf.goupile.conftest import Evaluate, faults, found
from tests.ecrf.goupile.projects import CONTEXT, FULL, PROJECT


@pytest.fixture(scope="module")
def full(runner: Runner) -> dict[str, Any]:
    return run(PROJECT, "widgets", FULL, context=CONTEXT, runner=runner)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "name",
            {
                "type": "text",
                "label": "Name",
                "placeholder": "Family name",
                "prefix": "Dr",
                "suffix": "MD",
                "mandatory": True,
            },
        ),
        ("name", {"help": "One line\nAnother line", "value": "Lovelace"}),
        ("story", {"look": "lines", "rows": 5, "cols": 60, "wide": True}),
        ("word", {"type": "password", "look": "secret"}),
        ("age", {"type": "number", "value": 36, "min": 0, "max": 120, "suffix": "years", "decimals": 0}),
        ("height", {"value": 1.7, "decimals": 2}),
        ("pain", {"look": "slider", "prefix": "0", "suffix": "10", "floating": False}),
        ("mood", {"prefix": "bad", "suffix": "good", "floating": True}),
        ("d0", {"type": "date", "value": "2026-11-30", "max": "2026-12-01"}),
        ("m0", {"type": "month", "value": "2024-05"}),
        ("t0", {"type": "time", "value": "09:30:00", "seconds": False}),
        ("t1", {"seconds": True}),
        ("agree", {"type": "enum", "look": "yesno", "value": 1}),
        ("sure", {"value": False, "look": "yesno"}),
        ("smoke", {"look": "buttons", "untoggle": False, "value": "stopped"}),
        ("side", {"value": 3}),
        ("place", {"look": "radio", "columns": 2, "value": 2}),
        ("job", {"look": "list", "value": "x y"}),
        ("sleep", {"type": "multi", "look": "check", "value": [1, 2]}),
        ("drugs", {"look": "buttons", "value": ["b"]}),
        ("more", {"value": [None]}),
        ("bmi1", {"type": "calc", "text": "173.2", "decimals": 1}),
        ("bmi", {"text": "173.18"}),
        ("yes", {"text": "It is so", "value": 1}),
        ("next", {"value": "2026-12-30", "visible": False}),
        ("slot", {"value": "09:30:15"}),
        ("scan", {"type": "file", "value": "0" * 64}),
    ],
)
def test_widget(full: dict[str, Any], path: str, expected: dict[str, Any]) -> None:
    """Each widget says its type, its texts and its options, and holds its value in its own type."""
    widget = found(full, path)
    assert {name: widget.get(name) for name in expected} == expected


def test_choices(full: dict[str, Any]) -> None:
    """Choices are pairs, texts, numbers or made by hand; each has a code, and a null one excludes the others."""
    assert [(one["code"], one["value"], one["label"]) for one in found(full, "side")["choices"]] == [
        ("left", "left", "left"),
        ("right", "right", "On the right"),
        ("3", 3, "3"),
        ("4", 4, "Four"),
    ]
    assert found(full, "job")["choices"][1]["code"] == "x_y"
    assert [one.get("exclusive", False) for one in found(full, "sleep")["choices"]] == [False, False, True]


def test_ticks(full: dict[str, Any]) -> None:
    """Ticks of a slider are all whole numbers, places with words, a list, or what a function gives."""
    assert [tick["at"] for tick in found(full, "pain")["ticks"]] == list(range(11))
    assert [(tick["at"], tick["label"], tick["mark"]) for tick in found(full, "mood")["ticks"]] == [
        (0, "bad", True),
        (5, "so so", False),
        (10, "good", True),
    ]
    assert [tick["label"] for tick in found(full, "level")["ticks"]] == ["1", "two"]
    assert [tick["at"] for tick in found(full, "made")["ticks"]] == [3]


def test_faults_of_values(full: dict[str, Any]) -> None:
    """A value out of range, a sign that is no digit and too many decimals are faults; the range of one lets through."""
    assert faults(full) == {
        "pin": [("digits", True, True)],
        "weight": [("above_max", False, True), ("decimals", False, True)],
    }


def test_calculations_are_not_rounded(full: dict[str, Any]) -> None:
    """A calculation keeps what it computed, however it is shown; what is no number is empty."""
    assert full["values"]["bmi"] == pytest.approx(500.5 / 1.7**2)
    assert full["values"]["cls"] == "High"


@pytest.mark.parametrize("value", ["NaN", "null", "undefined", "0 / 0"])
def test_an_empty_calculation(evaluate: Evaluate, value: str) -> None:
    """NaN and null make a calculation empty, and it is never mandatory."""
    answer = evaluate(f'form.calc("*c", "C", {value})', {"c": "3"})
    assert answer["values"] == {}
    assert faults(answer) == {}
    assert found(answer, "c")["text"] == "Not available"


def test_a_calculation_of_something_else(evaluate: Evaluate) -> None:
    """A calculation is a text, a number, a date or a time; anything else stops the script at its line."""
    from ecrf.engine.goupile.run import ScriptFault

    with pytest.raises(ScriptFault) as refused:
        evaluate('form.text("a", "A")\n\nform.calc("c", "C", [1])')
    assert (refused.value.code, refused.value.file, refused.value.line) == ("exception", "pages/p.js", 3)


def test_nothing_ticked(evaluate: Evaluate) -> None:
    """Nothing ticked is an answer, and so never missing, unless a null choice stands for it."""
    code = 'form.multiCheck("*with", "W", [[1, "One"], [null, "None"]]); form.multiCheck("*without", "W", [[1, "One"]])'
    answer = evaluate(code, {"with": [], "without": []})
    assert faults(answer) == {"with": [("required", True, False)]}
    assert answer["values"]["without"] == []


@pytest.mark.parametrize(
    ("widget", "given", "kept"),
    [
        ('form.number("x", "X")', "12", 12),
        ('form.number("x", "X")', "twelve", None),
        ('form.date("x", "X")', "nonsense", None),
        ('form.month("x", "X")', "2024-05-17", "2024-05"),
        ('form.time("x", "X")', "25:00", None),
        ('form.enum("x", "X", [[1, "One"], ["1b", "Other"]])', "1", 1),
        ('form.enum("x", "X", [["1", "One"]])', "1", "1"),
        ('form.enum("x", "X", [[1, "One"]])', ["1"], 1),
        ('form.multi("x", "X", [[1, "One"]])', "1", [1]),
        ('form.boolean("x", "X")', "true", True),
        ('form.text("x", "X")', 12, "12"),
    ],
)
def test_reading_what_is_stored(evaluate: Evaluate, widget: str, given: Any, kept: Any) -> None:
    """A stored text becomes what the widget holds, with the type of the script's own codes, or nothing."""
    assert evaluate(widget, {"x": given})["values"].get("x") == kept


def test_values_are_typed_before_their_widget(evaluate: Evaluate) -> None:
    """A script that reads a value above its widget finds it as the widget makes it."""
    code = """
        form.calc("same", "S", values.code === 1 ? "number" : "other")
        form.calc("day", "D", values.date ? values.date.plus(1) : null)
        form.enum("code", "C", [[1, "One"]]); form.date("date", "D")
    """
    answer = evaluate(code, {"code": "1", "date": "2024-02-28"})
    assert (answer["values"]["same"], answer["values"]["day"]) == ("number", "2024-02-29")


def test_output(full: dict[str, Any]) -> None:
    """Free HTML becomes blocks of text and images of the project; scripts and styles are left out and told."""
    assert full["widgets"][0]["blocks"] == [
        {"kind": "heading", "spans": [{"text": "Welcome"}]},
        {
            "kind": "paragraph",
            "spans": [
                {"text": "Please "},
                {"text": "read", "strong": True},
                {"text": " this & "},
                {"text": "that", "emphasis": True},
                {"text": ", Ada & Co. "},
            ],
        },
        {"kind": "item", "spans": [{"text": "one"}]},
        {"kind": "item", "spans": [{"text": "two"}]},
        {"kind": "image", "source": "plan.png", "alt": "A plan"},
    ]
    assert {"code": "left_out", "name": "<script>"} in full["notices"]


def test_actions(full: dict[str, Any]) -> None:
    """Buttons are listed and their code is not run; a hyphen separates, a plus sign says always shown."""
    assert [(one["label"], one["separator"], one["always"]) for one in full["actions"]] == [
        ("Look", False, False),
        ("-", True, True),
        ("Again", False, True),
    ]
    assert full["actions"][0]["color"] == "red"
    assert {"code": "action_code", "name": "Look"} in full["notices"]
