"""How long an export takes and how much memory, against a plain COPY of the same rows. ``make bench``.

100,000 entries of 100 fields: 10,000 subjects at ten visits. The suite opens each row (it is sealed), reads every value
by the form, keeps what is shown, writes, encrypts what it writes. PostgreSQL's COPY does none of this: it gives typed
columns of a table out as CSV. Once with a form in which nothing depends on anything, once with ten calculations and ten
conditions. `SUITE_BENCH_ENTRIES` says how many entries.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core import files, jobs
from core.access.demo import World
from core.jobs.models import Job
from ecrf import engine, services
from ecrf.models import Draft, Entry, Export, Form, Subject

ENTRIES = int(os.environ.get("SUITE_BENCH_ENTRIES", "100000"))
EVENTS = 10
KINDS = {"decimal": 40, "integer": 20, "date": 15, "choice": 15, "text": 10}


def definition(*, rules: bool) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    for kind, many in KINDS.items():
        for number in range(many):
            item: dict[str, Any] = {"key": f"{kind}_{number}", "type": kind, "label": {"en": f"{kind} {number}"}}
            if kind == "choice":
                item["choices"] = [{"code": str(code), "label": {"en": f"Choice {code}"}} for code in range(5)]
            if rules and kind == "decimal" and number >= 30:
                item["calc"] = ["round", ["+", ["var", f"decimal_{number - 30}"], ["number", "1"]], ["number", "1"]]
            if rules and kind == "integer" and number >= 10:
                item["visible_if"] = [">", ["var", "decimal_0"], ["number", "5"]]
            items.append(item)
    pages = [
        {"key": f"page_{n}", "title": {"en": f"Page {n}"}, "groups": [{"items": items[n * 20 : n * 20 + 20]}]}
        for n in range(5)
    ]
    events = [
        {"key": f"visit_{n}", "title": {"en": f"Visit {n}"}, "pages": [page["key"] for page in pages]}
        for n in range(EVENTS)
    ]
    return {"format": 1, "title": {"en": "Bench"}, "languages": ["en"], "events": events, "pages": pages}


def values(dice: random.Random) -> dict[str, str]:
    found: dict[str, str] = {}
    for number in range(KINDS["decimal"]):
        found[f"decimal_{number}"] = f"{dice.randrange(10, 2000) / 10:g}"
    for number in range(KINDS["integer"]):
        found[f"integer_{number}"] = str(dice.randrange(200))
    for number in range(KINDS["date"]):
        found[f"date_{number}"] = (date(2020, 1, 1) + timedelta(days=dice.randrange(2000))).isoformat()
    for number in range(KINDS["choice"]):
        found[f"choice_{number}"] = str(dice.randrange(5))
    for number in range(KINDS["text"]):
        found[f"text_{number}"] = dice.choice(["Douleur thoracique", "Rien à signaler", "Céphalées, fièvre", "RAS"])
    return found


def fill(world: World, form: Form) -> None:
    """The entries, straight into the database; and the same rows in a plain table."""
    dice, owner, version = random.Random(7), world.user["owner"], form.published
    columns = [(f"{kind}_{n}", kind) for kind, many in KINDS.items() for n in range(many)]
    types = {"decimal": "numeric", "integer": "integer", "date": "date", "choice": "text", "text": "text"}
    pages = {f"page_{n}": {"shown": 20, "answered": 20, "complete": True} for n in range(5)}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_plain")
        own = "subject text, site text, event text, saved_at timestamptz"
        cursor.execute(f"CREATE TABLE bench_plain ({own}, {', '.join(f'{n} {types[k]}' for n, k in columns)})")
        for first in range(0, ENTRIES // EVENTS, 200):
            subjects = [
                Subject(
                    project=world.project,
                    site=world.site_a,
                    sequence=10_000 + number,
                    number=f"X-{10_000 + number}",
                    included_by=owner,
                )
                for number in range(first, min(first + 200, ENTRIES // EVENTS))
            ]
            Subject.objects.bulk_create(subjects)
            entries = [
                Entry(
                    subject=subject,
                    form=form,
                    version=version,
                    event=f"visit_{number}",
                    revision=1,
                    values=values(dice),
                    pages=pages,
                    updated_by=owner,
                    is_complete=True,
                )
                for subject in subjects
                for number in range(EVENTS)
            ]
            Entry.objects.bulk_create(entries)
            with cursor.copy("COPY bench_plain FROM STDIN") as copy:
                for entry in entries:
                    who = (entry.subject.number, "A", entry.event, entry.updated_at)
                    copy.write_row([*who, *(entry.values[name] for name, _ in columns)])


def peak(act: Callable[[], object]) -> tuple[float, float, float]:
    """Wall and CPU seconds, and by how many MiB the process grew at most."""
    Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    took = time.perf_counter() - wall, time.process_time() - cpu
    return *took, (status("VmHWM") - before) / 1024


def status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def copied() -> int:
    size = 0
    with connection.cursor() as cursor, cursor.copy("COPY bench_plain TO STDOUT (FORMAT csv, HEADER)") as copy:
        for block in copy:
            size += len(block)
    return size


@pytest.mark.django_db
@pytest.mark.parametrize("rules", [False, True], ids=["plain", "rules"])
def test_export(world: World, rules: bool) -> None:
    """CSV and the dataset of all entries, and COPY of the same rows, in one run."""
    owner = world.user["owner"]
    held = engine.load(definition(rules=rules))
    draft = Draft.objects.create(
        project=world.project, key="bench", title="Bench", definition=held.data, source="bench", author=owner
    )
    form = services.publish_draft(owner, draft).form
    fill(world, form)
    bare, bare_cpu, bare_memory = peak(copied)
    print(f"\n{ENTRIES:,} entries x 100 fields, {'ten calculations and conditions' if rules else 'no rules'}")
    print(f"  COPY            {bare:7.2f} s  CPU {bare_cpu:6.2f}  +{bare_memory:5.0f} MiB")
    for name in ("csv", "dataset", "xlsx"):

        def export(name: str = name) -> None:
            services.start_export(owner, form, name)
            jobs.run_waiting()

        wall, cpu, memory = peak(export)
        assert Job.objects.latest("created_at").state == "done"
        print(f"  {name:<15} {wall:7.2f} s  CPU {cpu:6.2f}  +{memory:5.0f} MiB  {wall / bare:6.1f} x COPY")
    made = Export.objects.filter(format="csv").latest("created_at")
    assert made.records == ENTRIES
    assert made.file is not None
    with files.open(made.file) as file:
        assert file.read(2) == b"PK"
