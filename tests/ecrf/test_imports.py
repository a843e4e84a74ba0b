"""Import of data: tried first, every wrong cell named, saved whole or not at all, undone while nothing has changed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core import access
from core.access.demo import World
from core.errors import Conflict
from core.jobs import cancel, run_waiting
from ecrf import services
from ecrf.models import DataImport, Entry, Form, Fragment, Signature, Subject
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


@pytest.mark.parametrize(
    ("options", "kept"), [({}, {"weight": "80", "lactate": "2.5"}), ({"empty": "clear"}, {"weight": "80"})]
)
def test_an_empty_cell_keeps_or_clears(
    world: World, trial: Form, options: dict[str, str], kept: dict[str, str]
) -> None:
    """As it was chosen; columns that the file doesn't have are never emptied."""
    saved(world, trial, RIGHT[0])
    head = "subject,event,weight,lactate"
    found = saved(world, trial, "BRO-001,inclusion,80,", head=head, **options)
    values = Entry.objects.get().values
    assert {key: values.get(key) for key in ("weight", "lactate") if values.get(key)} == kept
    assert values["since"] == "2026-01"
    changes = (found.report or {})["changes"]
    assert [(one["item"], one["before"], one["after"]) for one in changes] == [("lactate", "2.5", None)][: len(options)]


def test_unknown_subjects_may_be_refused(world: World, trial: Form) -> None:
    """Where the file may bring nobody new, each row of somebody unknown is named."""
    found = tried(world, trial, *RIGHT, subjects="refuse")
    assert faults(found) == [(5, "subject", "unknown_subject")]


def test_what_a_page_lacks_is_named_where_the_file_calls_it_complete(world: World, trial: Form) -> None:
    """A page that is said to be complete has all that is required, by cell."""
    record = {"subject": "BRO-001", "event": "inclusion", "values": {"weight": "80"}, "complete": {"exam": True}}
    content = json.dumps({"records": [record]}).encode()
    found = imports.begin_import(world.user["owner"], trial, io.BytesIO(content), "d.json", at_once=True)
    found = imports.check_now(world.user["owner"], found)
    assert (found.format, faults(found)) == ("json", [(1, "lactate", "required")])


def test_locked_records_are_refused_and_signed_ones_by_choice(world: World, trial: Form) -> None:
    """A lock holds against imports too; a signature unless somebody chose that it no longer holds."""
    owner = world.user["owner"]
    saved(world, trial, *RIGHT[:2])
    first, second = Entry.objects.order_by("created_at")
    first = services.save_entry(owner, first.subject, trial, 1, {}, sheet=first.sheet, complete={"exam": True}).entry
    services.sign(owner, first, "exam", first.revision)
    services.lock_entry(owner, second)
    changed = [RIGHT[0].replace("80", "81"), RIGHT[1].replace("78.5", "79")]
    found = tried(world, trial, *changed)
    assert faults(found) == [(2, "weight", "page_signed"), (3, "subject", "locked")]
    services.unlock_entry(owner, second, "Relecture")
    found = saved(world, trial, *changed, signed="undo")
    assert found.counts["signed"] == 1
    assert not Signature.objects.filter(undone_at=None).exists()


def test_an_import_is_undone_as_long_as_nothing_changed(world: World, trial: Form) -> None:
    """New records are removed, others are again what they were, by a fragment; then it can come again."""
    owner = world.user["owner"]
    saved(world, trial, RIGHT[0])
    found = saved(world, trial, RIGHT[0].replace("80", "81"), *RIGHT[1:])
    undone = imports.undo_now(owner, found, "Mauvais fichier")
    assert undone.state == "undone"
    assert Entry.objects.filter(removed_at=None).get().values["weight"] == "80"
    assert Entry.objects.exclude(removed_at=None).count() == 3
    again = saved(world, trial, *RIGHT)
    assert (again.counts["entries_new"], again.counts["entries_unchanged"]) == (3, 1)
    assert Entry.objects.filter(removed_at=None).count() == 4


def test_what_changed_since_stands_in_the_way_of_undoing(world: World, trial: Form) -> None:
    """Somebody's later work is never undone with an import: the subjects are named."""
    found = saved(world, trial, *RIGHT)
    entry = Entry.objects.get(subject__number="NEW-7")
    services.save_entry(world.user["owner"], entry.subject, trial, 1, {"weight": "61"}, sheet=entry.sheet)
    with pytest.raises(Conflict, match="NEW-7"):
        imports.undo_import(world.user["owner"], found, "Mauvais fichier")


def test_a_file_that_was_checked_on_other_records_is_checked_again(world: World, trial: Form) -> None:
    """What somebody saved in between is neither overwritten nor missed."""
    found = tried(world, trial, *RIGHT)
    subject = Subject.objects.get(number="BRO-001")
    sheet = Entry(event="inclusion", page="", instance=1).sheet
    services.save_entry(world.user["owner"], subject, trial, 0, {"weight": "90"}, sheet=sheet)
    with pytest.raises(Conflict):
        imports.save_now(world.user["owner"], found)
    assert Entry.objects.count() == 1


def test_jobs_check_and_save(world: World, trial: Form) -> None:
    """In the browser both are jobs; a job that was stopped leaves nothing, and the file can be saved all the same."""
    content = io.BytesIO("\n".join([HEAD, *RIGHT, ""]).encode())
    found = imports.begin_import(world.user["owner"], trial, content, "data.csv")
    run_waiting()
    found.refresh_from_db()
    assert found.state == "ready"
    found = imports.confirm_import(world.user["owner"], found)
    assert found.job is not None
    cancel(world.user["owner"], found.job)
    found.refresh_from_db()
    found = imports.confirm_import(world.user["owner"], found)
    run_waiting()
    found.refresh_from_db()
    assert (found.state, Entry.objects.count()) == ("done", 4)
    imports.undo_import(world.user["owner"], found, "Essai")
    run_waiting()
    assert not Entry.objects.filter(removed_at=None).exists()


@pytest.mark.parametrize("who", ["member", "monitor", "stranger"])
def test_others_may_not_import(world: World, trial: Form, who: str) -> None:
    """Importing is for who holds the permission for the whole study."""
    with pytest.raises(access.Refused):
        begin(world, trial, *RIGHT, who=who)


def test_the_command_names_every_cell(world: World, trial: Form, tmp_path: Path) -> None:
    """`import-data --dry-run` prints the wrong cells and ends with 1; without faults it saves, unless it is dry."""
    path = tmp_path / "data.csv"
    path.write_text("\n".join([HEAD, RIGHT[0].replace("80", "heavy"), ""]))

    def run(*more: str) -> tuple[int, dict[str, Any]]:
        out = io.StringIO()
        try:
            call_command("ecrf", "import-data", world.project.slug, str(path), *more, stdout=out)
        except SystemExit as stop:
            return int(str(stop.code)), json.loads(out.getvalue())
        return 0, json.loads(out.getvalue())

    code, told = run("--dry-run")
    assert code == 1
    assert [(one["row"], one["column"], one["code"]) for one in told["faults"]] == [(2, "weight", "not_number")]
    path.write_text("\n".join([HEAD, *RIGHT, ""]))
    assert run("--dry-run")[1]["saved"] is False
    assert not Entry.objects.exists()
    assert run()[1]["saved"] is True
    assert Entry.objects.count() == 4
    with pytest.raises(CommandError):
        run("--form", "nothing")
