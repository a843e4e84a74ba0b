"""Reading the journal by person, by thing, by filter and by day; a page on from an event, however many there are."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from rest_framework.test import APIClient

from core import audit
from core.access.demo import World
from core.audit.models import Event
from core.context import Context as Way
from core.context import current
from core.journal import queries
from core.journal.web.chart import chart

ClientOf = Callable[[str], Client]
ALL = ["access.emergency_opened", "audit.journal_exported", "jobs.job_submitted"]


@pytest.fixture
def page(world: World, acts: None) -> str:
    return reverse("audit:journal", args=[world.project.slug])


def actions(answer: Any) -> list[str]:
    return [event.action for event in answer.context["table"].leaf.object_list]


def test_a_person_in_a_project(client_of: ClientOf, world: World, acts: None) -> None:
    """The page of a person holds what he did in this project, and nothing that he did elsewhere."""
    member = world.user["member"]
    audit.record(member, "audit.journal_exported", world.elsewhere, project=world.elsewhere)
    answer = client_of("owner").get(reverse("audit:person", args=[world.project.slug, member.pk]))
    assert actions(answer) == ["jobs.job_submitted"]
    told = Event.objects.filter(action="audit.journal_read", actor_id=world.user["owner"].pk).latest("pk")
    assert (told.project_id, told.details["kind"]) == (world.project.pk, "person")


def test_a_person_whom_the_project_does_not_know(client_of: ClientOf, world: World, acts: None) -> None:
    """Who has nothing to do with a project isn't there, so that nobody learns who has an account."""
    for who in (world.user["stranger"].pk, uuid.uuid4()):
        assert client_of("owner").get(reverse("audit:person", args=[world.project.slug, who])).status_code == 404


def test_administrators_read_of_a_person_what_belongs_to_no_project(
    client_of: ClientOf, world: World, acts: None
) -> None:
    """Sign-ins yes, acts in projects no."""
    address = reverse("audit:person_of_instance", args=[world.user["stranger"].pk])
    events = client_of("administrator").get(address).context["table"].leaf.object_list
    assert {event.action for event in events} == {"accounts.signed_in"}


def test_my_own_activity(client_of: ClientOf, world: World, acts: None) -> None:
    """Everybody reads what was done in his name, in all projects, and nobody else's; that he reads it is recorded."""
    answer = client_of("stranger").get(reverse("audit:mine"))
    assert actions(answer) == ["accounts.signed_in", "accounts.signed_in", "audit.journal_read"]
    told = Event.objects.filter(actor_id=world.user["stranger"].pk).latest("pk")
    assert (told.action, told.project_id, told.details) == ("audit.journal_read", None, {"filters": [], "kind": "mine"})


def test_a_thing_and_who_read_it(client_of: ClientOf, world: World, acts: None) -> None:
    """The page of a thing holds its events of this project alone; a kind that doesn't exist isn't there."""
    address = reverse("audit:thing", args=[world.project.slug, "access.project", world.project.pk])
    assert actions(client_of("owner").get(address)) == ["audit.journal_exported", "jobs.job_submitted"]
    foreign = reverse("audit:thing", args=[world.project.slug, "access.project", world.elsewhere.pk])
    assert actions(client_of("owner").get(foreign)) == []
    unknown = reverse("audit:thing", args=[world.project.slug, "no.kind", "1"])
    assert client_of("owner").get(unknown).status_code == 404


@pytest.mark.parametrize(("who", "sees"), [("owner", True), ("member", False)])
def test_the_way_from_a_thing(world: World, who: str, sees: bool) -> None:
    """A thing's page leads readers of the journal to its events, and nobody else."""
    request = RequestFactory().get("/")
    request.user = world.user[who]
    shown = Template("{% load journal %}{% trail_of thing %}").render(
        Context({"request": request, "thing": world.site_a})
    )
    assert (reverse("audit:thing", args=[world.project.slug, "access.site", world.site_a.pk]) in shown) is sees


@pytest.fixture
def many(world: World) -> None:
    """A hundred and twenty acts of one person."""
    for number in range(120):
        audit.record(world.user["member"], "jobs.job_done", world.project, project=world.project, number=number)


def turned(client: Client, address: str, mark: str, **query: str) -> Any:
    """Follow the pages to the end; all events that were met, in order, and where the last page was."""
    found: list[int] = []
    while True:
        leaf = client.get(address, query).context["table"].leaf
        found += [event.details["number"] for event in leaf.object_list]
        if (on := getattr(leaf, mark)) is None:
            return found, leaf
        query[mark] = str(on)


