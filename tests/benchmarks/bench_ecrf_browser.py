"""How fast the browser evaluates a page of 200 items with 100 rules, beside the server in the same run. ``make bench``.

What a person waits for at each key. The browser's engine is bundled as the portal bundles it and runs in Chromium.
"""

from __future__ import annotations

import json
import statistics
import subprocess
from pathlib import Path

from playwright.sync_api import Browser

from core.embedded.folder import ROOT
from ecrf import engine
from tests.benchmarks.bench_ecrf import CONTEXT, large, timed
from tests.e2e.conftest import chromium

__all__ = ["chromium"]
ENTRY = """
import { compile } from "./definition.js";
import { evaluate } from "./evaluate.js";
globalThis.measure = (data, values, context, rounds, times) => {
  const form = compile(data);
  for (let n = 0; n < times; n++) evaluate(form, values, context);
  const spent = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    for (let n = 0; n < times; n++) evaluate(form, values, context);
    spent.push((performance.now() - begun) / times);
  }
  return { spent, answered: evaluate(form, values, context).pages.p.answered };
};
"""


def test_evaluation(chromium: Browser, tmp_path: Path) -> None:
    """One evaluation in Chromium and in Python, in milliseconds, of the same entry with the same result."""
    _, definition, values = large()
    bundled = subprocess.run(
        [ROOT / "node_modules/.bin/esbuild", "--bundle", "--format=iife", "--minify", f"--outfile={tmp_path / 'b.js'}"],
        input=ENTRY,
        cwd=ROOT / "ecrf/static_src/ecrf/engine",
        capture_output=True,
        text=True,
    )
    assert bundled.returncode == 0, bundled.stderr
    page = chromium.new_page()
    page.add_script_tag(path=tmp_path / "b.js")
    context = {"now": CONTEXT.now.isoformat(timespec="minutes"), "subject": CONTEXT.subject}
    said = json.dumps([definition.data, values, context, 9, 200])
    found = page.evaluate(f"measure(...{said})")
    state = engine.evaluate(definition, values, CONTEXT)
    assert found["answered"] == state.pages[definition.pages[0].key].answered
    wall, _ = timed(lambda: engine.evaluate(definition, values, CONTEXT), 200)
    here = statistics.median(found["spent"])
    print(
        f"\n200 items, 100 rules: Chromium {here:.2f} ms, Python {wall * 1000:.2f} ms, ratio {here / wall / 1000:.2f}"
    )
