"""REDCap projects come in with their data, and leave again as they came: cell by cell."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from core.access.demo import World
from ecrf import services
from ecrf.engine.redcap.export import write_records
from ecrf.models import DataImport, Entry, Form
from ecrf.services import imports
from ecrf.services.as_records import records_of

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared/data")) / "ecrf/redcap"
OWN = Path(__file__).parent / "data/project"
HEAD = "record_id,visit_date,name,sex,pregnant,weight,height,bmi,signs___1,signs___2,signs___0,cough_days"
OWN_DATA = f"""{HEAD},visite_complete,status,pain,note,suivi_complete
1,2026-01-05,Le Bris,1,0,80,160,31.3,1,1,0,4,2,1,71,"Rentré, va mieux",1
2,2026-01-07,,2,,66,156.0,27.1,0,0,1,,2,,,,
3,,,,,,,,0,0,0,,0,,,,
""".encode()


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def published(world: World, folder: Path) -> Form:
    """The project's definition, imported and published as a manager does."""
    owner, xml = world.user["owner"], folder / "project.xml"
    source = xml if xml.exists() else folder / "dictionary.csv"
    draft = services.read_form(owner, world.project, source.read_bytes(), title=folder.name, source=source.name)
    return services.publish_draft(owner, draft).form


def imported(world: World, form: Form, content: bytes, name: str) -> DataImport:
    owner = world.user["owner"]
    found = imports.begin_import(owner, form, io.BytesIO(content), name, options={"site": "BRO"}, at_once=True)
    found = imports.check_now(owner, found)
    assert found.report is not None
    assert found.report["faults"] == []
    return imports.save_now(owner, found)


def exported(form: Form) -> list[list[str]]:
    definition = form.published.loaded
    entries = Entry.objects.filter(form=form).select_related("subject__site", "subject__project", "version")
    events = {key: at for at, key in enumerate(definition.events)}
    ordered = sorted(entries, key=lambda one: (one.subject.sequence, events.get(one.event, 0), one.page, one.instance))
    return rows_of("".join(write_records(definition, records_of(definition, ordered))))


@pytest.mark.parametrize("name", ["longitudinal", "repeating-instruments", "validation-types", "own"])
def test_a_project_leaves_as_it_came(world: World, name: str) -> None:
    """Definition in and published, data in, data out: each cell is what it was, empty ones and spellings too."""
    folder = OWN if name == "own" else SHARED / name
    if not folder.exists():
        pytest.skip("the sample isn't here")
    content = OWN_DATA if name == "own" else (folder / "data.csv").read_bytes()
    form = published(world, folder)
    found = imported(world, form, content, "data.csv")
    assert found.format == "redcap-csv"
    assert exported(form) == rows_of(content.decode())
    again = imported(world, form, content, "data.csv")
    assert again.counts["entries_unchanged"] == again.counts["records"]
