"""Page scripts as native pages: they behave as their script does, or the page stays script and says why."""

from __future__ import annotations

import json
import random
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ecrf import messages
from ecrf.engine import Context, evaluate, load
from ecrf.engine.exchange.goupile import read
from ecrf.engine.exchange.goupile.archive import packed
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.goupile.run import CODES, Limits, Runner
from ecrf.engine.goupile.state import evaluate_script, places
from tests.ecrf.goupile.projects import FILES, one_page

NOW = datetime.fromisoformat("2026-12-01T10:20:30")

SIMPLE = {path.stem: path.read_text() for path in sorted(Path(__file__).with_name("simple").glob("*.js"))}


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
    script = {
        **data,
        "pages": [{**data["pages"][0], "script": SIMPLE[name]}],
        "modules": {"main.js": 'app.form("p", "P")'},
    }
    inputs = {place.key for place in places(data["pages"][0]) if place.item["type"] != "output"}
    hidden = {place.key for place in places(data["pages"][0]) if place.item.get("hidden")}
    for values in entries(data, 25, 7):
        native = evaluate(definition, values, Context(NOW))
        wanted = evaluate_script(script, script["pages"][0], native.values, now=NOW, saving=True, runner=runner)
        assert native.visible & (inputs - hidden) == wanted.visible & (inputs - hidden), values
        computed = {item.key for item in definition.order if item.calc and item.key not in hidden} & native.visible
        assert {key: number(native.values[key]) for key in computed} == {
            key: number(wanted.values[key]) for key in computed
        }, values
        broken = {
            (one.key, one.severity) for one in native.findings if one.code in ("check_failed", "below_min", "above_max")
        }
        assert broken == {
            (one.key, one.severity) for one in wanted.findings if one.code == "check_failed" and one.key != "pin"
        }, values


SOFT = {"goupile_display_lost", "goupile_option_lost", "goupile_not_run"}


def test_what_only_a_run_can_tell(runner: Runner) -> None:
    """A page with other lines stays script, with what it may ask, and each such line is told with its place."""
    lines = ['form.text("a", "A")', "meta.count('n')", "", 'form.calc("r", "R", Math.random())']
    code = "\n".join([*lines, 'form.text("k" + values.a, "Dynamic")'])
    data, told = converted(runner, code)
    page = data["pages"][0]
    assert page["script"] == code
    assert [item["key"] for group in page["groups"] for item in group["items"]] == ["a", "r", "kundefined"]
    assert [(fault.code, fault.params.get("line"), fault.params.get("text")) for fault in told] == [
        ("goupile_script_page", None, None),
        ("goupile_known_at_run", 2, "meta.count('n')"),
        ("goupile_call", 4, 'form.calc("r", "R", Math.random())'),
        ("goupile_key_that_changes", 5, 'form.text("k" + values.a, "Dynamic")'),
    ]
    assert told[1].place == "pages/p.js:2:1"
    assert load(data).pages[0].key == "p"