def test_every_event_is_on_one_page(client_of: ClientOf, page: str, world: World, many: None) -> None:
    """Forwards and oldest first, each event is met once though others are written meanwhile; and one comes back."""
    client, only = client_of("owner"), {"action": "jobs.job_done"}
    found, last = turned(client, page, "before", **only)
    assert found == list(range(119, -1, -1))
    assert turned(client, page, "before", sort="at", **only)[0] == list(range(120))
    back = client.get(page, {**only, "after": str(last.after)}).context["table"].leaf
    assert [event.details["number"] for event in back.object_list] == list(range(69, 19, -1))
    assert (back.before is not None, back.after is not None, back.count) == (True, True, 120)


@pytest.mark.parametrize("mark", ["9" * 40, "-1", "x", "٣", "0", ""])
def test_a_place_that_is_none(client_of: ClientOf, page: str, mark: str) -> None:
    """Whatever stands in the address, the page answers."""
    for key in ("before", "after"):
        assert client_of("owner").get(page, {key: mark}).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"family": "audit"}, ["audit.journal_exported"]),
        ({"family": "nothing"}, ALL),
        ({"reason": "1+1"}, ["jobs.job_submitted"]),
        ({"reason": "%"}, []),
        ({"channel": "page"}, ["access.emergency_opened"]),
        ({"channel": "job"}, []),
        ({"emergency": "yes"}, ["access.emergency_opened"]),
        ({"address": "10.2.0.0/16"}, ["access.emergency_opened"]),
        ({"address": "10.2.0.9"}, ["access.emergency_opened"]),
        ({"address": "10.3.0.0/16"}, []),
        ({"address": "fe80::1%eth0"}, ALL),
    ],
)
def test_more_filters(client_of: ClientOf, page: str, world: World, query: dict[str, str], found: list[str]) -> None:
    """Part of the suite, words of the reason, way in, emergencies, address or network; what is none narrows nothing."""
    mark = current.set(Way(address="10.2.0.9", channel="page"))
    audit.record(world.user["member"], "access.emergency_opened", world.project, project=world.project)
    current.reset(mark)
    assert actions(client_of("owner").get(page, query)) == found


def test_days(world: World, acts: None) -> None:
    """Each day has its number, those without any too; a chart never shows more than a quarter of a year."""
    today = Event.objects.latest("pk").at.astimezone().date()
    days = queries.by_day(queries.of_project(world.project), today, today)
    assert [(count, wrong) for _day, count, wrong in days] == [(2, 1)]
    assert len(chart(Event.objects.all(), {"from": "0001-01-01"}).bars) == 92
    assert chart(Event.objects.all(), {"from": "9999-12-31"}).bars == []
    assert chart(Event.objects.all(), {"to": "0001-01-01"}).bars[-1].day == date.min


def test_the_list_comes_with_its_chart(client_of: ClientOf, page: str) -> None:
    """A filter that is chosen redraws the chart together with the list."""
    text = client_of("owner").get(page, headers={"HX-Request": "true", "HX-Target": "table-events"}).content.decode()
    assert 'id="days" hx-swap-oob="true"' in text
    assert "<html" not in text


def test_choices_are_read_by_the_index(client_of: ClientOf, world: World, acts: None) -> None:
    """The people and acts to choose from are those of the project, each found in one step."""
    assert {name for _key, name in queries.people_in(world.project)} == {"Nolwenn Kerbrat", "Camille Le Goff"}
    assert {code for code, _words in queries.actions_in(world.project)} == {
        "jobs.job_submitted",
        "audit.journal_exported",
    }
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "indexscan", "sort"):  # of a small table PostgreSQL prefers any of them
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("EXPLAIN " + queries.EACH.format(column="actor_id"), {"project": world.project.pk})
        assert "Index Only Scan" in "\n".join(line for (line,) in cursor.fetchall())


def test_filters_over_rest(api_of: Callable[[str], APIClient], acts: None, world: World) -> None:
    """The same filters; an address that is none is refused."""
    api, address = api_of("owner"), reverse("api:journal:event-list")
    answer = api.get(address, {"family": "jobs", "project": world.project.slug}).json()["results"]
    assert [event["action"] for event in answer] == ["jobs.job_submitted"]
    assert api.get(address, {"address": "nowhere"}).status_code == 422
    assert api.get(address, {"address": "10.0.0.0/8"}).json()["results"] == []
