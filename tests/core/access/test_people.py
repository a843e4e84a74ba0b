"""A closed account is closed at once and everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core.access import people
from core.access.demo import World, build
from core.access.scope import Limits
from core.api import services as tokens
from core.audit.models import Event
from core.errors import Conflict, Refusal
from tests.race import race


@pytest.fixture
def closer(world: World) -> people.User:
    """Who runs the instance."""
    user = world.user["stranger"]
    user.is_administrator = True
    user.save()
    return user


def test_a_closed_account_opens_nothing(world: World, client_of: Callable[[str], Client], closer: people.User) -> None:
    """At the next request the browser is a stranger's, the token is unknown, and the journal says who closed it."""
    member = world.user["member"]
    browser = client_of("member")
    _token, text = tokens.create_token(
        member, world.project, "x", ["access.view_project"], timezone.now() + timedelta(days=1)
    )
    assert browser.get("/").status_code == 200
    people.close_account(closer, member, "left")
    assert browser.get("/").status_code == 302
    assert tokens.find(text) is None
    event = Event.objects.get(action="access.account_closed")
    assert (event.actor_id, event.object_id, event.reason) == (closer.pk, str(member.pk), "left")


def test_a_closed_account_is_opened_again(world: World, closer: people.User) -> None:
    """Who comes back has the memberships he had, and no old session."""
    member = world.user["member"]
    people.close_account(closer, member)
    people.reopen_account(closer, member)
    member.refresh_from_db()
    assert member.is_active
    assert member.session_epoch == 1
    assert member.memberships.active().exists()


@pytest.mark.parametrize("act", ["close", "reopen"])
def test_an_id_that_is_none_names_nobody(
    closer: people.User, api_of: Callable[[str], APIClient], confirm: Callable[[Client], Client], act: str
) -> None:
    """404, as for a person who isn't there."""
    api = api_of("stranger")
    confirm(api)
    for pk in ("abc", str(uuid4())):
        assert api.post(f"/api/v1/people/{pk}/{act}/", {"reason": "left"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once() -> None:
    """Two who close each other's account at the same moment leave one who can sign in, not none."""
    world = build()
    pair = [world.user["administrator"], world.user["stranger"]]
    people.User.objects.filter(pk=pair[1].pk).update(is_administrator=True)
    pair[1].refresh_from_db()
    assert race(people.close_account, (pair, pair[::-1]), Refusal) == ["done", "refused"]
    assert people.User.objects.filter(is_administrator=True, is_active=True).count() == 1


def test_nobody_closes_his_own(closer: people.User) -> None:
    """The last administrator can't lock everybody out by mistake."""
    with pytest.raises(Conflict):
        people.close_account(closer, closer)


def test_only_the_instances_administrator_closes(world: World, closer: people.User) -> None:
    """A manager of a project can't, nor a token of the administrator's."""
    with pytest.raises(Refusal):
        people.close_account(world.user["owner"], world.user["member"])
    closer.limits = Limits(world.project.pk, frozenset())
    with pytest.raises(Refusal):
        people.close_account(closer, world.user["member"])
