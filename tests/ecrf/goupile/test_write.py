"""Native definitions as Goupile projects: run as scripts, they show and compute what the definition does."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from ecrf.engine import Context, Definition, evaluate, load
from ecrf.engine.exchange.goupile import read, write
from ecrf.engine.exchange.goupile.archive import packed
from ecrf.engine.goupile.run import Project, Runner, run
from ecrf.engine.goupile.state import evaluate_script, places
from tests.ecrf.goupile.projects import one_page
from tests.ecrf.goupile.test_convert import NOW, SIMPLE, converted, entries, number

TEXT = {"en": "T"}


def item(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "type": kind, "label": {"en": key.title()}, **more}


def form(*items: dict[str, Any], **group: Any) -> Definition:
    pages = [{"key": "p", "title": TEXT, "groups": [{"items": list(items), **group}]}]
    return load({"format": 1, "title": TEXT, "languages": ["en"], "pages": pages})


def var(name: str) -> list[Any]:
    return ["var", name]


A, B, ONE, TWO = var("a"), var("b"), ["number", "1"], ["number", "2"]
YES = [{"code": "1", "label": {"en": "Yes"}}, {"code": "0", "label": {"en": "No"}}]
CODES = [{"code": code, "label": {"en": code}} for code in "xyz"]

CALCULATIONS = [
    ["+", A, B, ONE],
    ["/", A, B],
    ["/", A, TWO],
    ["^", A, ["number", "3"]],
    ["sqrt", ["-", A, B]],
    ["ln", A],
    ["round", ["/", A, ["number", "7"]], TWO],
    ["floor", ["/", A, TWO], ["number", "0"]],
    ["sum", A, B],
    ["mean", A, B],
    ["median", A, B, ONE],
    ["min", A, B],
    ["max", A, B],
    ["abs", ["neg", A]],
    ["count", "m"],
    ["datediff", var("d"), ["today"], ["text", "d"], ["boolean", True]],
    ["year", var("d")],
    ["age", var("d"), ["today"]],
    ["length", var("t")],
    ["if", ["<", A, B], A, B],
    ["number", var("t")],
]
CONDITIONS = [
    ["=", A, ONE],
    ["<>", A, ONE],
    ["=", A, B],
    ["<>", A, B],
    ["same", A, B],
    ["distinct", A, B],
    ["same", A, ["null"]],
    ["not", ["<", A, B]],
    ["not", ["and", ["=", A, ONE], ["<", B, TWO]]],
    ["or", ["not", ["=", var("c"), ["text", "x"]]], [">=", A, TWO]],
    ["<>", var("c"), ["text", "x"]],
    ["same", ["=", var("c"), ["text", "x"]], ["boolean", True]],
    ["distinct", ["=", var("c"), ["text", "x"]], ["boolean", True]],
    ["same", ["<", A, B], ["null"]],
    ["=", var("y"), ["text", "1"]],
    ["ticked", "m", "x"],
    ["not", ["ticked", "m", "x"]],
    ["<", var("d"), ["today"]],
    ["=", var("d"), ["date", "2024-02-29"]],
    ["<>", var("t"), ["text", "x"]],
    ["=", var("t"), var("c")],
    ["distinct", var("t"), ["null"]],
    ["if", ["<", A, B], ["=", A, ONE], [">", B, ONE]],
    ["starts", var("t"), ["text", "1"]],
    ["not", ["ends", var("t"), ["text", "2"]]],
]


def agrees(definition: Definition, runner: Runner, seed: int, count: int = 25) -> None:
    content, lost = write(definition)
    assert lost == []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    data = definition.data
    script = {**data, "pages": [{**data["pages"][0], "script": files["pages/p.js"]}]}
    script["modules"] = {name: text for name, text in files.items() if name != "pages/p.js"}
    for values in entries(data, count, seed):
        native = evaluate(definition, values, Context(NOW))
        state = evaluate_script(script, script["pages"][0], native.values, now=NOW, saving=True, runner=runner)
        asked = {
            place.key
            for place in places(data["pages"][0])
            if place.item["type"] != "output" and not place.item.get("hidden")
        }
        assert native.visible & asked == state.visible & asked, (values, files["pages/p.js"])
        computed = {one.key for one in definition.order if one.calc} & native.visible & asked
        assert {key: number(native.values[key]) for key in computed} == {
            key: number(state.values[key]) for key in computed
        }, (values, files["pages/p.js"])
        broken = {
            (one.key, one.severity) for one in native.findings if one.code in ("check_failed", "below_min", "above_max")
        }
        assert broken == {
            (one.key, one.severity) for one in state.findings if one.code == "check_failed" and one.key != "pin"
        }, (values, files["pages/p.js"])


INPUTS = [
    item("a", "integer", min=ONE, max=["number", "50"], range="block"),
    item("b", "integer", range="warn", max=["number", "10"]),
    item("c", "choice", choices=CODES, look="radio"),
    item("y", "choice", choices=YES, look="yesno"),
    item("m", "choices", choices=CODES),
    item("d", "date"),
    item("t", "text"),
]


def test_calculations(runner: Runner) -> None:
    """Each operator gives in a script what it gives in the form, empty values among them."""
    agrees(
        form(*INPUTS, *(item(f"k{number}", "decimal", calc=node) for number, node in enumerate(CALCULATIONS))),
        runner,
        1,
        60,
    )


def test_conditions(runner: Runner) -> None:
    """Each condition shows the same, whatever is unknown; a check is broken where it is false, not unknown."""
    shown = [item(f"k{number}", "text", visible_if=node) for number, node in enumerate(CONDITIONS)]
    checks = [
        {"key": f"c{number}", "holds": node, "severity": "block", "message": TEXT}
        for number, node in enumerate(CONDITIONS)
    ]
    agrees(form(*INPUTS, *shown), runner, 2, 60)
    agrees(
        form(*INPUTS, *(item(f"k{number}", "text", checks=[check]) for number, check in enumerate(checks))),
        runner,
        3,
        60,
    )


def test_what_is_not_shown_is_empty(runner: Runner) -> None:
    """A value whose question isn't shown reads as empty for what stands below it."""
    items = [
        item("a", "integer"),
        item("b", "integer", visible_if=[">", A, TWO]),
        item("k", "decimal", calc=["+", A, B]),
        item("z", "text", visible_if=["same", B, ["null"]]),
    ]
    agrees(form(*items), runner, 4)


