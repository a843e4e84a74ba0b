"""How a page behaves: conditions, defaults, errors, statuses, stacks, nested values, what old scripts say."""

from __future__ import annotations

from typing import Any

import pytest

from ecrf.engine.goupile.run import Runner, ScriptFault, run
from tests.ecrf.goupile.conftest import Evaluate, faults, found
from tests.ecrf.goupile.projects import CONTEXT, PROJECT, REQUESTS, RULES, THREAD


def rules(runner: Runner, name: str) -> dict[str, Any]:
    asked = REQUESTS[name]
    context = CONTEXT | asked.get("context", {})
    return run(
        PROJECT, asked["page"], asked.get("values"), asked.get("notes"), asked.get("thread"), context, runner=runner
    )


def test_widgets_that_are_not_called(evaluate: Evaluate) -> None:
    """What the script doesn't call isn't asked and isn't checked, and keeps its value."""
    code = 'form.binary("a", "A"); if (values.a) form.number("*b", "B", { max: 3 })'
    shown, gone = evaluate(code, {"a": "1", "b": "9"}), evaluate(code, {"a": "0", "b": "9"})
    assert faults(shown) == {"b": [("above_max", True, True)]}
    assert faults(gone) == {}
    assert "b" not in gone["variables"]
    assert gone["values"]["b"] == "9"


def test_errors(runner: Runner) -> None:
    """An error blocks or not, at once or delayed until a save: each of the four."""
    told = faults(rules(runner, "broken rules"))
    assert told["low"] == [("script", True, True), ("script", True, False)]
    assert told["high"] == [("script", False, True), ("script", False, False)]
    assert told["free"] == [("script", True, False)]
    assert told["now"] == [("required", True, True)]
    assert told["later"] == [("required", True, False)]


def test_delayed_errors_at_a_save(runner: Runner) -> None:
    """A try to save shows what was delayed; and so does a page that had been saved."""
    for context in ({"triggered": True}, {"saved": True}):
        answer = run(PROJECT, "rules", RULES, context=CONTEXT | context, runner=runner)
        assert all(one["shown"] for one in answer["errors"])


def test_statuses(runner: Runner) -> None:
    """A status or a comment lets faults through and is a tag; it clears the mandatory one, and not where it may not."""
    answer = rules(runner, "noted rules")
    told = faults(answer)
    assert {block for _, block, _ in told["low"]} == {False}
    assert "now" not in told
    assert told["later"] == [("required", False, True)]
    assert told["free"] == [("script", True, True)]
    assert answer["notes"]["now"] == {"status": "na", "comment": "gone"}
    assert found(answer, "low")["tags"] == ["check", "error"]
    assert found(answer, "now")["tags"] == ["na"]
    assert found(answer, "high")["tags"] == ["locked", "error"]
    assert found(answer, "high")["readonly"] is True
    assert answer["tags"] == ["check", "error", "incomplete", "locked", "na", "wait"]


def test_a_value_clears_its_status(evaluate: Evaluate) -> None:
    """The reason for which a value is missing goes when there is a value; «to be verified» stays."""
    code = 'form.text("a", "A"); form.text("b", "B")'
    answer = evaluate(
        code, {"a": "x", "b": "y"}, notes={"a": {"status": "nd"}, "b": {"status": "check"}}, context={"annotate": True}
    )
    assert answer["notes"] == {"b": {"status": "check"}}


def test_without_annotations(evaluate: Evaluate) -> None:
    """Where the project allows no annotation, a status lets nothing through."""
    answer = evaluate('form.text("*a", "A")', {}, notes={"a": {"status": "nd"}})
    assert faults(answer) == {"a": [("required", True, False)]}


def test_defaults(evaluate: Evaluate) -> None:
    """A default follows its expression until the field is edited or emptied."""
    code = 'form.number("low", "L"); form.number("high", "H", { value: values.low == null ? null : values.low * 2 })'
    first = evaluate(code, {"low": "2"})
    assert first["values"]["high"] == 4
    again = evaluate(code, first["values"] | {"low": 3}, following=first["following"])
    assert again["values"]["high"] == 6
    undone = evaluate(code, again["values"] | {"low": None}, following=again["following"])
    assert "high" not in undone["values"]
    edited = evaluate(code, first["values"] | {"low": 3, "high": 5}, following=first["following"])
    assert edited["values"]["high"] == 5
    emptied = evaluate(code, first["values"] | {"low": 3, "high": None}, following=first["following"])
    assert "high" not in emptied["values"]
    same = evaluate(code, first["values"] | {"low": 3}, following=first["following"], edited=["high"])
    assert same["values"]["high"] == 4
    saved = evaluate(code, {"low": 3, "high": 4})
    assert saved["values"]["high"] == 4


def test_options_are_a_stack(runner: Runner) -> None:
    """Pushed options hold for what follows, inside of where they were pushed."""
    answer = rules(runner, "empty rules")
    mandatory = [one["path"] for one in answer["errors"]]
    assert mandatory == ["now", "later", "inner", "tab1"]
    assert found(answer, "off")["disabled"] is True


