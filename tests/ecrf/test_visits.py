"""Visits of a study: planned at the inclusion, kept at each save, set by hand with a reason, awaited in the agenda."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from core.access.rules import Refused
from core.audit.models import Event
from core.errors import Invalid
from core.notices.models import Notice
from ecrf import services, visiting
from ecrf.engine import Sheet
from ecrf.engine.icalendar import Day, calendar, folded
from ecrf.engine.schedule import State
from ecrf.models import Form, Subject, Visit
from ecrf.services import visits as planning
from ecrf.services.following import tell_overdue
from ecrf.web import dashboard
from tests.ecrf import visits

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]


def dated() -> dict[str, Any]:
    """The trial with the day of each visit asked on its first page, and a visit that comes when it happens."""
    data = copy.deepcopy(visits.TRIAL)
    seen = {"key": "seen", "type": "date", "label": visits.words("Date de la visite", "Day of the visit")}
    data["pages"][0]["groups"][0]["items"].insert(0, seen)
    for event in data["events"][:2]:
        event["date"] = "seen"
    data["events"][1] |= {"before": 3, "after_visit": "inclusion"}
    free = {"key": "free", "title": visits.words("Visite libre", "Free visit"), "pages": ["exam"]}
    data["events"].append({**free, "kind": "unscheduled", "repeats": True})
    return data


@pytest.fixture
def form(world: World) -> Form:
    return visits.publish(world, dated(), key="essai")


@pytest.fixture
def subject(world: World, form: Form) -> Subject:
    return services.include_subject(world.user["member"], world.site_a)


def at(subject: Subject, event: str) -> Visit:
    return Visit.objects.select_related("subject__project", "subject__site", "form").get(subject=subject, event=event)


def save(world: World, subject: Subject, form: Form, event: str, **values: Any) -> None:
    sheet = Sheet(event, "", 1)
    services.save_entry(world.user["member"], subject, form, 0, values, sheet=sheet)


def state(visit: Visit) -> State:
    return visiting.state_of(visit, timezone.localdate())


def test_visits_follow_the_records(world: World, form: Form, subject: Subject) -> None:
    """Planned at the inclusion; the day of a visit comes from its record and moves the next one."""
    today = timezone.localdate()
    assert [one.event for one in Visit.objects.filter(subject=subject)] == ["inclusion", "month_1"]
    assert at(subject, "month_1").due == today + timedelta(days=30)
    before = today - timedelta(days=50)
    save(world, subject, form, "inclusion", seen=before.isoformat())
    first, second = at(subject, "inclusion"), at(subject, "month_1")
    assert (first.actual, second.due) == (before, before + timedelta(days=30))
    assert (second.opens, second.closes) == (before + timedelta(days=27), before + timedelta(days=37))
    assert state(second) == State.OVERDUE
    save(world, subject, form, "month_1", seen=today.isoformat())
    assert state(at(subject, "month_1")) == State.OUTSIDE


def test_what_is_removed_counts_no_more(world: World, form: Form, subject: Subject) -> None:
    """The visit of a record that is removed is awaited again."""
    save(world, subject, form, "inclusion", seen=timezone.localdate().isoformat())
    entry = subject.entries.get()
    services.remove_entry(world.user["owner"], entry, "Doublon")
    assert (at(subject, "inclusion").actual, at(subject, "inclusion").is_entered) == (None, False)


def test_by_hand(world: World, form: Form, subject: Subject) -> None:
    """Another day and "not done" need a reason; the day of a record is corrected there; all can be undone."""
    member, visit = world.user["member"], at(subject, "month_1")
    day = timezone.localdate() + timedelta(days=40)
    with pytest.raises(Invalid) as refused:
        services.settle_visit(member, visit, "plan", day)
    assert [fault.code for fault in refused.value.faults] == ["required"]
    planned = services.settle_visit(member, visit, "plan", day, "Vacances")
    assert (planned.due, planned.closes) == (day, day + timedelta(days=7))
    assert state(services.settle_visit(member, visit, "not_done", None, "Refus")) == State.NOT_DONE
    assert services.settle_visit(member, visit, "back").due == timezone.localdate() + timedelta(days=30)
    save(world, subject, form, "inclusion", seen=timezone.localdate().isoformat())
    with pytest.raises(Invalid):
        services.settle_visit(member, at(subject, "inclusion"), "date", timezone.localdate())
    with pytest.raises(Refused):
        services.settle_visit(world.user["monitor"], visit, "back")
    hand = services.settle_visit(member, at(subject, "month_1"), "date", timezone.localdate() - timedelta(days=1))
    assert (hand.dated_by_hand, state(hand)) == (True, State.OUTSIDE)
    save(world, subject, form, "month_1", seen=timezone.localdate().isoformat())
    assert (at(subject, "month_1").dated_by_hand, at(subject, "month_1").actual) == (False, timezone.localdate())
    acts = Event.objects.filter(action="ecrf.visit_settled", outcome="done").values_list("details__act", flat=True)
    assert sorted(acts) == ["back", "date", "not_done", "plan"]


def test_unscheduled_visits(world: World, form: Form, subject: Subject) -> None:
    """What no plan foresees is added as often as it comes; a planned visit can't be."""
    member = world.user["member"]
    assert [services.add_visit(member, subject, form, "free").instance for _time in (1, 2)] == [1, 2]
    with pytest.raises(Invalid):
        services.add_visit(member, subject, form, "month_1")
    with pytest.raises(Refused):
        services.add_visit(world.user["monitor"], subject, form, "free")


