"""Whichever way somebody writes, the same is refused: pages not his, both entries of one, locks, calculations."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from core.access.demo import World
from core.access.models import Membership, Role
from core.audit.models import Event
from core.errors import Conflict, Invalid
from ecrf import packing, services
from ecrf.double_entry import rates_of
from ecrf.engine import Sheet
from ecrf.engine.goupile.run import ScriptFault
from ecrf.models import DataImport, Entry, Form, Fragment, Level, SecondEntry
from ecrf.models.entries import THE_PARTICIPANT
from ecrf.services import imports, offline, saving
from ecrf.services.double_plans import plan_double_entry
from ecrf.services.scripted import ScriptFailed
from tests.ecrf.diary import invited, questionnaire
from tests.ecrf.hidden import CANARIES, KEY, PAGE, VALUE, Veiled, veiled
from tests.ecrf.participants.browsing import link_to, post, visit

pytestmark = pytest.mark.django_db
NUMBERS = count(1)
SECOND = ["access.view_project", "ecrf.read_records", "ecrf.save_records"]
Door = Callable[..., set[tuple[str, str]]]


@pytest.fixture
def study(world: World) -> Veiled:
    return veiled(world)


def codes(error: Invalid | Conflict) -> set[tuple[str, str]]:
    """What was refused, by place."""
    return {("", error.code)} if isinstance(error, Conflict) else {(one.place, one.code) for one in error.faults}


def by_saving(study: Veiled, values: dict[str, Any], complete: dict[str, bool]) -> set[tuple[str, str]]:
    base = Entry.objects.get(pk=study.entry.pk).revision
    try:
        services.save_entry(study.world.user["owner"], study.subject, study.form, base, values, complete=complete)
    except (Invalid, Conflict) as error:
        return codes(error)
    return set()


def by_device(study: Veiled, values: dict[str, Any], complete: dict[str, bool]) -> set[tuple[str, str]]:
    owner = study.world.user["owner"]
    device = offline.register(owner, study.world.project, "Tablette")
    offline.take(owner, device, [study.subject])
    stored = Entry.objects.select_related("subject__project").get(pk=study.entry.pk).values
    piece = {
        "id": f"02{next(NUMBERS):024d}",
        "kind": "entry",
        "previous": "",
        "subject": str(study.subject.pk),
        "form": study.form.key,
        "version": 1,
        "base": {"values": {key: stored.get(key) for key in values}},
        "values": values,
        "complete": complete,
        "said_at": timezone.now().isoformat(),
    }
    answer = offline.sync(owner, device, offline.read_batch([piece]))[0]
    told = {(one["place"], one["code"]) for one in answer.get("left", ())}
    told |= {(page, "incomplete") for page in answer.get("incomplete", ())}
    return told or ({("", answer["code"])} if "code" in answer else set())


def by_file(study: Veiled, values: dict[str, Any], complete: dict[str, bool]) -> set[tuple[str, str]]:
    owner = study.world.user["owner"]
    cells = {"subject": study.subject.number, "site": study.subject.site.code, **values}
    cells |= {f"{page}_complete": "2" if done else "0" for page, done in complete.items()}
    text = "\n".join([",".join(cells), ",".join(cells.values()), ""])
    found = imports.begin_import(owner, study.form, io.BytesIO(text.encode()), "data.csv", at_once=True)
    found = imports.check_now(owner, found)
    if found.state == "ready":
        found = imports.save_now(owner, found)
    assert found.report is not None
    return {(one["column"], one["code"]) for one in found.report["faults"]}


DOORS = pytest.mark.parametrize("door", [by_saving, by_device, by_file])


def stored(study: Veiled) -> dict[str, Any]:
    return Entry.objects.select_related("subject__project").get(pk=study.entry.pk).values


@DOORS
def test_a_hidden_page(study: Veiled, door: Door) -> None:
    """What is written to a page that isn't seen is refused as a field that doesn't exist, and changes nothing."""
    study.hide_from("owner")
    assert door(study, {KEY: "x"}, {}) == {(KEY, "unknown_variable")}
    assert stored(study)[KEY] == VALUE


@pytest.mark.parametrize(("door", "told", "kept"), [
    (by_saving, {("", "hidden_page")}, "70"),
    (by_file, {("", "hidden_page")}, "70"),
    (by_device, set(), "600"),
])  # fmt: skip
def test_what_breaks_a_hidden_page(study: Veiled, door: Door, told: set[tuple[str, str]], kept: str) -> None:
    """A value that no longer fits a hidden page is refused, or from a device kept as a draft; the page isn't named."""
    study.hide_from("owner")
    assert door(study, {"weight": "600"}, {}) == told
    assert stored(study)["weight"] == kept