def test_the_same_line(evaluate: Evaluate) -> None:
    """A widget on the same line stands in a column beside the one before it; the next begins a new line."""
    code = """
        form.text("a", ""); form.sameLine(true); form.text("b", ""); form.sameLine(); form.text("c", "")
        form.text("d", "")
    """
    first, second = evaluate(code)["widgets"]
    assert (first["type"], first["wide"], [one["path"] for one in first["children"]]) == (
        "columns",
        True,
        ["a", "b", "c"],
    )
    assert second["path"] == "d"


def test_tabs(runner: Runner) -> None:
    """All tabs are asked; the one in front shows its buttons, unless it is disabled."""
    tabs = next(one for one in rules(runner, "empty rules")["widgets"] if one["type"] == "tabs")
    assert [(one["label"], one["active"]) for one in tabs["children"]] == [("First", False), ("Second", True)]
    answer = run(PROJECT, "rules", {"low": "1"}, context=CONTEXT, runner=runner)
    tabs = next(one for one in answer["widgets"] if one["type"] == "tabs")
    assert [one["active"] for one in tabs["children"]] == [True, False]
    assert answer["actions"] == []


def test_repeats(runner: Runner) -> None:
    """Rows of a repeat are numbered objects; each has the same widgets, and a fault stands at its row."""
    answer = rules(runner, "broken rules")
    told = faults(answer)
    assert told["rows.0.drug"] == [("script", True, True)]
    assert told["rows.0.dose"] == [("above_max", True, True)]
    assert told["rows.1.drug"] == [("required", True, False)]
    assert answer["values"]["rows"] == {"0": {"drug": "x", "dose": 11}, "1": {}}
    assert (answer["values"]["count"], answer["values"]["doses"]) == (2, 11)


def test_rows_are_removed(evaluate: Evaluate) -> None:
    """Removing a row shifts those behind it, and adding one asks the page again."""
    code = """
        let rows = form.repeat("r", row => form.text("t", "T"))
        if (values.r[0]?.t == "a") rows.remove(0)
        if (rows.length == 2) rows.add()
    """
    answer = evaluate(code, {"r": [{"t": "a"}, {"t": "b"}, {"t": "c"}]})
    assert answer["values"]["r"] == {"0": {"t": "b"}, "1": {"t": "c"}, "2": {}}
    assert found(answer, "r")["length"] == 3


def test_nested_keys(runner: Runner) -> None:
    """Values may lie in objects: by a pushed path, by a list of names."""
    answer = rules(runner, "broken rules")
    assert {"deep.in", "deep.er.x.in", "deep.named", "cond"} <= set(answer["variables"])


def test_bare_assignment(runner: Runner) -> None:
    """An assigned value is kept without a dictionary entry, and told."""
    answer = rules(runner, "broken rules")
    assert answer["values"]["ok"] == 1
    assert answer["values"]["when"] == "2021-02-28"
    assert "ok" not in answer["variables"]
    assert {"code": "no_dictionary", "name": "ok"} in answer["notices"]


def test_what_a_page_says_of_its_record(runner: Runner) -> None:
    """Summary, identifier, constraints and counters go with the answer; a secret counter tells nothing."""
    answer = run(PROJECT, "rules", RULES, thread=THREAD | {"counters": {"arm/bad": 2}}, context=CONTEXT, runner=runner)
    assert (answer["summary"], answer["hid"]) == ("300 to 250", "P12")
    assert answer["constraints"] == {"free": {"exists": True, "unique": True}}
    assert answer["counters"] == {
        "arm/bad": {"max": 2, "randomize": True, "secret": False},
        "all": {"max": None, "randomize": False, "secret": True},
    }
    assert answer["values"]["arm"] == 2


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ('form.text("a", ""); form.text("a", "")', "already exists"),
        ('form.text("__a", "")', "__"),
        ('form.text("é", "")', "allowed signs"),
        ('form.text("", "")', "Empty"),
        ('form.text(null, "")', "key"),
        ('form.section("S"), () => { form.text("a", "") }', "contains no function"),
        ('form.tab("T", () => {})', "inside form.tabs"),
        ("form.popOptions()", "Too many"),
        ("form.popPath()", "Too many"),
        ('meta.constrain("a", "x")', "Unknown constraint"),
        ('meta.randomize("a", 33)', "between 2 and 32"),
        ('form.slider("a", "", { min: 3, max: 3 })', "positive"),
    ],
)
def test_mistakes(evaluate: Evaluate, code: str, says: str) -> None:
    """A script's mistake stops it, with its line and words that say what is wrong."""
    with pytest.raises(ScriptFault, match=says) as refused:
        evaluate("\n" + code)
    assert (refused.value.code, refused.value.line) == ("exception", 2)


def test_other_pages(runner: Runner) -> None:
    """Other pages' data are read safely: a page that nobody saved is empty and its entry null; dates are dates."""
    answer = rules(runner, "imports")
    assert answer["values"]["d"] == 30
    assert [span["text"].strip() for span in found_output(answer)["spans"]] == ["40", "2"]


