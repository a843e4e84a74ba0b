"""Entries by sheet: events, copies, rows, notes; locks at every level, signatures, removal; a chain of fragments."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Invalid, Refusal
from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, Fragment, Level, Signature, Subject
from ecrf.services import chain
from ecrf.services.entries import StaleEntry
from tests.ecrf.visits import TRIAL, publish

INCLUSION, MONTH_1 = Sheet("inclusion"), Sheet("month_1")


@pytest.fixture
def trial(world: World) -> Form:
    return publish(world)


@pytest.fixture
def subject(world: World) -> Subject:
    return services.include_subject(world.user["member"], world.site_a)


class Pen:
    """Writes on the sheets of one subject, as a member."""

    def __init__(self, world: World, form: Form, subject: Subject) -> None:
        self.world, self.form, self.subject = world, form, subject

    def save(self, sheet: Sheet, values: dict[str, Any], who: str = "member", **more: Any) -> Entry:
        found = Entry.objects.filter(
            subject=self.subject, event=sheet.event, page=sheet.page, instance=sheet.instance
        ).first()
        base = more.pop("base", found.revision if found else 0)
        user = self.world.user[who]
        return services.save_entry(user, self.subject, self.form, base, values, sheet=sheet, **more).entry


@pytest.fixture
def pen(world: World, trial: Form, subject: Subject) -> Pen:
    return Pen(world, trial, subject)


def places(error: Any) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in error.value.faults]


def test_each_event_has_its_own_entry(pen: Pen) -> None:
    """What is entered at one event stands there alone, and calculations read the others."""
    pen.save(INCLUSION, {"weight": "80"})
    entry = pen.save(MONTH_1, {"weight": "82.5"})
    assert entry.values["gain"] == "2.5"
    assert Entry.objects.count() == 2
    assert Entry.objects.get(event="inclusion").values["weight"] == "80"


@pytest.mark.parametrize(
    "sheet", [Sheet(), Sheet("never"), Sheet("inclusion", "ae"), Sheet("month_1", "", 2), Sheet("during", "exam")]
)
def test_a_sheet_that_the_study_does_not_have(pen: Pen, sheet: Sheet) -> None:
    """Only what an event asks can be filled in."""
    with pytest.raises(Invalid) as error:
        pen.save(sheet, {})
    assert places(error) == [("event", "unknown_sheet")]
    assert not Entry.objects.exists()


def test_copies_of_a_page(pen: Pen) -> None:
    """A repeating page is filled in as often as needed, each copy under its own title and number."""
    first = pen.save(Sheet("during", "ae", 1), {"term": "Chute", "serious": "0"})
    second = pen.save(Sheet("during", "ae", 2), {"term": "Nausée"})
    assert (first.title, second.title) == ("Chute", "Nausée")
    with pytest.raises(StaleEntry):
        pen.save(Sheet("during", "ae", 2), {"term": "x"}, base=0)


def test_rows_are_one_value(pen: Pen) -> None:
    """Rows are saved together, evaluated on the server, and their faults named by row."""
    rows = [{"name": "A", "dose": "1.5"}, {"name": "B", "dose": "x"}]
    with pytest.raises(Invalid) as error:
        pen.save(MONTH_1, {"takes": "1", "drug": rows})
    assert places(error) == [("drug[1].dose", "not_number")]
    rows[1]["dose"] = " 2,5 "
    entry = pen.save(MONTH_1, {"takes": "1", "drug": rows})
    assert entry.values["drug"] == [{"name": "A", "dose": "1.5"}, {"name": "B", "dose": "2.5"}]
    assert entry.values["total"] == "4"


def test_a_status_stands_in_for_a_value(pen: Pen) -> None:
    """A page is complete with a reason for what is missing; a value takes the reason's place."""
    with pytest.raises(Invalid) as error:
        pen.save(INCLUSION, {"weight": "80"}, complete={"exam": True})
    assert places(error) == [("lactate", "required")]
    entry = pen.save(INCLUSION, {"weight": "80"}, notes={"lactate": {"status": "lost"}}, complete={"exam": True})
    assert entry.pages["exam"]["complete"]
    assert entry.tags == ["na"]
    entry = pen.save(INCLUSION, {"lactate": "2"})
    assert not entry.notes
    fragment = Fragment.objects.get(entry=entry, number=2)
    assert (fragment.keys, fragment.noted) == (["lactate"], ["lactate"])


def test_a_comment_lets_a_blocking_limit_through(pen: Pen) -> None:
    """What a rule blocks is saved once somebody says why, and stays to be checked."""
    with pytest.raises(Invalid):
        pen.save(INCLUSION, {"lactate": "25"})
    entry = pen.save(INCLUSION, {"lactate": "25"}, notes={"lactate": {"comment": "Relu deux fois"}})
    assert entry.pages["exam"]["warnings"] == 1
    assert "error" in entry.tags