@DOORS
def test_a_page_that_is_only_read(study: Veiled, door: Door) -> None:
    """What is written to it is refused at its place."""
    study.hide_from("owner", "read")
    [(place, code)] = door(study, {KEY: "x"}, {})
    assert (place, code in {"readonly", "page_not_yours"}) == (KEY, True)
    assert stored(study)[KEY] == VALUE


@pytest.mark.parametrize("door", [by_saving, by_device])
@pytest.mark.parametrize("access", ["none", "read"])
def test_the_state_of_a_page(study: Veiled, door: Door, access: str) -> None:
    """Nor is such a page called complete or opened again."""
    study.hide_from("owner", access)
    before = Fragment.objects.count()
    door(study, {}, {PAGE: False})
    entry = Entry.objects.get(pk=study.entry.pk)
    assert (entry.pages[PAGE]["complete"], Fragment.objects.count()) == (True, before)


@DOORS
def test_a_locked_page(study: Veiled, door: Door) -> None:
    """What is locked stays as it is."""
    services.lock(study.world.user["owner"], Level.PAGE, entry=study.entry, page=PAGE)
    assert (KEY, "locked") in door(study, {KEY: "x"}, {})
    assert stored(study)[KEY] == VALUE


@DOORS
def test_a_calculation(study: Veiled, door: Door) -> None:
    """A calculated item is what it comes to, whatever is sent."""
    door(study, {"length_of": "99"}, {})
    assert stored(study)["length_of"] == str(len(VALUE))


def plan(world: World, form: Form, page: str) -> None:
    role = Role.objects.create(organisation=world.organisation, key="second", name="2", permissions=SECOND)
    Membership.objects.create(user=world.user["stranger"], project=world.project).roles.add(role)
    plan_double_entry(world.user["owner"], form, [page], [role.pk])


def twice(study: Veiled) -> None:
    """The owner made the second entry of the page, in a role that he has no more."""
    plan(study.world, study.form, PAGE)
    SecondEntry.objects.create(
        subject=study.subject, form=study.form, version=study.form.published, author=study.world.user["owner"],
        event="", page="", instance=1, values={KEY: "y"}, pages={PAGE: {"complete": True}}, revision=1,
    )  # fmt: skip


@DOORS
def test_nobody_makes_both_entries(study: Veiled, door: Door) -> None:
    """Who made the second entry of a page writes nothing to its first."""
    twice(study)
    assert {code for _place, code in door(study, {KEY: "x"}, {})} == {"not_twice"}
    assert stored(study)[KEY] == VALUE


@pytest.mark.parametrize("door", [by_saving, by_device])
def test_a_page_waits_for_its_second_entry(study: Veiled, door: Door) -> None:
    """It isn't complete before both entries are one."""
    services.save_entry(study.world.user["member"], study.subject, study.form, 1, {}, complete={PAGE: False})
    twice(study)
    SecondEntry.objects.update(author=study.world.user["member"])
    assert door(study, {}, {PAGE: True}) in ({(PAGE, "not_reconciled")}, {(PAGE, "incomplete")})
    assert not Entry.objects.get(pk=study.entry.pk).pages[PAGE]["complete"]


def test_a_trial_tells_nothing_of_a_hidden_page(study: Veiled) -> None:
    """What a file would change is told without calculations and values of pages that its author doesn't see."""
    study.hide_from("owner")
    owner = study.world.user["owner"]
    text = f"subject,site,weight\n{study.subject.number},BRO,71\n"
    found = imports.begin_import(owner, study.form, io.BytesIO(text.encode()), "data.csv", at_once=True)
    report = imports.check_now(owner, found).report
    assert report is not None
    assert [one["item"] for one in report["changes"]] == ["weight"]
    assert not any(word in str(report) for word in CANARIES)


