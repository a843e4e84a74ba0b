"""Records leave as files: what was chosen, as much of persons as one may, and exactly what is new."""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta

import pytest

from core import jobs
from core.access.demo import World
from core.access.models import Membership, Role
from core.access.rules import Refused
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.jobs.models import Job, Schedule
from ecrf import rights, services
from ecrf.engine import Sheet
from ecrf.engine.exports import age
from ecrf.models import Entry, Export, Level
from ecrf.permissions import EXPORT_DEIDENTIFIED
from ecrf.rights import PageRights
from ecrf.services import exports
from tests.ecrf.conftest import Study
from tests.ecrf.exported import content, made, read, tables, trial


def test_tables_of_a_study(world: World) -> None:
    """Visits, copies of a page and rows are tables of their own; rows know their record."""
    form, subject, _ = trial(world)
    found = read(world, form)
    assert list(found) == ["records", "ae", "drug", "codebook"]
    assert [(row["event"], row["weight"], row["gain"]) for row in found["records"]] == [
        ("inclusion", "80", "0"),
        ("month_1", "82.5", "2.5"),
    ]
    assert [(row["subject"], row["page"], row["instance"], row["term"]) for row in found["ae"]] == [
        (subject.number, "ae", "1", "Chute")
    ]
    assert [(row["subject"], row["event"], row["row"], row["name"], row["dose"]) for row in found["drug"]] == [
        (subject.number, "month_1", "1", "'=1+1", "500"),
        (subject.number, "month_1", "2", "Amoxicilline", ""),
    ]
    assert found["records"][0]["complete"] == "1"
    assert found["records"][1]["complete"] == "0"


def test_statuses_beside_values(world: World) -> None:
    """What is said in place of a value stands beside it, unless it isn't wanted."""
    form, _, _ = trial(world)
    row = read(world, form)["records"][0]
    assert (row["lactate"], row["lactate.status"], row["lactate.comment"]) == ("", "nd", "Tube cassé")
    assert "lactate.status" not in read(world, form, statuses=False)["records"][0]


def test_labels_and_languages(world: World) -> None:
    """Choices are told by code or by label, in the language that was asked for."""
    form, _, _ = trial(world)
    assert read(world, form)["ae"][0]["serious"] == "0"
    assert read(world, form, labels=True, language="fr")["ae"][0]["serious"] == "Non"
    book = {line["column"]: line for line in read(world, form, language="fr")["codebook"] if line["table"] == "ae"}
    assert (book["serious"]["label"], book["serious"]["choices"]) == ("Grave", "1=Oui | 0=Non")


def test_history(world: World) -> None:
    """With the history, each change of each value says who made it and when."""
    form, subject, records = trial(world)
    member = world.user["member"]
    sheet = Sheet("inclusion")
    services.save_entry(
        member, subject, form, records["inclusion"].revision, {"weight": "81"}, sheet=sheet, reason="Relu"
    )
    changes = [row for row in read(world, form, history=True)["history"] if row["item"] == "weight"]
    assert [(row["event"], row["value"], row["reason"]) for row in changes] == [
        ("inclusion", "80", ""),
        ("inclusion", "81", "Relu"),
        ("month_1", "82.5", ""),
    ]
    assert changes[0]["user"] == str(member)


def test_only_some_records(world: World) -> None:
    """Events, pages, sites and complete, signed or locked pages can be chosen."""
    form, subject, records = trial(world)
    other = services.include_subject(world.user["other_site"], world.site_b)
    services.save_entry(world.user["other_site"], other, form, 0, {"weight": "60"}, sheet=Sheet("inclusion"))
    assert [row["event"] for row in read(world, form, events=["month_1"])["records"]] == ["month_1"]
    assert list(read(world, form, only=["ae"])) == ["ae", "codebook"]
    assert [row["site"] for row in read(world, form, sites=[world.site_b.code])["records"]] == [world.site_b.code]
    assert [row["event"] for row in read(world, form, pages="complete")["records"]] == ["inclusion"]
    assert read(world, form, pages="signed")["records"] == []
    revision = records["inclusion"].revision
    services.sign(world.user["member"], records["inclusion"], "exam", revision)
    assert [row["event"] for row in read(world, form, pages="signed")["records"]] == ["inclusion"]
    services.lock(world.user["owner"], Level.EVENT, subject=subject, event="month_1")
    assert [row["event"] for row in read(world, form, pages="locked")["records"]] == ["month_1"]


