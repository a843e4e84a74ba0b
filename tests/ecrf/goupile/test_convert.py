"""Page scripts as native pages: the converted form behaves as the script does, or the page stays script and says why."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest

from ecrf.engine import Context, evaluate, load
from ecrf.engine.exchange.goupile import read
from ecrf.engine.exchange.goupile.archive import packed
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.goupile.run import Runner
from ecrf.engine.goupile.state import evaluate_script, places
from tests.ecrf.goupile.projects import FILES, one_page

NOW = datetime(2026, 12, 1, 10, 20, 30)

SIMPLE = {
    "widgets": """
        form.section("Who", () => {
            form.text("*name", "Name", { placeholder: "Family name", help: ["One", html`<i>Two</i>`] })
            form.textArea("story", "Story", { rows: 5 })
            form.pin("pin", "PIN"); form.password("word", "Word")
        })
        form.number("age", "Age", { min: 0, max: 120, suffix: v => v > 1 ? "years" : "year" })
        form.sameLine(); form.number("height", "Height", { min: 1, max: 3, decimals: 2, suffix: "m", mandatory: true })
        form.sameLine(true); form.number("weight", "Weight", { min: 20, max: 400, block: false })
        form.slider("pain", "Pain", { ticks: true }); form.slider("mood", "Mood", { min: 1, max: 5, prefix: "bad", suffix: "good" })
        form.date("d0", "Day", { max: LocalDate.today(), value: LocalDate.today() }); form.time("t0", "Time")
        form.binary("agree", "Agrees"); form.boolean("sure", "Sure")
        form.enumRadio("place", "Place", [[1, "House"], [2, "Flat"]], { columns: 2 })
        form.enumDrop("job", "Job", ["a", "b:::B", 3, null, form.proposition(4, "Four")])
        form.multiCheck("sleep", "Sleep", [[1, "Late"], [2, "Early"], [null, "None"]]); form.multi("drugs", "Drugs", [["a", "A"], ["b", "B"]])
        form.calc("bmi", "BMI", values.weight / (form.value("height") ** 2)); form.file("scan", "Scan")
        form.output(html`<p>Thank <b>you</b>.</p><img src=${ENV.urls.files + "a.png"}>`)
        form.columns(() => { form.text("c1", "1"); form.text("c2", "2") })
        form.tabs("t", () => { form.tab("One", () => form.text("in1", "1")); form.tab("Two", () => form.text("in2", "2")) })
    """,
    "classes": """
        form.number("weight", "W", { decimals: 1 }); form.number("height", "H", { decimals: 2 })
        let bmi = values.weight / (values.height * values.height)
        form.calc("bmi", "BMI", bmi, { decimals: 1, suffix: "kg/m²" })
        let cls
        if (bmi >= 30) { cls = "Obesity" } else if (bmi >= 25) { cls = "Overweight" } else if (bmi >= 18.5) cls = "Normal"
        else if (bmi > 0) { cls = "Low" }
        form.sameLine(); form.calc("cls", "Class", cls)
    """,
    "conditions": """
        form.enum("smoke", "Smokes", [["active", "Yes"], ["stopped", "Stopped"], ["no", "No"]])
        if (form.value("smoke") == "active") { form.number("cigs", "Cigarettes") } else if (values.smoke === "stopped") form.date("since", "Since")
        form.binary("a", "A"); form.binary("b", "B"); form.number("n", "N"); form.text("t", "T")
        if (values.a) form.text("if_a", ""); if (!values.a) form.text("not_a", ""); if (values.a == 0) form.text("a_0", "")
        if (values.a === 1 && !values.b || values.n > 3) form.text("mixed", ""); if (values.n) form.text("if_n", ""); if (!values.n) form.text("no_n", "")
        if (values.n != null) form.text("has_n", ""); if (values.n == null) form.text("none_n", ""); if (values.t) form.text("if_t", "")
        if (values.n != 2) form.text("not_2", ""); if (!(values.n < 2)) form.text("not_less", ""); if (values.t == "x") form.text("is_x", "")
        if ([1, 2, 3].includes(values.n)) form.text("in_list", ""); if (values.a == values.b) form.text("same", "")
        form.section("S", () => { form.text("s1", ""); form.text("s2", ""); if (values.b == 1) form.text("s3", "") }, { hidden: values.a == 1 })
        if (values.a == 1) form.section("Whole", () => { form.text("w1", ""); form.number("w2", "") })
        const both = values.a == 1 && values.b == 1
        if (both) form.text("both", "")
    """,
    "choices": """
        form.enumRadio("one", "One", [[1, "a"], [2, "b"], [10, "c"]]); form.multiCheck("many", "Many", [[1, "a"], [2, "b"], [null, "none"]]); form.multi("open", "Open", [["x", "X"], ["y", "Y"]])
        if (values.one > 1) form.text("more", ""); if (values.one == "2") form.text("loose", ""); if (values.one === "2") form.text("never", "")
        if (values.many?.includes?.(1)) form.text("m1", ""); if (values.many && values.many.includes(null)) form.text("mnone", ""); if (values.many) form.text("manyset", "")
        if (values.open.includes("x")) form.text("ox", ""); if (values.open.length >= 2) form.text("two", "")
        form.calc("sum", "Sum", values.one * 2 + 1); form.calc("count", "Count", values.open.length)
        form.boolean("sure", "Sure"); if (values.sure === true) form.text("is_sure", ""); if (values.sure === false) form.text("is_unsure", "")
        form.enum("follow", "F", [[0, "No"], [1, "Yes"]], { value: values.one === 1 ? 1 : null })
    """,
    "scores": """
        const items = [["q1", "First"], ["q2", "Second"], ["q3", "Third"]]
        const scale = [[0, "Never"], [1, "Sometimes"], [3, "Always"]]
        for (const [key, label] of items) form.enumRadio(key, label, scale);
        ["q4", "q5"].forEach((key, i) => form.binary(key, `Question ${i + 4}`))
        const total = values.q1 + values.q2 + values.q3
        form.calc("total", "Total", total); form.calc("low", "Low", Math.min(values.q1, values.q2)); form.calc("half", "Half", Math.round(total / 2))
        form.calc("grade", "Grade", grade(total))
        form.calc("yes", "Yes", [values.q4, values.q5].filter(v => v == 1).length)
        form.calc("clamped", "C", Util.clamp(total, 2, 5)); form.calc("rounded", "R", Util.roundTo(total / 7, 2))
        function grade(n) { if (n >= 6) return "high"; else if (n >= 3) { return "middle" } else if (n < 3) return "low"; return null }
    """,
    "loops": """
        for (let i = 1; i <= 3; i++) { form.number("n" + i, "Number " + i); if (values["n" + i] > 5) form.error("n" + i, "Too large") }
        let sum = 0
        for (const key of ["n1", "n2", "n3"]) sum += values[key] ?? 0
        form.calc("sum", "Sum", sum)
        function pair(key, label, options = {}) { const w = form.binary(key, label, options); if (w.value) form.text(key + "_more", "More"); return w }
        pair("*p1", "P1"); pair("p2", "P2", { value: values.p1 === 0 ? 0 : null }).error("Always", { block: false })
        switch (values.p1) { case 1: form.text("on", ""); break; case 0: { form.text("off", ""); break } default: form.text("open", "") }
    """,
    "errors": """
        form.number("low", "L"); form.number("high", "H"); form.date("d1", "1"); form.date("d2", "2")
        if (values.low > values.high) form.error("low", "Above")
        if (values.low > 100 && values.high != null) form.error("low", "High", { block: false })
        if (values.d1 > values.d2) { form.error("d2", "Before", true) }
        if (values.d2 != null && values.d1 != null && values.d2.diff(values.d1) > 30) form.error("d2", html`Too <b>late</b>`, { delay: true, block: false })
        form.calc("days", "Days", values.d2 - values.d1); form.calc("until", "Until", values.d1 ? LocalDate.today().diff(values.d1) : null)
    """,
    "options": """
        form.pushOptions({ mandatory: true }); form.text("m1", ""); form.text("m2", "", { mandatory: false }); form.popOptions(); form.text("m3", "")
        form.binary("stop", "Stop")
        let over = false
        function stop_if(test) { if (test) { form.pushOptions({ disabled: true }); over = true } }
        form.section("After", () => { form.text("*x1", ""); stop_if(values.stop == 1); form.text("*x2", "") })
        if (over) form.pushOptions({ disabled: true })
        form.text("*x3", ""); form.number("r", "", { readonly: values.stop == 0, value: 3 }); form.calc("over", "Over", over ? 1 : 0)
        form.text("tags", "", { tags: [{ key: "control", label: "Control" }], public: true, annotate: false })
    """,
    "assigned": """
        form.number("a", "A"); values.ok = values.a >= 3 ? 1 : 0; values.big = values.a > 10
        if (values.ok) form.text("fine", ""); if (values.big) form.text("large", ""); meta.summary = values.a
        form.pushPath("deep"); form.text("in", "In"); form.popPath(); if (values.deep.in) form.text("found", "")
    """,
}


def converted(runner: Runner, code: str, main: str | None = None) -> tuple[dict[str, Any], list[Fault]]:
    return read(packed(dict(one_page(code, main).files)), language="en", runner=runner)


def entries(data: dict[str, Any], count: int, seed: int) -> list[dict[str, Any]]:
    """Random stored values for the page's items."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        values: dict[str, Any] = {}
        for place in places(data["pages"][0]):
            item = place.item
            if chance.random() < 0.25 or "calc" in item or item["type"] in ("output", "file"):
                continue
            codes = [choice["code"] for choice in item.get("choices", ()) if not choice.get("exclusive")]
            values[place.key] = {
                "integer": lambda: str(chance.choice([0, 1, 2, 3, 5, 7, 20, 101])),
                "decimal": lambda: str(chance.choice(["0.5", "1.7", "1.95", "60", "80.5"])),
                "choice": lambda codes=codes: chance.choice(codes),
                "choices": lambda codes=codes: [code for code in codes if chance.random() < 0.5],
                "date": lambda: chance.choice(["2024-02-29", "2024-03-01", "2026-11-30", "2026-12-24"]),
                "partial_date": lambda: "2024-05",
                "time": lambda: "09:30",
                "text": lambda: chance.choice(["x", "y", "12"]),
            }[item["type"]]()
        made.append(values)
    return made


