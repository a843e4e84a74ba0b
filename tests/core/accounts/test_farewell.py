"""Whose session somebody else ended is told why, once, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.access import people, services
from core.access.demo import World
from core.access.models import Membership
from core.notices.models import Notice

ClientOf = Callable[[str], Client]
Captured = Callable[..., Any]
REMOVED = "Votre accès à un projet a pris fin"


@pytest.fixture
def removed(client_of: ClientOf, world: World, django_capture_on_commit_callbacks: Captured) -> Client:
    """The browser of the clinician, whom the manager has just removed."""
    client = client_of("member")
    assert client.get("/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        services.end_membership(world.user["owner"], Membership.objects.get(user=world.user["member"]))
    return client


def test_who_is_removed_is_told_at_the_next_page(removed: Client, world: World) -> None:
    """The sign-in page says that an access has ended, without naming the project; the page after it no longer."""
    page = removed.get(world.project.get_absolute_url(), follow=True).content.decode()
    assert REMOVED in page
    assert "Sepsis" not in page
    assert REMOVED not in removed.get("/", follow=True).content.decode()


def test_an_open_page_is_left(removed: Client) -> None:
    """Its script learns that it is to be left, once; the sign-in page to which that leads says why."""
    assert removed.get("/session/").json() == {"user": None, "leave": True}
    assert removed.get("/session/").json() == {"user": None, "leave": False}
    assert REMOVED in removed.get("/accounts/login/").content.decode()


def test_a_fragment_is_not_put_into_a_page_to_leave(removed: Client) -> None:
    """htmx is told that the session is over for good."""
    answer = removed.get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["X-Session"]) == (401, "over")


def test_whose_account_is_closed_is_told_so(
    client_of: ClientOf, world: World, django_capture_on_commit_callbacks: Captured
) -> None:
    """The words are others: signing in again is of no use."""
    client = client_of("member")
    client.get("/")
    with django_capture_on_commit_callbacks(execute=True):
        people.close_account(world.user["administrator"], world.user["member"])
    assert "Votre compte a été fermé" in client.get("/", follow=True).content.decode()


def test_the_removal_is_among_ones_notices(removed: Client, world: World) -> None:
    """Who signs in again reads by whom and from where he was removed; who leaves by himself isn't told."""
    [notice] = Notice.objects.filter(user=world.user["member"])
    assert (notice.kind, notice.details["where"]) == ("access.member_removed", "Étude Sepsis")
    assert notice.details["who"] == "Camille Le Goff"