@pytest.mark.parametrize("at_once", [100, 0])
def test_a_new_version_moves_the_visits(
    world: World, form: Form, subject: Subject, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Other days of a new version hold for who is in the study already: at once, or by a job where they are many."""
    monkeypatch.setattr(planning, "AT_ONCE", at_once)
    data = dated()
    data["events"][1]["day"] = 60
    draft = services.begin_next(world.user["owner"], form)
    draft.definition = data
    draft.save()
    services.publish_draft(world.user["owner"], draft)
    if not at_once:
        jobs.run_waiting()
    assert at(subject, "month_1").due == timezone.localdate() + timedelta(days=60)


def test_agenda(world: World, form: Form, subject: Subject, client_of: ClientOf) -> None:
    """A site sees what is due and overdue, as a list, by month and as a calendar that names no subject."""
    services.include_subject(world.user["other_site"], world.site_b)
    save(world, subject, form, "inclusion", seen=(timezone.localdate() - timedelta(days=60)).isoformat())
    client, address = client_of("member"), reverse("ecrf:visits", args=[world.project.slug])
    listed = client.get(f"{address}?state=overdue").content.decode()
    assert subject.number in listed
    assert "En retard" in listed or "Overdue" in listed
    month = client.get(f"{address}?month={at(subject, 'month_1').due:%Y-%m}").content.decode()
    assert subject.number in month
    assert "KER-001" not in client.get(f"{address}?state=near").content.decode()
    assert client.get(f"{address}?month=2026-99").status_code == 200
    file = client.get(reverse("ecrf:visits_calendar", args=[world.project.slug]))
    assert file["Content-Type"].startswith("text/calendar")
    assert subject.number not in file.content.decode()
    table = client.get(f"{address}?state=overdue&export=csv").content.decode()
    assert subject.number in table
    cards = dashboard.cards(world.user["member"], [world.project])
    assert any("state=overdue" in card.url and card.count == 1 for card in cards)


def test_the_page_of_a_subject(world: World, form: Form, subject: Subject, client_of: ClientOf) -> None:
    """His visits with their windows, the acts for who fills in, and his timeline, each kind of it by itself."""
    save(world, subject, form, "inclusion", seen=timezone.localdate().isoformat(), weight="80")
    address = reverse("ecrf:subject", args=[world.project.slug, subject.pk])
    assert 'name="act"' in client_of("member").get(address).content.decode()
    assert 'name="act"' not in client_of("monitor").get(address).content.decode()
    visit = at(subject, "month_1")
    settle = reverse("ecrf:settle_visit", args=[world.project.slug, visit.pk])
    client_of("member").post(settle, {"act": "not_done", "reason": "Déménagement"})
    assert at(subject, "month_1").not_done_reason == "Déménagement"
    add = reverse("ecrf:add_visit", args=[world.project.slug, subject.pk])
    assert client_of("member").post(add, {"what": "essai:free"}).status_code == 302
    timeline = client_of("member").get(reverse("ecrf:timeline", args=[world.project.slug, subject.pk]))
    kinds = {one.kind for one in timeline.context["page"]}
    assert {"subject", "visit", "save"} <= kinds
    only = client_of("member").get(reverse("ecrf:timeline", args=[world.project.slug, subject.pk]), {"show": "save"})
    assert {one.kind for one in only.context["page"]} == {"save"}


def test_sites_are_told_once(world: World, form: Form, subject: Subject) -> None:
    """Where a study asks for it, the people of a site are told of overdue visits, once, and nobody else."""
    save(world, subject, form, "inclusion", seen=(timezone.localdate() - timedelta(days=60)).isoformat())
    tell_overdue()
    assert not Notice.objects.filter(kind="ecrf.visits_overdue").exists()
    services.follow(world.user["owner"], world.project, tells_overdue=True, grace=0, steps=[])
    for _time in (1, 2):
        tell_overdue()
    told = Notice.objects.filter(kind="ecrf.visits_overdue")
    assert world.user["member"].pk in told.values_list("user", flat=True)
    assert world.user["other_site"].pk not in told.values_list("user", flat=True)
    assert told.filter(user=world.user["member"]).count() == 1


def test_visits_over_rest(world: World, form: Form, subject: Subject, api_of: ApiOf) -> None:
    """The same over REST: listed, added, settled; unknown to strangers."""
    api = api_of("member")
    found = api.get("/api/v1/ecrf/visits/", {"event": "month_1"}).json()["results"]
    assert [(one["number"], one["state"]) for one in found] == [(subject.number, "not_due")]
    address = f"/api/v1/ecrf/visits/{found[0]['id']}/settle/"
    settled = api.post(address, {"act": "not_done", "reason": "Refus"}, format="json")
    assert settled.json()["state"] == "not_done"
    assert api_of("stranger").post(address, {"act": "back"}, format="json").status_code == 404
    sent = {"subject": str(subject.pk), "form": "essai", "event": "free"}
    assert api.post("/api/v1/ecrf/visits/", sent, format="json").json()["instance"] == 1


def test_calendar_text() -> None:
    """Lines are folded at 75 octets, separators escaped, and a day ends with the next."""
    text = calendar("A, B", [Day("x@y", date(2026, 12, 31), "Mois 1; é" * 12)], timezone.now())
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "X-WR-CALNAME:A\\, B\r\n" in text
    assert "DTEND;VALUE=DATE:20270101" in text
    assert folded("é" * 80).replace("\r\n ", "") == "é" * 80
