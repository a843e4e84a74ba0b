"""Sessions end: left alone, after a day's work, one too many, or from the list."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.accounts.limits import BEGAN, USED
from core.audit.models import Event
from core.notices.models import Notice
from tests.authenticator import just_confirmed

ClientOf = Callable[[str], Client]
HOME = "/"


@pytest.fixture
def client(client_of: ClientOf) -> Client:
    return client_of("member")


def past(client: Client, **seconds: int) -> None:
    """Let the session have begun, or been used, so many seconds ago."""
    session = client.session
    for name, ago in seconds.items():
        session[{"began": BEGAN, "used": USED}[name]] = int(time.time()) - ago
    session.save()


def signed_in(client: Client) -> bool:
    return client.get(HOME, headers={"x-background": "1"}).status_code == 200


def test_an_idle_session_ends(client: Client, settings: Any) -> None:
    """Nobody finds a session open that its owner left; that it was tried is in the journal."""
    past(client, used=29 * 60)
    assert signed_in(client)
    past(client, used=30 * 60)
    assert not signed_in(client)
    assert Event.objects.filter(action="accounts.session_expired").count() == 1
    assert not Session.objects.filter(pk=client.session.session_key).exists()


def test_a_session_ends_after_a_day_of_work(client: Client) -> None:
    """However much it is used, it doesn't last for ever."""
    past(client, began=12 * 3600)
    assert client.get(HOME).status_code == 302


def test_a_session_from_the_future_is_over(client: Client) -> None:
    """Where the clock was put back by hours, nobody knows how long a session was left; a minute ends none."""
    past(client, used=-60)
    assert signed_in(client)
    past(client, used=-3600)
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("method", "path", "headers", "counts"),
    [
        ("get", HOME, {}, True),
        ("post", "/session/", {}, True),
        ("get", HOME, {"x-background": "1"}, False),
        ("get", "/session/", {"x-background": "1"}, False),
    ],
)
def test_only_what_somebody_does_is_use(
    client: Client, method: str, path: str, headers: dict[str, str], counts: bool
) -> None:
    """Pages and answers keep a session; polling and checks of it don't."""
    past(client, used=20 * 60)
    getattr(client, method)(path, headers=headers)
    assert (client.get("/session/", headers={"x-background": "1"}).json()["seconds_left"] > 29 * 60) == counts


def test_the_row_lasts_no_longer_than_the_session(client: Client) -> None:
    """Whoever reads the session's row, sockets and jobs, sees the same end."""
    client.get(HOME)
    lasts = Session.objects.get(pk=client.session.session_key).expire_date.timestamp() - time.time()
    assert lasts <= 30 * 60


def test_the_page_knows_whether_it_can_stay(client: Client) -> None:
    """The notice before the end offers to stay only where that helps."""
    assert client.get("/session/").json()["can_stay"] is True
    past(client, began=12 * 3600 - 60)
    state = client.get("/session/", headers={"x-background": "1"}).json()
    assert (state["can_stay"], state["seconds_left"] <= 60, state["notice"]) == (False, True, 300)


def test_one_session_too_many_ends_the_oldest(client_of: ClientOf, settings: Any, world: World) -> None:
    """The one used least recently ends, and its owner is told by a notice."""
    settings.SESSIONS_AT_MOST = 2
    oldest, middle = client_of("member"), client_of("member")
    assert [client.get(HOME).status_code for client in (oldest, middle)] == [200, 200]
    UserSession.objects.filter(session_key=oldest.session.session_key).update(
        user_agent="Firefox/128.0 (Windows NT 10.0)"
    )
    newest = client_of("member")
    newest.get(HOME)
    assert [signed_in(client) for client in (oldest, middle, newest)] == [False, True, True]
    notice = Notice.objects.get(user=world.user["member"])
    assert (notice.kind, notice.details) == ("identity.session_crowded_out", {"device": "Firefox 128, Windows"})


def test_one_session_is_ended_from_the_list(client_of: ClientOf, world: World) -> None:
    """Each is named by its device and address; one ends, the others stay; another's can't be ended."""
    here, there, owner = client_of("member"), client_of("member"), client_of("owner")
    for client in (here, there, owner):
        just_confirmed(client).get(HOME)
    rows = UserSession.objects.filter(user=world.user["member"])
    there_row = rows.get(session_key=there.session.session_key)
    page = here.get(reverse("usersessions_list"))
    assert page.text.count('name="end"') == 1
    for hostile in ("x", "0", "-1", "9" * 40, "²"):
        here.post(reverse("usersessions_list"), {"end": hostile})
    owner.post(reverse("usersessions_list"), {"end": there_row.pk})
    assert signed_in(there)
    here.post(reverse("usersessions_list"), {"end": there_row.pk})
    assert (signed_in(here), signed_in(there)) == (True, False)
    assert Event.objects.filter(action="accounts.sessions_ended").count() == 1


def test_who_guesses_is_told_to_wait(client: Client, settings: Any) -> None:
    """The page that asks again who one is takes so many answers; then it says in words what to do."""
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "1/m/user"}
    cache.clear()
    answers = [client.post(reverse("mfa_reauthenticate"), {"code": "x"}) for _each in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert reverse("portal:home") in answers[1].text