def test_what_is_lost(runner: Runner) -> None:
    """What only concerns the display is told and doesn't keep a page from being native."""
    code = 'form.text("a", "A", { style: "color: red", wide: true })\nform.action("Go", () => {})\nUI.dialog()'
    code += "\nmeta.hid = form.value('a')"
    data, told = converted(runner, code, 'app.form("p", "P", { icon: "x", lock: 600000, autosave: 5000 })')
    assert "script" not in data["pages"][0]
    assert data["pages"][0]["lock"] == 600
    assert sorted((fault.code, fault.params["what"]) for fault in told) == [
        ("goupile_display_lost", "style"),
        ("goupile_display_lost", "wide"),
        ("goupile_hid", "meta.hid"),
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
              app.form("late", "Late", () => {
                app.form("m6", "Month 6", { enabled: thread => thread.entries.m3?.data?.dbp > 50 })
              })
            })
        """,
        "pages/incl.js": """
            import { pressures } from "../lib/common.js"
            pressures()
            values.ok = values.sbp >= 90 ? 1 : 0
        """,
        "pages/m3.js": """
            import { pressures } from "../lib/common"
            pressures()
            form.calc("change", "Change", values.sbp - thread.data.incl.sbp)
        """,
        "pages/m6.js": 'form.text("note", "Note")',
        "lib/common.js": """
            export const UNIT = "mmHg"
            export function pressures() {
                form.number("sbp", "Systolic", { suffix: UNIT })
                form.number("dbp", "Diastolic")
            }
        """,
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
    code = """
        form.repeat("rows", row => { form.text("drug", "Drug"); if (row.drug == "x") form.number("dose", "Dose") })
        form.text("after", "After")
    """
    data, told = converted(runner, code)
    assert told == []
    first, second = data["pages"][0]["groups"]
    assert first["repeat"] == {"key": "rows"}
    assert [(item["key"], item["source"]["goupile.path"]) for item in first["items"]] == [
        ("rows_drug", "rows.drug"),
        ("rows_dose", "rows.dose"),
    ]
    assert first["items"][1]["visible_if"] == ["=", ["var", "rows_drug"], ["text", "x"]]
    assert "repeat" not in second


def test_a_page_that_is_not_sound(runner: Runner) -> None:
    """A native form in which two things wait for each other is no form: the page stays script."""
    data, told = converted(
        runner, 'form.binary("a", "A"); if (values.b) form.text("c", ""); if (values.c) form.text("b", "")'
    )
    assert "script" in data["pages"][0]
    assert [fault.code for fault in told] == ["goupile_script_page", "goupile_not_sound"]


@pytest.mark.parametrize(
    "code",
    [
        'let s = "x"; for (let i = 0; i < 1000; i++) s += s; form.text("a", s)',
        'let a = [1]; for (let i = 0; i < 1000; i++) a = a.concat(a); form.calc("a", "A", a.length)',
        'form.number("n", "N"); let s = values.n; for (let i = 0; i < 1000; i++) s = s + s * s; form.calc("a", "A", s)',
        'function f(n) { return n > 0 ? f(n - 1) + f(n - 1) : 1 } form.calc("a", "A", f(1000))',
        'function f(n) { if (n) { f(n - 1); f(n - 1) } } f(60); form.text("a", "A")',
        'form.calc("a", "A", 9 ** 9 ** 9 ** 9)',
        "let a = " + "(" * 150 + "1" + ")" * 150,
        "while (true) {}",
        "for (const x of values.list) form.text(x, x)",
    ],
)
def test_scripts_that_grow(code: str) -> None:
    """Reading a script ends soon, whatever it would do when run."""
    quick = Runner(limits=Limits(seconds=2), size=1)
    begun = time.monotonic()
    data, _ = converted(quick, code)
    quick.close()
    assert len(json.dumps(data)) < 500_000
    assert time.monotonic() - begun < 30


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
    quick = Runner(limits=Limits(seconds=2), size=1)
    with pytest.raises(Refused) as refused:
        read(packed(files), language="en", runner=quick)
    quick.close()
    assert refused.value.faults[0].code == code


def test_bad_archives(runner: Runner) -> None:
    """An archive is read within limits: paths that leave it, files too large and what is no archive are refused."""
    cases = [
        (b"PK\x03\x04 nothing", "not_zip"),
        (packed({"../x.js": ""}), "bad_path"),
        (packed({"main.js": " " * 600_000}), "file_too_large"),
        (b"\xff\xfe", "not_utf8"),
    ]
    for content, code in cases:
        with pytest.raises(Refused) as refused:
            read(content, language="en", runner=runner)
        assert refused.value.faults[0].code == code


def test_every_code_has_words() -> None:
    """Whatever a report or a run may say has its message."""
    folders = [Path(__file__).parents[3] / "ecrf/engine" / name for name in ("goupile", "exchange/goupile")]
    source = "\n".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    said = set(re.findall(r'"(goupile_[a-z_]+)"', source)) - {"goupile_"}
    said |= {f"goupile_{why}" for why in re.findall(r'(?:Unsupported\([^"]*|Unknown\()"([a-z_]+)"', source)}
    said |= {f"goupile_{code}" for code in CODES}
    assert len(said) > 50
    assert said - messages.WORDS.keys() == set()
