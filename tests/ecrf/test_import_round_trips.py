"""REDCap projects come in with their data, and leave again as they came: cell by cell."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from core.access.demo import World
from ecrf import services
from ecrf.models import DataImport, Entry, Form
from ecrf.services import imports
from tests.ecrf.exported import content, made

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


def exported(world: World, form: Form, **choices: str) -> list[list[str]]:
    """What an export of the form holds, without the column of sites that REDCap's files don't have of themselves."""
    rows = rows_of(content(made(world, form, "redcap-csv", level="full", **choices)).decode())
    left_out = rows[0].index("redcap_data_access_group")
    return [row[:left_out] + row[left_out + 1 :] for row in rows]


SAMPLES = [name for name in ("longitudinal", "repeating-instruments", "validation-types") if (SHARED / name).exists()]


@pytest.mark.parametrize("name", ["own", *SAMPLES])
def test_a_project_leaves_as_it_came(world: World, name: str) -> None:
    """Definition in and published, data in, data out: each cell is what it was, empty ones and spellings too."""
    folder = OWN if name == "own" else SHARED / name
    sent = OWN_DATA if name == "own" else (folder / "data.csv").read_bytes()
    form = published(world, folder)
    found = imported(world, form, sent, "data.csv")
    assert found.format == "redcap-csv"
    assert exported(world, form) == rows_of(sent.decode())
    again = imported(world, form, sent, "data.csv")
    assert again.counts["entries_unchanged"] == again.counts["records"]


def test_what_was_changed_since_is_told_our_way(world: World) -> None:
    """A record that somebody saved after its import is spelt as we spell; the others are still as they came."""
    form = published(world, OWN)
    imported(world, form, OWN_DATA, "data.csv")
    entry = Entry.objects.select_related("subject").get(form=form, subject__number="2")
    member = world.user["owner"]
    services.save_entry(member, entry.subject, form, entry.revision, {"weight": "67"}, reason="Relu")
    before, after = rows_of(OWN_DATA.decode()), exported(world, form)
    assert (before[1], before[3]) == (after[1], after[3])
    assert dict(zip(after[0], after[2], strict=True)) == dict(zip(before[0], before[2], strict=True)) | {
        "weight": "67",
        "height": "156",
        "bmi": "27.5",
    }