def number(value: Any) -> Any:
    try:
        return round(float(value), 9)
    except (TypeError, ValueError):
        return value


@pytest.mark.parametrize("name", SIMPLE)
def test_simple_pages_become_native(runner: Runner, name: str) -> None:
    """A declarative page converts whole, and shows and computes on random entries what its script does."""
    data, told = converted(runner, SIMPLE[name])
    assert [fault for fault in told if "script" not in data["pages"][0] and fault.code not in SOFT] == []
    definition = load(data)
    script = {**data, "pages": [{**data["pages"][0], "script": SIMPLE[name]}], "modules": {"main.js": 'app.form("p", "P")'}}
    inputs = {place.key for place in places(data["pages"][0]) if place.item["type"] != "output"}
    hidden = {place.key for place in places(data["pages"][0]) if place.item.get("hidden")}
    for values in entries(data, 25, 7):
        native = evaluate(definition, values, Context(NOW))
        wanted = evaluate_script(script, script["pages"][0], native.values, now=NOW, saving=True, runner=runner)
        assert native.visible & (inputs - hidden) == wanted.visible & (inputs - hidden), values
        computed = {item.key for item in definition.order if item.calc and item.key not in hidden} & native.visible
        assert {key: number(native.values[key]) for key in computed} == {key: number(wanted.values[key]) for key in computed}, values
        broken = {(one.key, one.severity) for one in native.findings if one.code in ("check_failed", "below_min", "above_max")}
        assert broken == {(one.key, one.severity) for one in wanted.findings if one.code == "check_failed" and one.key != "pin"}, values


