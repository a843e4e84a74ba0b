"""Who may send much: whoever brings a session or a token that is good, asked before a body is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from core.access import services as access_services
from core.access.demo import World
from core.access.models import Membership
from core.api import services
from core.api.authentication import is_known
from tests.core.api.test_tokens import TOMORROW, token_of


def request(*, session: str = "", token: str = "") -> HttpRequest:
    factory = RequestFactory()
    factory.cookies[settings.SESSION_COOKIE_NAME] = session
    return factory.post("/", headers={"authorization": f"Bearer {token}"} if token else {})


def test_a_session_is_known_while_it_lasts(world: World, client_of: Callable[[str], Client]) -> None:
    """A session that nobody has, and one that has ended, are a stranger's."""
    client = client_of("member")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_known(request(session=session))
    client.logout()
    for dead in (session, "", "forged", "a" * 32):
        assert not is_known(request(session=dead))


def test_who_was_removed_is_unknown(world: World, client_of: Callable[[str], Client]) -> None:
    """The session of a person who may not sign in any more is a stranger's."""
    session = client_of("member").cookies[settings.SESSION_COOKIE_NAME].value
    world.user["member"].is_active = False
    world.user["member"].save()
    assert not is_known(request(session=session))


def test_a_token_is_known_while_it_lasts(world: World) -> None:
    """A token that is made up, changed, expired, or of somebody who has left, is a stranger's."""
    text = token_of(world, "researcher", "access.view_project")
    assert is_known(request(token=text))
    for wrong in ("suite_", "x", text[:-1], text + "x", "é"):
        assert not is_known(request(token=wrong))
    membership = Membership.objects.get(user=world.user["researcher"], project=world.project)
    access_services.end_membership(world.user["owner"], membership)
    assert not is_known(request(token=text))


def test_an_expired_token_is_unknown(world: World) -> None:
    """Nor is one whose time is over."""
    token, text = services.create_token(
        world.user["owner"], world.project, "script", ["access.view_project"], timezone.now() + TOMORROW
    )
    token.expires_at = timezone.now() - TOMORROW
    token.save()
    assert not is_known(request(token=text))


@pytest.mark.parametrize("scheme", ["Basic", "Digest", ""])
def test_other_schemes_are_unknown(scheme: str, db: None) -> None:
    """Only tokens and sessions are ways in."""
    assert not is_known(RequestFactory().post("/", headers={"authorization": f"{scheme} YTpi"}))