@pytest.mark.parametrize("name", SIMPLE)
def test_there_and_back(runner: Runner, name: str) -> None:
    """What was read from a script is written as a script that behaves the same."""
    data, _ = converted(runner, SIMPLE[name])
    agrees(load(data), runner, 5)


def test_a_project_keeps_its_shape(runner: Runner) -> None:
    """Sections, columns, tabs, repeats, pages, locks and conditions of pages come back as they were."""
    code = """
        form.section("S", () => { form.text("a", "A"); form.sameLine(); form.text("b", "B") })
        form.tabs("t", () => {
            form.tab("One", () => form.number("in1", "1"))
            form.tab("Two", () => form.text("in2", "2"))
        })
        form.repeat("rows", row => { form.text("drug", "Drug"); if (row.drug == "x") form.number("dose", "Dose") })
    """
    main = 'app.annotate = true; app.form("p", "P"); app.form("q", "Q", { lock: 5000, enabled: t => t.data.p.in1 > 1 })'
    files = dict(one_page(code, main).files) | {"pages/q.js": 'form.text("last", "Last")'}
    data, told = read(packed(files), language="en", runner=runner)
    content, lost = write(load(data))
    again, more = read(content, language="en", runner=runner)
    assert (told, lost, more) == ([], [], [])
    assert [page["groups"] for page in again["pages"]] == [page["groups"] for page in data["pages"]]
    assert (again["pages"][1]["lock"], again["annotate"]) == (5, True)
    assert again["pages"][1]["visible_if"] == data["pages"][1]["visible_if"] == [">", ["var", "in1"], ONE]


def test_script_pages_are_kept(runner: Runner) -> None:
    """A page that stayed script is written as it was, with what it imports and its main.js."""
    code = 'form.text("a", "A"); meta.count(values.a)'
    data, _ = converted(runner, code)
    content, lost = write(load(data))
    assert lost == []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("pages/p.js").decode() == code
        assert archive.read("main.js").decode() == 'app.form("p", "P")'


def test_what_cannot_be_carried(runner: Runner) -> None:
    """What Goupile has no words for is listed with its place, and the rest is written."""
    definition = form(
        item("a", "datetime"),
        item("b", "text", identifier=True, max_length=3),
        item("k", "decimal", calc=["deviation", ["length", B], ONE]),
        matrix="m",
    )
    content, lost = write(definition)
    assert sorted((fault.place, fault.params["what"]) for fault in lost) == [
        ("pages.0.groups.0.items.0.type", "datetime"),
        ("pages.0.groups.0.items.1.identifier", "identifier"),
        ("pages.0.groups.0.items.1.max_length", "max_length"),
        ("pages.0.groups.0.items.2.calc", "deviation"),
        ("pages.0.groups.0.matrix", "matrix"),
    ]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert len(run(Project(files), "p", runner=runner)["widgets"]) == 3