def found_output(answer: dict[str, Any]) -> dict[str, Any]:
    block: dict[str, Any] = next(one for one in answer["widgets"] if one["type"] == "output")["blocks"][0]
    block["spans"] = [span for span in block["spans"] if span.get("strong") or span["text"].strip()]
    return block


def test_imports(runner: Runner) -> None:
    """Files of a project import each other, at the top and on the way, scripts and JSON."""
    answer = rules(runner, "imports")
    assert (answer["values"]["total"], answer["values"]["limit"]) == (4, 7)
    assert found(answer, "limit")["label"] == "From a file"
    with pytest.raises(ScriptFault, match="no such file"):
        run(type(PROJECT)({"pages/p.js": 'import x from "./y.js"'}), "p", runner=runner)


def test_clock_and_chance(runner: Runner) -> None:
    """The moment and the seed are given, so that a run can be done again, wherever."""
    one, same = rules(runner, "diary"), rules(runner, "diary")
    assert one == same
    other = run(PROJECT, "diary", context=CONTEXT | {"seed": "another"}, runner=runner)
    assert other["values"]["random"] != one["values"]["random"]
    assert one["values"]["now"] == "2026-12-01T10:20:30.000Z 1709251140000 0"


def test_helpers(runner: Runner) -> None:
    """Dates, times, hashes and helpers give what they give in Goupile."""
    import hashlib

    values = rules(runner, "diary")["values"]
    assert values["hash"] == hashlib.sha256(("é" + "x" * 100).encode()).hexdigest()
    assert values["dates"] == "2025-02-28 2024-03 2023-11-30 2023-02-24 0 5370 2026-12-01 10:20:30"
    assert values["util"] == '10|2.35|Abc|9h30|0|1|2|{"k1":1,"k2":2}'
    assert values["float"] == 0.1 + 0.2
    assert values["text"] == "one of two"


def test_what_is_not_run(runner: Runner) -> None:
    """Dialogs, the network and the page itself are told and not run."""
    told = {one["name"] for one in rules(runner, "diary")["notices"] if one["code"] == "not_run"}
    assert told == {
        "UI.dialog",
        "Net.get",
        "document.title",
        "window.open",
        "setTimeout",
        "localStorage.setItem",
        "render",
    }


def test_old_scripts(runner: Runner) -> None:
    """What former versions offered still runs, and is told where it should be written otherwise."""
    answer = rules(runner, "old")
    assert faults(answer) == {
        "nest.a": [("required", True, False)],
        "d": [("script", True, False)],
        "n": [("script", True, True)],
    }
    assert answer["hid"] == "2026-12-24"
    assert (found(answer, "old")["text"], answer["values"]["key"]) == ("always this", "oldfalse")
    assert {"code": "old_option", "name": "path"} in answer["notices"]
    assert {"code": "old_option", "name": "claim"} in answer["notices"]
    assert {"code": "unknown_variable", "name": "nothing"} in answer["notices"]


def test_a_page_that_asks_to_run_again(evaluate: Evaluate) -> None:
    """A script may ask for another run, and not for ever."""
    again = evaluate("values.n = (values.n ?? 0) + 1; if (values.n < 3) form.restart()")
    assert again["values"]["n"] == 3
    ever = evaluate("values.n = (values.n ?? 0) + 1; form.restart()")
    assert ever["values"]["n"] == 8
    assert {"code": "restarts", "name": "p"} in ever["notices"]


def test_the_project(runner: Runner) -> None:
    """Pages, their menu and their options come from main.js; which are open follows the participant's data."""
    project = run(PROJECT, None, thread=THREAD, runner=runner)["project"]
    assert [(page["key"], page["store"], page["enabled"], page["path"]) for page in project["pages"]] == [
        ("widgets", "widgets", True, ["A trial"]),
        ("rules", "rules", True, ["A trial"]),
        ("visit", "visit", True, ["A trial", "Afterwards"]),
        ("diary", "diary", True, ["A trial", "Afterwards"]),
        ("old", "old", True, ["A trial"]),
    ]
    assert project["pages"][0]["options"] == {"lock": 600000, "icon": "heart"}
    assert project["pages"][3]["options"]["forget"] is True
    assert project["pages"][3]["options"]["sequence"] == ["visit", "diary"]
    assert project["annotate"] is True
    closed = run(PROJECT, None, runner=runner)["project"]
    assert [page["enabled"] for page in closed["pages"]] == [True, False, False, False, True]


def test_old_projects(runner: Runner) -> None:
    """Old project scripts give a form its pages, which share its store."""
    main = """
        app.form("f", "F", () => { app.page("p", "P"); app.page("q", "Q") })
        app.form("g", form => form.page("r", "R")); app.shortcut("x")
    """
    project = run(type(PROJECT)({"main.js": main}), None, runner=runner)
    assert [(page["key"], page["store"]) for page in project["project"]["pages"]] == [
        ("p", "f"),
        ("q", "f"),
        ("r", "g"),
    ]
    assert {"code": "unknown_app", "name": "shortcut"} in project["notices"]