@pytest.mark.parametrize(
    ("place", "note", "code"),
    [
        ("nobody", {"status": "na"}, "unknown_variable"),
        ("drug.name", {"status": "na"}, "unknown_variable"),
        ("lactate", "na", "unknown_variable"),
        ("lactate", {"status": "ma"}, "unknown_status"),
        ("lactate", {"comment": "x" * 2001}, "comment_too_long"),
        ("lactate", {"locked": True}, "locked"),
    ],
)
def test_notes_that_make_no_sense(pen: Pen, place: str, note: Any, code: str) -> None:
    """A note is refused at its place, and nothing is saved."""
    with pytest.raises(Invalid) as error:
        pen.save(INCLUSION, {"weight": "80"}, notes={place: note})
    assert [fault.code for fault in error.value.faults] == [code]
    assert not Entry.objects.exists()


def test_a_draft_may_break_rules(pen: Pen) -> None:
    """What isn't finished is kept as a draft, though it breaks a rule, but never what can't be read."""
    entry = pen.save(INCLUSION, {"lactate": "25"}, draft=True)
    assert "draft" in entry.tags
    with pytest.raises(Invalid):
        pen.save(INCLUSION, {"lactate": "beaucoup"}, draft=True)


@pytest.mark.parametrize("level", [Level.SUBJECT, Level.EVENT, Level.ENTRY, Level.PAGE, Level.ITEM, Level.STUDY])
def test_locks_at_every_level(pen: Pen, level: Level) -> None:
    """A lock holds what it covers and nothing else, until it is released with a reason."""
    entry = pen.save(INCLUSION, {"weight": "80", "lactate": "2"})
    pen.save(MONTH_1, {"weight": "81"})
    owner = pen.world.user["owner"]
    what: dict[str, Any] = {
        Level.SUBJECT: {"subject": pen.subject},
        Level.EVENT: {"subject": pen.subject, "event": "inclusion"},
        Level.ENTRY: {"entry": entry},
        Level.PAGE: {"entry": entry, "page": "exam"},
        Level.ITEM: {"entry": entry, "item": "weight"},
    }.get(level, {})
    lock = services.lock(owner, level, **what) if what else services.freeze(owner, pen.world.project)
    with pytest.raises((Conflict, Invalid)):
        pen.save(INCLUSION, {"weight": "90"})
    if level == Level.ITEM:
        pen.save(INCLUSION, {"lactate": "3"})
    if level in (Level.STUDY, Level.SUBJECT):
        with pytest.raises(Conflict):
            pen.save(MONTH_1, {"weight": "90"})
    else:
        pen.save(MONTH_1, {"weight": "90"})
    whole = level not in (Level.PAGE, Level.ITEM)
    assert (Entry.objects.get(pk=entry.pk).locked_at is not None) is whole
    with pytest.raises(Invalid):
        services.release(owner, lock, " ")
    services.release(owner, lock, "Erreur de saisie")
    assert Entry.objects.get(pk=entry.pk).locked_at is None
    assert pen.save(INCLUSION, {"weight": "90"}).values["weight"] == "90"


def test_one_release_does_not_undo_another_lock(pen: Pen) -> None:
    """A record that two locks hold stays locked until both are released."""
    entry = pen.save(INCLUSION, {"weight": "80"})
    owner = pen.world.user["owner"]
    study = services.freeze(owner, pen.world.project)
    services.lock_entry(owner, entry)
    services.release(owner, study, "Reprise")
    assert Entry.objects.get(pk=entry.pk).locked_at is not None


@pytest.mark.parametrize("who", ["member", "monitor", "other_site", "stranger"])
def test_who_may_not_lock(pen: Pen, who: str) -> None:
    """Locking is for those who hold the permission, freezing for fewer still."""
    entry = pen.save(INCLUSION, {"weight": "80"})
    with pytest.raises(Refusal):
        services.lock(pen.world.user[who], Level.ENTRY, entry=entry)
    with pytest.raises(Refusal):
        services.freeze(pen.world.user[who], pen.world.project)


def test_signing(pen: Pen) -> None:
    """A complete page is signed as it was read; a later change undoes the signature and keeps it in the history."""
    member = pen.world.user["member"]
    entry = pen.save(INCLUSION, {"weight": "80"})
    with pytest.raises(Invalid):
        services.sign(member, entry, "exam", entry.revision)
    entry = pen.save(INCLUSION, {"lactate": "2"}, complete={"exam": True})
    with pytest.raises(Conflict):
        services.sign(member, entry, "exam", entry.revision - 1)
    signature = services.sign(member, entry, "exam", entry.revision)
    assert signature.meaning
    assert services.sign(member, entry, "exam", entry.revision) == signature
    assert signature.digest == Fragment.objects.get(entry=entry, number=entry.revision).digest
    pen.save(INCLUSION, {"lactate": "3"})
    signature.refresh_from_db()
    assert signature.undone_at is not None
    with pytest.raises(Refusal):
        services.sign(pen.world.user["monitor"], entry, "exam", entry.revision)
    assert Signature.objects.count() == 1