def test_row_of_an_export(world: World) -> None:
    """The row says what was asked, what came of it and the file's digest; the journal says each step."""
    form, _, _ = trial(world)
    export = made(world, form, history=True)
    assert (export.subjects, export.records, export.losses) == (1, 3, [])
    assert export.sha256 == hashlib.sha256(content(export)).hexdigest()
    assert export.choices["history"] is True
    services.download_export(world.user["owner"], export)
    actions = Event.objects.filter(action__startswith="ecrf.export_").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["ecrf.export_asked", "ecrf.export_made", "ecrf.export_downloaded"]
    assert "82.5" not in str(list(Event.objects.values_list("details", flat=True)))


def test_what_is_new_since(world: World) -> None:
    """Since an export come the records that were begun or changed since, not a revision more."""
    form, subject, records = trial(world)
    first = made(world, form)
    member = world.user["member"]
    services.save_entry(member, subject, form, records["month_1"].revision, {"weight": "83"}, sheet=Sheet("month_1"))
    services.save_entry(member, subject, form, 0, {"term": "Rash"}, sheet=Sheet("during", "ae", 2))
    second = tables(content(made(world, form, since="last")))
    assert [row["event"] for row in second["records"]] == ["month_1"]
    assert [row["term"] for row in second["ae"]] == ["Rash"]
    assert read(world, form, since="last")["records"] == []
    again = read(world, form, since=str(first.pk), changes="new")
    assert (again["records"], [row["term"] for row in again["ae"]]) == ([], ["Rash"])
    again = read(world, form, since=str(first.pk), changes="changed")
    assert ([row["weight"] for row in again["records"]], again["ae"]) == (["83"], [])


def test_a_save_that_commits_late(world: World) -> None:
    """What was saved before an export began and committed after it read is in the next one, whatever the clock says."""
    form, subject, records = trial(world)
    first = made(world, form)
    entry = records["month_1"]
    entry.refresh_from_db()
    then = first.created_at - timedelta(hours=1)
    services.save_entry(world.user["member"], subject, form, entry.revision, {"weight": "84"}, sheet=Sheet("month_1"))
    Entry.objects.filter(pk=entry.pk).update(updated_at=then)
    assert [row["weight"] for row in read(world, form, since="last")["records"]] == ["84"]


def test_removed_since(world: World) -> None:
    """A record that an earlier export had and that was removed is named; restored, it comes again."""
    form, subject, records = trial(world)
    made(world, form)
    owner = world.user["owner"]
    services.remove_entry(owner, records["ae"], "Doublon")
    second = made(world, form, since="last")
    assert (second.records, second.removed) == (0, 1)
    assert second.losses == [{"place": f"{subject.number} during ae", "code": "removed_since", "params": {}}]
    services.restore_entry(owner, records["ae"], "Erreur")
    assert [row["term"] for row in read(world, form, since="last")["ae"]] == ["Chute"]


def test_since_another_selection(world: World) -> None:
    """Only an export of the same records is continued: else what it didn't hold would be missing for good."""
    form, _, _ = trial(world)
    first = made(world, form, events=["inclusion"])
    with pytest.raises(Invalid):
        services.start_export(world.user["owner"], form, "csv", since=str(first.pk))
    assert len(read(world, form, since="last")["records"]) == 2


def test_without_identifiers(study: Study) -> None:
    """What tells who people are is in only for who may export it and asks for it."""
    member = study.world.user["member"]
    services.save_entry(member, study.subject, study.form, 0, {"name": "Guivarch", "weight": "70"})
    assert "name" not in read(study.world, study.form)["records"][0]
    export = made(study.world, study.form, level="full")
    assert tables(content(export))["records"][0]["name"] == "Guivarch"
    assert export.level == "full"