SOFT = {"goupile_display_lost", "goupile_option_lost", "goupile_not_run"}


def test_what_only_a_run_can_tell(runner: Runner) -> None:
    """A page with other lines stays script, with what it may ask, and each such line is told with its place."""
    code = 'form.text("a", "A")\nmeta.hid = values.a\n\nform.calc("r", "R", Math.random())\nform.text("k" + values.a, "Dynamic")'
    data, told = converted(runner, code)
    page = data["pages"][0]
    assert page["script"] == code
    assert [item["key"] for group in page["groups"] for item in group["items"]] == ["a", "r", "kundefined"]
    assert [(fault.code, fault.params.get("line"), fault.params.get("text")) for fault in told] == [
        ("goupile_script_page", None, None),
        ("goupile_known_at_run", 2, "meta.hid = values.a"),
        ("goupile_call", 4, 'form.calc("r", "R", Math.random())'),
        ("goupile_key_that_changes", 5, 'form.text("k" + values.a, "Dynamic")'),
    ]
    assert told[1].place == "pages/p.js:2:1"
    assert load(data).pages[0].key == "p"


def test_what_is_lost(runner: Runner) -> None:
    """What only concerns the display is told and doesn't keep a page from being native."""
    code = 'form.text("a", "A", { style: "color: red", wide: true })\nform.action("Go", () => {})\nUI.dialog()'
    data, told = converted(runner, code, 'app.form("p", "P", { icon: "x", lock: 600000, autosave: 5000 })')
    assert "script" not in data["pages"][0]
    assert data["pages"][0]["lock"] == 600
    assert sorted((fault.code, fault.params["what"]) for fault in told) == [
        ("goupile_display_lost", "style"),
        ("goupile_display_lost", "wide"),
        ("goupile_not_run", "UI.dialog"),
        ("goupile_not_run", "form.action"),
        ("goupile_option_lost", "autosave"),
        ("goupile_option_lost", "icon"),
    ]