def test_an_import_is_undone_by_who_fills_in_its_pages(study: Veiled) -> None:
    """Taking an import back writes too: somebody who doesn't fill in one of its pages can't."""
    owner = study.world.user["owner"]
    assert by_file(study, {KEY: "x"}, {}) == set()
    found = DataImport.objects.get()
    study.hide_from("owner", "read")
    with pytest.raises(Conflict):
        imports.undo_now(owner, found, "Erreur")
    assert stored(study)[KEY] == "x"


def test_a_participant_and_a_page_that_is_entered_twice(world: World) -> None:
    """His page isn't complete before it is reconciled, and yet lacks nothing when he sends it."""
    asked = questionnaire(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    plan(world, asked.form, "diary")
    client = visit(link_to(world, invited(world, asked, subject)))
    assert post(client, "send").status_code == 422
    assert post(client, "send", values={"pain": "3"}).status_code == 200
    entry = Entry.objects.select_related("subject__project").get(subject=subject)
    assert (entry.values["pain"], entry.pages["diary"]["complete"]) == ("3", False)
    services.save_second(
        world.user["stranger"], subject, asked.form, 0, {"pain": "4"}, sheet=Sheet(), complete={"diary": True}
    )
    done = services.reconcile(
        world.user["owner"], subject, asked.form, Sheet(), "diary", {"pain": {"take": "first"}}, "Relu",
        base=entry.revision, second_revision=1, complete=True,
    )  # fmt: skip
    assert (done.first_by, Entry.objects.get(pk=entry.pk).pages["diary"]["complete"]) == (None, True)
    assert {str(who) for who in rates_of(world.user["owner"], asked.form).people} == {
        str(THE_PARTICIPANT),
        str(world.user["stranger"]),
    }


def test_a_participant_and_a_lock(world: World) -> None:
    """What is locked he can't change, whatever his browser sends."""
    asked = questionnaire(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    entry = services.save_entry(world.user["member"], subject, asked.form, 0, {"pain": "1"}).entry
    client = visit(link_to(world, invited(world, asked, subject)))
    services.lock(world.user["owner"], Level.PAGE, entry=entry, page="diary")
    answer = post(client, "save", 1, {"pain": "3"})
    assert answer.status_code >= 400
    assert Entry.objects.select_related("subject__project").get(pk=entry.pk).values["pain"] == "1"


def test_a_device_gets_nothing_of_a_hidden_page(study: Veiled) -> None:
    """Neither its questions nor its values travel; what depends on it is fixed as the server knows it."""
    study.hide_from("owner")
    owner = study.world.user["owner"]
    device = offline.register(owner, study.world.project, "Tablette")
    taken = offline.take(owner, device, [study.subject])
    forms, [record] = packing.forms(owner, study.world.project), packing.records(owner, study.world.project, taken)
    assert not any(word in str([forms, record]) for word in CANARIES)
    [entry] = record["entries"]
    asked = {item["key"]: item for item in entry["definition"]["pages"][0]["groups"][0]["items"]}
    assert asked["length_of"]["readonly"]
    assert (entry["values"]["length_of"], entry["complete"]) == (str(len(VALUE)), ["open"])
    assert "visible_if" not in asked["why"]


@DOORS
def test_a_script_that_is_stopped_is_told(study: Veiled, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who makes forms learns of it, whichever way the save came, also where the page is hidden from the writer."""

    def stopped(_subject: Any, form: Form, *_args: Any, **_more: Any) -> Any:
        raise ScriptFailed(form, form.published.loaded.page(PAGE), ScriptFault("time"))

    study.hide_from("owner")
    monkeypatch.setattr(saving, "run_scripts", stopped)
    cache.clear()
    assert {code for _place, code in door(study, {"weight": "71"}, {})} == {"hidden_page"}
    assert Event.objects.filter(action="ecrf.script_failed").count() == 1
    assert stored(study)["weight"] == "70"
