"""Exports made at once, and read back."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from core import files, jobs
from core.access.demo import World
from core.jobs.models import Job
from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Entry, Export, Form, Subject
from tests.ecrf import visits


def made(world: World, form: Form, kind: str = "csv", who: str = "owner", **choices: Any) -> Export:
    """An export that is done."""
    asked = services.start_export(world.user[who], form, kind, **choices)
    jobs.run_waiting()
    job = Job.objects.get(pk=asked.job)
    assert job.state == "done", job.error
    return Export.objects.select_related("form__project", "file").get(pk=asked.pk)


def content(export: Export) -> bytes:
    assert export.file is not None
    with files.open(export.file) as file:
        return file.read()


def tables(archive: bytes) -> dict[str, list[dict[str, str]]]:
    """The tables of a ZIP of CSV files, by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        assert zipped.testzip() is None
        found = {name: zipped.read(name).decode("utf-8-sig") for name in zipped.namelist() if name.endswith(".csv")}
    return {name[:-4]: list(csv.DictReader(io.StringIO(text))) for name, text in found.items()}


def read(world: World, form: Form, **choices: Any) -> dict[str, list[dict[str, str]]]:
    return tables(content(made(world, form, **choices)))


def fill(world: World, form: Form, subject: Subject) -> dict[str, Entry]:
    """A subject of the trial with two visits, two medicines and an adverse event."""
    member = world.user["member"]

    def save(event: str, page: str = "", **given: Any) -> Entry:
        sheet = Sheet(event, page)
        return services.save_entry(member, subject, form, 0, sheet=sheet, **given).entry

    drugs = [{"name": "=1+1", "dose": "500"}, {"name": "Amoxicilline"}]
    return {
        "inclusion": save(
            "inclusion",
            values={"weight": "80", "since": "2026-05"},
            notes={"lactate": {"status": "nd", "comment": "Tube cassé"}},
            complete={"exam": True},
        ),
        "month_1": save("month_1", values={"weight": "82.5", "lactate": "2", "takes": "1", "drug": drugs}),
        "ae": save("during", "ae", values={"term": "Chute", "serious": "0"}),
    }


def trial(world: World) -> tuple[Form, Subject, dict[str, Entry]]:
    form = visits.publish(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    return form, subject, fill(world, form, subject)