def test_removing_and_restoring(pen: Pen) -> None:
    """A removed record takes no more values and counts nowhere, and comes back as it was."""
    owner = pen.world.user["owner"]
    entry = pen.save(INCLUSION, {"weight": "80"})
    with pytest.raises(Refusal):
        services.remove_entry(pen.world.user["member"], entry, "x")
    with pytest.raises(Invalid):
        services.remove_entry(owner, entry, " ")
    services.remove_entry(owner, entry, "Mauvais patient")
    with pytest.raises(Conflict):
        pen.save(INCLUSION, {"weight": "81"}, base=entry.revision + 1)
    assert pen.save(MONTH_1, {"weight": "81"}).values.get("gain") is None
    services.restore_entry(owner, entry, "Le bon")
    assert pen.save(INCLUSION, {"weight": "81"}).values["weight"] == "81"
    assert Event.objects.filter(action__in=["ecrf.entry_removed", "ecrf.entry_restored"]).count() == 2


def test_history_is_a_chain(pen: Pen) -> None:
    """Each fragment covers the one before: one that was changed behind the application's back is found."""
    for weight in ("80", "81", "82"):
        entry = pen.save(INCLUSION, {"weight": weight})
    fragments = Fragment.objects.filter(entry=entry).select_related("entry__subject").order_by("number")
    assert chain.first_break(fragments) is None
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ecrf_fragment DISABLE TRIGGER USER")  # as somebody who owns the server could
        cursor.execute("UPDATE ecrf_fragment SET reason = 'autre' WHERE number = 2")
        cursor.execute("ALTER TABLE ecrf_fragment ENABLE TRIGGER USER")
    assert chain.first_break(fragments.all()) == 2


def test_pages_that_lock_themselves(world: World, subject: Subject) -> None:
    """A page may lock itself when it is completed, at once or some time later."""
    exam, drugs, ae = TRIAL["pages"]
    form = publish(world, {**TRIAL, "pages": [{**exam, "lock": "save"}, {**drugs, "lock": 3600}, ae]})
    pen = Pen(world, form, subject)
    pen.save(INCLUSION, {"weight": "80", "lactate": "2"}, complete={"exam": True})
    with pytest.raises(Invalid) as error:
        pen.save(INCLUSION, {"weight": "81"})
    assert places(error) == [("weight", "locked")]
    pen.save(MONTH_1, {"takes": "0"}, complete={"drugs": True})
    pen.save(MONTH_1, {"takes": "1"})


def test_sheets_over_rest(pen: Pen, api_of: Any) -> None:
    """A program fills in a visit and a copy of a page, with notes, and signs what it may not: nobody was asked."""
    api = api_of("member")
    sent = {"subject": str(pen.subject.pk), "form": "essai", "event": "inclusion", "base_revision": 0}
    answer = api.post(
        "/api/v1/ecrf/entries/",
        {**sent, "values": {"weight": 80}, "notes": {"lactate": {"status": "nd"}}, "complete": {"exam": True}},
        format="json",
    )
    assert answer.status_code == 201, answer.data
    assert answer.data["notes"] == {"lactate": {"status": "nd"}}
    assert answer.data["tags"] == ["na"]
    assert Fragment.objects.get().source == "api"
    copy = {**sent, "event": "during", "page": "ae", "instance": 1, "values": {"term": "Chute"}}
    assert api.post("/api/v1/ecrf/entries/", copy, format="json").status_code == 201
    assert api.post("/api/v1/ecrf/entries/", {**copy, "event": "never"}, format="json").status_code == 422
    found = api.get("/api/v1/ecrf/entries/?event=during").json()["results"]
    assert [(one["event"], one["page"], one["instance"]) for one in found] == [("during", "ae", 1)]
    address = f"/api/v1/ecrf/entries/{answer.data['id']}"
    assert api.post(f"{address}/sign/", {"page": "exam", "revision": 1}, format="json").status_code == 403
    assert api.get(f"{address}/signatures/").status_code == 200
    assert api_of("owner").post(f"{address}/remove/", {"reason": "Doublon"}, format="json").status_code == 200
    assert api.get(f"{address}/").status_code == 404
    assert api_of("owner").post(f"{address}/restore/", {"reason": "Non"}, format="json").status_code == 200