def test_a_whole_project(runner: Runner) -> None:
    """Pages keep their order, menu, locks and conditions on other pages; keys that come twice are told apart."""
    files = {
        "main.js": """
            app.annotate = true
            app.form("trial", "My trial", () => {
              app.form("incl", "Inclusion", { lock: true })
              app.pushOptions({ enabled: t => t.data.incl.ok == 1 })
              app.form("m3", "Month 3")
              app.form("late", "Late", () => { app.form("m6", "Month 6", { enabled: thread => thread.entries.m3?.data?.dbp > 50 }) })
            })
        """,
        "pages/incl.js": 'import { pressures } from "../lib/common.js"\npressures()\nvalues.ok = values.sbp >= 90 ? 1 : 0',
        "pages/m3.js": 'import { pressures } from "../lib/common"\npressures()\nform.calc("change", "Change", values.sbp - thread.data.incl.sbp)',
        "pages/m6.js": 'form.text("note", "Note")',
        "lib/common.js": 'export const UNIT = "mmHg"\nexport function pressures() {\n form.number("sbp", "Systolic", { suffix: UNIT })\n form.number("dbp", "Diastolic")\n}',
    }
    data, told = read(packed(files), language="en", runner=runner)
    assert told == []
    assert data["annotate"] is True
    assert data["title"] == {"en": "My trial"}
    assert [(page["key"], page.get("lock"), "script" in page) for page in data["pages"]] == [
        ("incl", "save", False),
        ("m3", None, False),
        ("m6", None, False),
    ]
    assert data["pages"][1]["visible_if"] == ["=", ["var", "ok"], ["number", "1"]]
    assert data["pages"][2]["visible_if"][0] == "and"
    change = data["pages"][1]["groups"][-1]["items"][-1]
    assert change["calc"] == ["-", ["var", "sbp_m3"], ["var", "sbp"]]


def test_repeats(runner: Runner) -> None:
    """Rows of a repeat are a group that repeats, whose conditions look at their own row."""
    code = 'form.repeat("rows", row => { form.text("drug", "Drug"); if (row.drug == "x") form.number("dose", "Dose") })\nform.text("after", "After")'
    data, told = converted(runner, code)
    assert told == []
    first, second = data["pages"][0]["groups"]
    assert first["repeat"] == {"key": "rows"}
    assert [(item["key"], item["source"]["goupile.path"]) for item in first["items"]] == [("rows_drug", "rows.drug"), ("rows_dose", "rows.dose")]
    assert first["items"][1]["visible_if"] == ["=", ["var", "rows_drug"], ["text", "x"]]
    assert "repeat" not in second


def test_a_page_that_is_not_sound(runner: Runner) -> None:
    """A native form in which two things wait for each other is no form: the page stays script."""
    data, told = converted(runner, 'form.binary("a", "A"); if (values.b) form.text("c", ""); if (values.c) form.text("b", "")')
    assert "script" in data["pages"][0]
    assert [fault.code for fault in told] == ["goupile_script_page", "goupile_not_sound"]


def test_a_large_project(runner: Runner) -> None:
    """A project that uses everything is read: each page is there, and each line that stays script is told."""
    data, told = read(packed(FILES), language="en", runner=runner)
    load(data)
    assert [page["key"] for page in data["pages"]] == ["widgets", "rules", "visit", "diary", "old"]
    assert set(data["modules"]) == {"main.js", "lib/questions.js", "lib/settings.json"}
    keys = {item["key"] for page in data["pages"] for group in page["groups"] for item in group["items"]}
    assert {"name", "slot", "rows_drug", "deep_er_x_in", "total", "hash", "nest_a"} <= keys
    assert all(fault.params["text"] for fault in told if "line" in fault.params and fault.place.startswith("pages/"))


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"main.js": "app.form("}, "goupile_syntax"),
        ({"main.js": 'app.form("a b", "A")'}, "goupile_exception"),
        ({"main.js": "for (;;) {}"}, "goupile_time"),
        ({"main.js": ""}, "goupile_no_page"),
        ({"main.js": 'app.form("p", "P")'}, "goupile_no_file"),
        ({"main.js": 'app.form("p", "P")', "pages/p.js": "let a = ;"}, "goupile_syntax"),
        ({"readme.txt": "x"}, "goupile_no_script"),
    ],
)
def test_refused(files: dict[str, str], code: str) -> None:
    """What can't be read at all is refused with its place."""
    from ecrf.engine.goupile.run import Limits

    quick = Runner(limits=Limits(seconds=2), size=1)
    with pytest.raises(Refused) as refused:
        read(packed(files), language="en", runner=quick)
    quick.close()
    assert refused.value.faults[0].code == code


def test_bad_archives(runner: Runner) -> None:
    """An archive is read within limits: paths that leave it, files too large and what is no archive are refused."""
    cases = [(b"PK\x03\x04 nothing", "not_zip"), (packed({"../x.js": ""}), "bad_path"), (packed({"main.js": " " * 600_000}), "too_large"), (b"\xff\xfe", "not_utf8")]
    for content, code in cases:
        with pytest.raises(Refused) as refused:
            read(content, language="en", runner=runner)
        assert refused.value.faults[0].code == code