def role_of(world: World, who: str, *codes: str) -> None:
    """Give a person of the project one more right."""
    role = Role.objects.create(organisation=world.project.organisation, name=f"Rôle {codes}", permissions=list(codes))
    Membership.objects.filter(user=world.user[who], project=world.project).first().roles.add(role)


def test_deidentified(world: World) -> None:
    """De-identified: no free text, no comments, another number, and dates moved by whole weeks, the same everywhere."""
    form, subject, _ = trial(world)
    found = read(world, form, level="deidentified", history=True)
    row = found["records"][0]
    assert row["subject"].startswith("P-")
    assert "term" not in found["ae"][0]
    assert "name" not in found["drug"][0]
    assert (row["lactate.status"], row["lactate.comment"]) == ("nd", "")
    assert row["weight"] == "80"
    plain = read(world, form)["records"][0]
    moved = date.fromisoformat(row["saved_at"][:10]) - date.fromisoformat(plain["saved_at"][:10])
    assert moved.days % 7 == 0
    assert 0 < abs(moved.days) <= 182
    assert {line["user"] for line in found["history"]} == {""}
    assert read(world, form, level="deidentified")["records"][0] == row
    assert subject.number not in str(found)


def test_rights_of_levels(world: World) -> None:
    """Who may only export de-identified records asks for no other, and downloads no other."""
    form, _, _ = trial(world)
    role_of(world, "researcher", EXPORT_DEIDENTIFIED)
    researcher = world.user["researcher"]
    for level in ("coded", "full"):
        with pytest.raises(Refused):
            services.start_export(researcher, form, "csv", level=level)
    whole, hidden = made(world, form, level="full"), made(world, form, level="deidentified")
    with pytest.raises(Refused):
        services.download_export(researcher, whole)
    assert services.download_export(researcher, hidden) == hidden.file
    own = made(world, form, who="researcher", level="deidentified")
    assert own.records == 3


def test_own_site_only(world: World) -> None:
    """Who exports at one site gets its records alone, and nobody else's file."""
    form, subject, _ = trial(world)
    other = services.include_subject(world.user["other_site"], world.site_b)
    services.save_entry(world.user["other_site"], other, form, 0, {"weight": "60"}, sheet=Sheet("inclusion"))
    role_of(world, "member", "ecrf.export_records")
    own = made(world, form, who="member")
    assert {row["subject"] for row in tables(content(own))["records"]} == {subject.number}
    whole = made(world, form)
    with pytest.raises(Refused):
        services.download_export(world.user["member"], whole)
    with pytest.raises(Refused):
        services.erase_export(world.user["member"], whole)


def test_sealed_for_a_key(world: World) -> None:
    """A sealed export opens with the recipient's key alone."""
    form, _, _ = trial(world)
    secret = age.new_identity()
    own = age.identity(secret)
    assert own is not None
    export = made(world, form, recipient=age.recipient_of(own))
    sealed = content(export)
    assert export.file_name.endswith(".zip.age")
    assert b"records.csv" not in sealed
    clear = io.BytesIO()
    age.open_sealed(io.BytesIO(sealed), own, clear)
    assert len(tables(clear.getvalue())["records"]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"sites": ["ZZZ"]},
        {"events": ["never"]},
        {"only": ["nothing"]},
        {"pages": "nice"},
        {"language": "xx"},
        {"recipient": "age1wrong"},
        {"keep_days": 0},
        {"changes": "new"},
        {"since": "no-id"},
    ],
)
def test_choices_that_are_none(world: World, wrong: dict[str, object]) -> None:
    """What can't be chosen is named, and nothing is begun."""
    form, _, _ = trial(world)
    with pytest.raises(Invalid) as caught:
        services.start_export(world.user["owner"], form, "csv", **wrong)
    assert caught.value.faults[0].place in wrong or caught.value.faults[0].place == "since"
    assert not Export.objects.exists()


