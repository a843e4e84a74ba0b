"""What a page makes of stored values, and what is read in its evaluated form: the browser and the server agree."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from ecrf.engine.definition import load
from ecrf.engine.exchange.goupile.read import read
from ecrf.engine.goupile.run import Project, Runner, run
from ecrf.engine.goupile.sheet import run_pages
from ecrf.engine.goupile.state import entered, noted, state_of, types
from ecrf.engine.state import Context
from tests.ecrf.test_scripts import INCL, zipped

ROOT = Path(__file__).parents[3]
NOW = "2026-12-01T10:20:30"

SCALES = """
let score = 0
form.section("Échelle", () => {
  for (const [key, label] of Object.entries({ q1: "Calme", q2: "Sommeil", q3: "Appétit" })) {
    form.enumButtons(key, label, [[0, "Jamais"], [1, "Parfois"], [2, "Souvent"]], { mandatory: true })
    score += values[key] ?? NaN
  }
})
form.calc("score", "Score", score)
form.calc("level", "Niveau", score > 3 ? "élevé" : score >= 0 ? "faible" : undefined)
if (score > 4) form.error("q3", "À revoir", { block: false })
meta.constrain("score", ["exists"])
"""
OLD = """
form.binary("smoker", "Fume")
if (form.value("smoker") == 1) {
  form.number("packs", "Paquets", { min: 0, max: 5, decimals: 1, value: 1 })
  form.sameLine()
  form.month("since", "Depuis")
}
form.multiCheck("why", "Pourquoi", [["a", "Stress"], ["b", "Habitude"], [null, "Aucune"]])
form.pushPath("deep"); form.text("*inner", "Intérieur"); form.popPath()
form.time("at", "À", { seconds: true })
form.slider("pain", "Douleur", { min: 0, max: 10, ticks: { 0: "aucune", 10: "la pire" } })
form.enumDrop("city", "Ville", ["Brest", "Quimper:::Quimper (29)"])
form.boolean("sure", "Sûr")
if (values.packs > 3) form.error("packs", "Beaucoup", true)
form.calc("tiny", "Petit", values.packs / 3e9)
"""
VALUES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (INCL, {}, {}),
    (INCL, {"sbp": "300", "dbp": "310", "ok": "1", "n": "2", "drugs": [{"drugs_drug": "a"}, {}]}, {}),
    (INCL, {"d0": None, "drugs": [{}]}, {"drugs[0].drugs_drug": {"status": "nd"}, "d0": {"status": "wait"}}),
    (SCALES, {}, {}),
    (SCALES, {"q1": "2", "q2": "2", "q3": "1"}, {"q3": {"comment": "vu"}}),
    (OLD, {"smoker": "1", "packs": "4.5", "since": "2020-05", "why": ["a"], "at": "09:05:00", "sure": "false"}, {}),
    (OLD, {"smoker": "1", "packs": "0.00000001", "why": [], "city": "Quimper", "deep_inner": "x", "pain": "3"}, {}),
]


def test_the_same_states(runner: Runner) -> None:
    """Values in, notes, types, and what is shown, required, missing and wrong: the same in both."""
    cases, wanted = [], []
    for code, stored, notes in VALUES:
        files = {"main.js": 'app.annotate = true; app.form("p", "P")', "pages/p.js": code}
        data, _ = read(zipped(files), language="en", runner=runner)
        page = {**data["pages"][0], "script": code}
        values = entered(page, stored)
        context = {"now": NOW, "language": "en", "annotate": True, "triggered": True}
        answer = run(Project(files), "p", values, noted(page, notes), context=context, types=types(page), runner=runner)
        state = state_of(page, answer, "en")
        cases.append({"page": page, "stored": stored, "notes": notes, "answer": answer})
        findings = [asdict(one) for one in state.findings]
        for one in findings:
            one["params"] = {"check": one["params"].get("check", one["code"])}
        wanted.append(
            {
                "values": values,
                "notes": noted(page, notes),
                "types": types(page),
                "state": {
                    "values": state.values,
                    "visible": sorted(state.visible),
                    "required": sorted(state.required),
                    "defaults": sorted(state.defaults),
                    "findings": findings,
                    "enabled": state.enabled,
                    "summary": state.summary,
                },
            }
        )
    node = shutil.which("node")
    assert node, "node is missing: install Node 20 or newer"
    script = str(Path(__file__).with_name("states.mjs"))
    done = subprocess.run(
        [node, script], input=json.dumps(cases), capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    for given, one in zip(json.loads(done.stdout), wanted, strict=True):
        for finding in given["state"]["findings"]:
            finding.pop("params")
            finding.pop("when")
        for finding in one["state"]["findings"]:
            finding.pop("params")
            finding.pop("when")
        assert given["state"]["findings"] == one["state"]["findings"]
        assert given == one


def test_pages_without_a_database(runner: Runner) -> None:
    """Who tries a form runs its script pages too, each reading what the one before computed."""
    files = {
        "main.js": 'app.form("a", "A"); app.form("b", "B")',
        "pages/a.js": 'form.number("n", "N"); meta.count("k")',
    }
    files["pages/b.js"] = 'meta.count("k"); form.calc("twice", "T", thread.data.a.n * 2)'
    data, _ = read(zipped(files), language="en", runner=runner)
    states = run_pages(load(data), {"n": "21"}, Context(datetime.fromisoformat(NOW)), runner=runner)
    assert states["b"].values["twice"] == "42"
    assert states["a"].counters == {"k": {"max": None, "randomize": False, "secret": False}}
