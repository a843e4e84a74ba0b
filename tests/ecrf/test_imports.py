"""Import of data: tried first, every wrong cell named, saved whole or not at all, undone while nothing has changed."""

from __future__ import annotations

import io
from typing import Any

import pytest

from core.access.demo import World
from core.errors import Conflict
from ecrf import services
from ecrf.models import DataImport, Entry, Form, Fragment, Subject
from ecrf.services import imports
from tests.ecrf import visits

HEAD = "subject,site,event,page,instance,weight,lactate,since,takes,drug[1].name,drug[1].dose,term,serious"
RIGHT = [
    "BRO-001,BRO,inclusion,,,80,2.5,2026-01,,,,,",
    "BRO-001,BRO,month_1,,,78.5,2,,1,Aspirin,100,,",
    "BRO-001,BRO,during,ae,1,,,,,,,Fever,0",
    "NEW-7,KER,inclusion,,,60,1,,,,,,",
]


@pytest.fixture
def trial(world: World) -> Form:
    form = visits.publish(world)
    services.include_subject(world.user["member"], world.site_a)
    return form


def begin(world: World, form: Form, *rows: str, head: str = HEAD, who: str = "owner", **options: str) -> DataImport:
    content = "\n".join([head, *rows, ""]).encode()
    kind = options.pop("kind", "")
    return imports.begin_import(
        world.user[who], form, io.BytesIO(content), "data.csv", kind=kind, options=options, at_once=True
    )


def tried(world: World, form: Form, *rows: str, **options: str) -> DataImport:
    return imports.check_now(world.user["owner"], begin(world, form, *rows, **options))


def saved(world: World, form: Form, *rows: str, **options: str) -> DataImport:
    found = tried(world, form, *rows, **options)
    assert faults(found) == []
    return imports.save_now(world.user["owner"], found)


def faults(found: DataImport) -> list[tuple[Any, str, str]]:
    return [(one["row"], one["column"], one["code"]) for one in (found.report or {})["faults"]]


def test_a_file_is_tried_and_nothing_stays(world: World, trial: Form) -> None:
    """A trial counts what would come, and leaves no subject, no record and no word of a save in the journal."""
    found = tried(world, trial, *RIGHT)
    assert (faults(found), found.state) == ([], "ready")
    assert found.counts | {"warnings": 0} == {
        "records": 4,
        "subjects_new": 1,
        "entries_new": 4,
        "warnings": 0,
    }
    assert (Subject.objects.count(), Entry.objects.count(), Fragment.objects.count()) == (1, 0, 0)


def test_a_right_file_is_saved_as_any_save(world: World, trial: Form) -> None:
    """Records are evaluated, have a history and say that they came by an import; the file itself is gone."""
    found = saved(world, trial, *RIGHT, reason="Reprise")
    assert found.state == "done"
    assert found.file is not None
    found.file.refresh_from_db()
    assert found.file.erased_at is not None
    month = Entry.objects.get(subject__number="BRO-001", event="month_1")
    assert month.values["gain"] == "-1.5"
    assert (month.values["drug"], month.values["total"]) == ([{"name": "Aspirin", "dose": "100"}], "100")
    assert set(Fragment.objects.values_list("source", "reason")) == {("import", "Reprise")}
    assert Subject.objects.get(number="NEW-7").site == world.site_b


def test_a_file_of_what_is_there_changes_nothing(world: World, trial: Form) -> None:
    """Sent again, a file has only records that are unchanged, and no fragment is added."""
    saved(world, trial, *RIGHT)
    before = Fragment.objects.count()
    found = saved(world, trial, *RIGHT)
    assert found.counts["entries_unchanged"] == 4
    assert Fragment.objects.count() == before


def test_exactly_the_wrong_cells_are_named(world: World, trial: Form) -> None:
    """What can't be read, what the form refuses and what doesn't exist, each at its row and column, and no more."""
    found = tried(
        world,
        trial,
        "BRO-001,BRO,inclusion,,,heavy,21,,,,,,",
        "BRO-001,BRO,month_1,,,80,20.5,2026-13,maybe,,,,",
        "BRO-001,BRO,later,,,80,,,,,,,",
        "BRO-001,BRO,during,ae,1,,,,,,,,2",
        "BRO-001,BRO,during,ae,1,,,,,,,Again,",
        "X1,,inclusion,,,70,,,,,,,",
        "X2,Nowhere,inclusion,,,70,,,,,,,",
        "BRO-001,KER,during,ae,3,,,,,,,Fall,1",
    )
    assert found.state == "faulty"
    assert faults(found) == [
        (2, "lactate", "above_max"),
        (2, "weight", "not_number"),
        (3, "lactate", "above_max"),
        (3, "since", "not_partial_date"),
        (3, "takes", "unknown_choice"),
        (4, "event", "unknown_event"),
        (5, "serious", "unknown_choice"),
        (6, "subject", "row_twice"),
        (7, "site", "site_needed"),
        (8, "site", "unknown_site"),
        (9, "site", "subject_elsewhere"),
    ]
    assert not Entry.objects.exists()
    with pytest.raises(Conflict):
        imports.confirm_import(world.user["owner"], found)
