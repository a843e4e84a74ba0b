"""How fast a form is read, evaluated and saved. ``make bench``.

The real longitudinal dictionary of the trial data where it is there (95 items), else the demo's sepsis form (56 items);
and a made page of 200 items with 100 rules. Medians of five rounds, wall and CPU seconds.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.access.demo import World
from ecrf import engine, services
from ecrf.engine.redcap import from_redcap, read_record
from tests.ecrf.conftest import publish
from tests.ecrf.engine.forms import data, item

ROOT = Path(__file__).parents[2]
TRIAL = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared/data")) / "ecrf/redcap/longitudinal"
CONTEXT = engine.Context(datetime(2026, 11, 23, 14, 5), "100")  # noqa: DTZ001  (forms have no zone)
ROUNDS, TIMES = 5, 400


def real() -> tuple[str, engine.Definition, dict[str, Any]]:
    """A dictionary and the values of its fullest record."""
    if not TRIAL.exists():
        content = (ROOT / "ecrf/demo/sepsis.csv").read_bytes()
        values = {"sex": "1", "birth_date": "1950-01-01", "sbp": "95", "dbp": "60", "resp_rate": "24", "glasgow": "14"}
        return "sepsis", from_redcap(content, language="fr")[0], values
    import csv

    definition, _ = from_redcap((TRIAL / "dictionary.csv").read_bytes())
    with (TRIAL / "data.csv").open(newline="") as lines:
        rows = [read_record(definition, row)[0] for row in csv.DictReader(lines)]
    return "longitudinal", definition, max(rows, key=len)


def large() -> tuple[str, engine.Definition, dict[str, Any]]:
    """200 items on a page, every second one shown by, computed from or limited by another."""
    items = [item(f"n{n}", "decimal") for n in range(100)]
    rule = ["and", [">", ["var", "n0"], ["number", "3"]], ["distinct", ["var", "n1"], ["null"]]]
    for n in range(100):
        total = ["round", ["/", ["sum", ["var", f"n{n}"], ["var", "n1"]], ["number", "3"]], ["number", "2"]]
        items.append(item(f"c{n}", "decimal", calc=total) if n % 2 else item(f"q{n}", "integer", visible_if=rule))
    return "200 items, 100 rules", engine.load(data(*items)), {f"n{n}": str(n + 4) for n in range(100)}


def timed(act: Callable[[], object], times: int) -> tuple[float, float]:
    """Median wall and CPU seconds of one call."""
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            act()
        walls.append((time.perf_counter() - wall) / times)
        cpus.append((time.process_time() - cpu) / times)
    return statistics.median(walls), statistics.median(cpus)


@pytest.mark.parametrize("make", [real, large])
def test_evaluate(make: Callable[[], tuple[str, engine.Definition, dict[str, Any]]]) -> None:
    """Evaluations of a whole record per second."""
    name, definition, values = make()
    assert engine.evaluate(definition, values, CONTEXT).errors == []
    wall, cpu = timed(lambda: engine.evaluate(definition, values, CONTEXT), TIMES)
    print(
        f"\nevaluate {name}: {len(definition.items)} items, {len(values)} values: "
        f"{wall * 1000:.2f} ms ({1 / wall:,.0f}/s); CPU {cpu * 1000:.2f} ms ({1 / cpu:,.0f}/s)"
    )


def test_import() -> None:
    """Reading a dictionary of 1,900 fields with hundreds of rules."""
    header = (ROOT / "tests/ecrf/data/visit.csv").read_text().splitlines()[0]
    lines = [header, "record_id,a,,text,Id" + "," * 13]
    for n in range(1, 1900):
        branch = f"\"[f{n - 1}] > {n} and [f{n - 1}] <> ''\"" if n > 1 and n % 3 == 0 else ""
        lines.append(f"f{n},page_{n // 50},,text,Field {n},,,integer,0,9999,,{branch},,,,,,")
    text = "\n".join(lines)
    wall, cpu = timed(lambda: from_redcap(text), 1)
    print(f"\nimport of 1,900 fields, 633 rules: {wall:.2f} s; CPU {cpu:.2f} s")


@pytest.mark.django_db
def test_save(world: World) -> None:
    """One save through the service: evaluated twice, sealed twice, in the journal."""
    form = publish(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    revision = 0

    def save() -> None:
        nonlocal revision
        revision = services.save_entry(
            world.user["member"], subject, form, revision, {"weight": str(50 + revision % 90)}
        ).entry.revision

    wall, cpu = timed(save, 40)
    print(f"\nsave: {wall * 1000:.1f} ms; CPU {cpu * 1000:.1f} ms")
