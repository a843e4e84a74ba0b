"""The audit trail over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from core.access.demo import World
from core.audit.models import Event

ApiOf = Callable[[str], APIClient]


@pytest.mark.parametrize(
    ("who", "sees"),
    [("owner", True), ("monitor", True), ("administrator", True), ("member", False), ("stranger", False)],
)
def test_one_reads_the_projects_one_may(api_of: ApiOf, acts: None, world: World, who: str, sees: bool) -> None:
    """The list holds the events of the projects whose journal one may read, and of no other."""
    answer = api_of(who).get(reverse("api:journal:event-list")).json()
    projects = {event["project_id"] for event in answer["results"]}
    assert (str(world.project.pk) in projects) is sees


def test_filters(api_of: ApiOf, acts: None, world: World) -> None:
    """Project, person, act, outcome and time narrow the list; a project one can't read leaves nothing."""
    api, address = api_of("owner"), reverse("api:journal:event-list")
    failed = api.get(address, {"project": world.project.slug, "outcome": "failed"}).json()["results"]
    assert [event["action"] for event in failed] == ["audit.journal_exported"]
    assert failed[0]["actor"] == "Camille Le Goff"
    assert api.get(address, {"project": world.elsewhere.slug}).json()["results"] == []
    assert api.get(address, {"since": "2100-01-01T00:00:00Z"}).json()["results"] == []


def test_reading_over_rest_stands_in_the_journal(api_of: ApiOf, acts: None, world: World) -> None:
    """A call leaves its event in the journal of the project it asked for."""
    api_of("owner").get(reverse("api:journal:event-list"), {"project": world.project.slug, "outcome": "failed"})
    event = Event.objects.filter(action="audit.journal_read", actor_id=world.user["owner"].pk).latest("id")
    assert (event.channel, event.project_id, event.details) == (
        "api",
        world.project.pk,
        {"filters": ["outcome", "project"]},
    )


@pytest.mark.parametrize("address", ["event-list", "event-export", "alert-list"])
@pytest.mark.parametrize("padding", ["%20{}", "{}%20", "%09{}%0A"])
def test_spaces_around_a_project_hide_no_reading(
    api_of: ApiOf, acts: None, world: World, address: str, padding: str
) -> None:
    """A slug with spaces around it opens the project's trail, and that stands in it as without them."""
    api, slug = api_of("owner"), world.project.slug
    at = Event.objects.latest("id").pk
    assert api.get(f"{reverse(f'api:journal:{address}')}?project={padding.format(slug)}").status_code == 200
    assert [event.project_id for event in read_since(at)] == [world.project.pk]


@pytest.mark.parametrize("address", ["event-list", "event-export", "alert-list"])
def test_only_spaces_are_no_project(api_of: ApiOf, acts: None, world: World, address: str) -> None:
    """Where nothing but spaces was asked for, everything is shown, and recorded wherever it was read."""
    at = Event.objects.latest("id").pk
    api = api_of("owner")
    assert api.get(f"{reverse(f'api:journal:{address}')}").status_code == 200
    expected = [event.project_id for event in read_since(at)]
    assert expected
    at = Event.objects.latest("id").pk
    assert api.get(f"{reverse(f'api:journal:{address}')}?project=%20").status_code == 200
    assert [event.project_id for event in read_since(at)] == expected


def read_since(pk: int) -> list[Event]:
    return list(Event.objects.filter(pk__gt=pk, action__startswith="audit.").order_by("project_id"))


def test_an_administrator_who_reads_stands_in_the_journal(api_of: ApiOf, acts: None, world: World) -> None:
    """Reading what belongs to no project is told there: once for a list, once for one event, not for one project."""
    api, address = api_of("administrator"), reverse("api:journal:event-list")
    signed_in = Event.objects.filter(action="accounts.signed_in").latest("id")

    def told() -> list[tuple[str, str, dict[str, Any]]]:
        read = Event.objects.filter(action="audit.journal_read", actor_id=world.user["administrator"].pk)
        return [(event.channel, event.object_id, event.details) for event in read.filter(project_id=None)]

    api.get(address, {"outcome": "done"})
    assert told() == [("api", "", {"filters": ["outcome"]})]
    api.get(reverse("api:journal:event-detail", args=[signed_in.pk]))
    assert told() == [("api", "", {"filters": []}), ("api", "", {"filters": ["outcome"]})]
    api.get(address, {"project": world.project.slug})
    assert len(told()) == 2


def test_one_event_is_read_in_its_own_project(api_of: ApiOf, acts: None, world: World) -> None:
    """Who opens one event stands in the journal where that event is, and in no other."""
    event = Event.objects.filter(project_id=world.project.pk).latest("id")
    api_of("owner").get(reverse("api:journal:event-detail", args=[event.pk]))
    read = Event.objects.filter(action="audit.journal_read", actor_id=world.user["owner"].pk)
    assert [event.project_id for event in read] == [world.project.pk]


def test_nothing_is_written_over_rest(api_of: ApiOf, acts: None) -> None:
    """There is no way to add, change or delete an event."""
    api, address = api_of("owner"), reverse("api:journal:event-list")
    detail = reverse("api:journal:event-detail", args=[Event.objects.latest("id").pk])
    assert api.post(address, {}).status_code == 405
    assert {api.put(detail, {}).status_code, api.patch(detail, {}).status_code, api.delete(detail).status_code} == {405}