def test_erased_files(world: World) -> None:
    """A file goes when it is erased or its time is over; its row stays, and says so."""
    form, _, _ = trial(world)
    owner = world.user["owner"]
    first, second = made(world, form), made(world, form, keep_days=1, labels=True)
    services.erase_export(owner, first, "Plus utile")
    with pytest.raises(Conflict):
        services.download_export(owner, Export.objects.select_related("form__project", "file").get(pk=first.pk))
    Export.objects.filter(pk=second.pk).update(keep_until=second.created_at - timedelta(days=1))
    assert exports.expire() == 1
    second.refresh_from_db()
    assert second.erased_at is not None
    assert Event.objects.filter(action="ecrf.export_erased").count() == 2
    assert exports.expire() == 0


def test_scheduled(world: World) -> None:
    """An export that comes again is made in its author's name, each time since the last one."""
    form, subject, records = trial(world)
    owner = world.user["owner"]
    choices = exports.read_choices({"since": "last"})
    row = services.schedule_export(owner, form, "csv", choices, "daily 03:00")

    def due() -> Export:
        Schedule.objects.update(next_at=row.created_at - timedelta(days=1))
        assert jobs.schedules.tick() == 1
        jobs.run_waiting()
        assert not Job.objects.exclude(state="done").exists()
        return Export.objects.select_related("form__project", "file").first()

    first = due()
    assert (first.scheduled, first.records, first.author) == (True, 3, owner)
    services.save_entry(
        world.user["member"], subject, form, records["month_1"].revision, {"weight": "83"}, sheet=Sheet("month_1")
    )
    second = due()
    assert (second.records, second.since) == (1, first)
    with pytest.raises(Refused):
        services.unschedule_export(world.user["member"], world.project, row.key)
    services.unschedule_export(owner, world.project, row.key)
    assert not Schedule.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("who", ["member", "monitor", "researcher", "administrator", "stranger"])
def test_others_export_no_file(world: World, who: str) -> None:
    """Who may export nothing asks for nothing, and schedules nothing."""
    form, _, _ = trial(world)
    with pytest.raises(Refused):
        services.start_export(world.user[who], form, "csv")
    with pytest.raises(Refused):
        services.schedule_export(world.user[who], form, "csv", exports.Choices(), "daily 03:00")


def test_rows_are_a_dataset(world: World) -> None:
    """The rows of a group become a dataset of their own, which joins to the records."""
    from core import datasets
    from core.datasets.models import DatasetVersion

    form, subject, _ = trial(world)
    asked = services.start_export(world.user["owner"], form)
    jobs.run_waiting()
    assert Job.objects.get(pk=asked.job).state == "done"
    version = DatasetVersion.objects.get(dataset__name="ecrf-essai-drug")
    rows = datasets.table(world.user["owner"], version).to_pylist()
    assert [(row["subject"], row["event"], row["row"], row["name"], row["dose"]) for row in rows] == [
        (subject.number, "month_1", 1, "=1+1", 500.0),
        (subject.number, "month_1", 2, "Amoxicilline", None),
    ]


def test_rights_of_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one may export of a page limits every export, and what one may download."""
    form, subject, _ = trial(world)
    everything = made(world, form)
    less = PageRights(hidden=frozenset({"ae"}), exports={"drugs": "none", "exam": "deidentified"})
    monkeypatch.setattr(rights, "of", lambda actor, form, site=None: less)
    found = read(world, form)
    assert list(found) == ["records", "codebook"]
    assert found["records"][0]["weight"] == "80"
    assert found["records"][0]["lactate.comment"] == ""
    assert found["records"][0]["subject"] != subject.number
    assert "takes" not in found["records"][0]
    with pytest.raises(Refused):
        services.download_export(world.user["owner"], everything)


def test_asked_for_twice(world: World) -> None:
    """Asked for again while it is being made, it is the same export; another person gets one of his own."""
    form, _, _ = trial(world)
    role_of(world, "researcher", EXPORT_DEIDENTIFIED)
    asked = [
        services.start_export(world.user[who], form, "csv", level="deidentified")
        for who in ("owner", "owner", "researcher")
    ]
    assert asked[0] == asked[1] != asked[2]
