"""Signing out: from the service, and the services that are told of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from django.test import Client
from django.utils import timezone

from core import jobs, outgoing
from core.access.demo import World
from core.access.models import Membership
from core.accounts import sessions
from core.audit.models import Event
from core.jobs.models import Job
from core.provider import backchannel, listeners, services
from core.provider.models import Connection, LogoutNotice, Service
from tests.core.provider.conftest import Relying, registered, userinfo
from tests.core.provider.test_code import claims_of

Rely = Callable[..., Relying]
AFTER = "https://wiki.example/bye"
HEAR = "https://wiki.example/logged-out"


class Heard:
    """The service's own end of the wire."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.tokens = list(statuses), list[str]()

    def __call__(self, address: str, token: str) -> str:
        self.tokens.append(token)
        status = self.statuses.pop(0) if self.statuses else 200
        return "" if status == 200 else f"It answered {status}."


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    heard = Heard()
    monkeypatch.setattr(backchannel, "call", heard)
    return heard


def test_service_signs_a_person_out_at_once(rely: Rely) -> None:
    """With an id_token of this very session nobody is asked: he is out, and back where the service said."""
    wiki = rely(post_logout_uris=[AFTER])
    tokens = wiki.tokens()
    given = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER, "state": "a b"}
    answer = wiki.browser.get("/oauth/logout", given)
    assert answer.status_code == 302
    assert answer["Location"] == AFTER + "?state=a+b"
    assert wiki.browser.get("/accounts/services/").status_code == 302
    assert userinfo(tokens["access_token"]).status_code == 401


def test_anybody_else_is_asked(rely: Rely, client_of: Callable[[str], Client]) -> None:
    """Without a hint, or with one of another session, the person decides; another site can't sign him out."""
    wiki = rely(post_logout_uris=[AFTER])
    tokens = wiki.tokens()
    for given in ({}, {"client_id": wiki.service.client_id, "post_logout_redirect_uri": AFTER}):
        assert wiki.browser.get("/oauth/logout", given).status_code == 200
        assert wiki.browser.post("/oauth/logout", given).status_code == 200
    other = client_of("member")
    page = other.get("/oauth/logout", {"id_token_hint": tokens["id_token"]})
    assert page.status_code == 200
    assert userinfo(tokens["access_token"]).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = wiki.browser.cookies
    assert strict.post("/oauth/logout/confirm", {"asked": page.context["asked"], "answer": "leave"}).status_code == 403


def test_person_stays_or_leaves(rely: Rely) -> None:
    """Asked, one may leave the service alone, or everything."""
    wiki = rely(post_logout_uris=[AFTER])
    tokens = wiki.tokens()
    given = {"client_id": wiki.service.client_id, "post_logout_redirect_uri": AFTER}
    asked = wiki.browser.get("/oauth/logout", given).context["asked"]
    answer = wiki.browser.post("/oauth/logout/confirm", {"asked": asked, "answer": "stay"})
    assert answer["Location"] == AFTER
    assert userinfo(tokens["access_token"]).status_code == 401
    assert wiki.browser.get("/accounts/services/").status_code == 200
    wiki.browser.post("/oauth/logout/confirm", {"asked": asked, "answer": "leave"})
    assert wiki.browser.get("/accounts/services/").status_code == 302


@pytest.mark.parametrize("target", [AFTER + "/", "https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(rely: Rely, target: str) -> None:
    """An address that isn't registered to the letter is answered with a page."""
    wiki = rely(post_logout_uris=[AFTER])
    given = {"client_id": wiki.service.client_id, "post_logout_redirect_uri": target}
    answer = wiki.browser.get("/oauth/logout", given)
    assert answer.status_code == 400
    assert "Location" not in answer


def test_hint_of_another_service_counts_for_none(rely: Rely, world: World) -> None:
    """Where the hint and the client id name different services, neither is believed."""
    wiki = rely(post_logout_uris=[AFTER])
    other, _secret = registered(world, name="Other", post_logout_uris=["https://other.example/bye"])
    given = {
        "id_token_hint": wiki.tokens()["id_token"],
        "client_id": other.client_id,
        "post_logout_redirect_uri": "https://other.example/bye",
    }
    assert wiki.browser.get("/oauth/logout", given).status_code == 400


def test_service_hears_of_the_end(rely: Rely, heard: Heard) -> None:
    """Whoever signs out, the service gets a signed logout token with the sid of its own id_token."""
    wiki = rely(logout_address=HEAR)
    tokens = wiki.tokens()
    said = claims_of(tokens["id_token"], wiki.service.client_id)
    wiki.browser.post("/accounts/logout/")
    jobs.run_waiting()
    (token,) = heard.tokens
    told = claims_of(token, wiki.service.client_id)
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    assert (told["sid"], told["sub"]) == (said["sid"], said["sub"])
    assert told["events"] == {backchannel.EVENT: {}}
    assert told["jti"]
    assert "nonce" not in told
    assert LogoutNotice.objects.get().state == LogoutNotice.State.DONE


def test_service_hears_of_an_end_everywhere(rely: Rely, heard: Heard, world: World) -> None:
    """When all sessions of a person are ended, so is what each of them had opened, and a code that nobody used."""
    wiki = rely(logout_address=HEAR)
    wiki.tokens()
    wiki.code()
    sessions.end_all(world.user["owner"])
    listeners.sweep()
    jobs.run_waiting()
    assert len(heard.tokens) == 1


@pytest.mark.parametrize("audience", [Service.Audience.PROJECTS, Service.Audience.ORGANISATIONS])
def test_service_hears_that_a_membership_has_run_out(rely: Rely, heard: Heard, world: World, audience: str) -> None:
    """Nobody acts when a membership comes to its day: the sweep ends what it alone had opened, and no other's."""
    reach = {"audience": audience, "projects": [world.project], "organisations": [world.organisation]}
    for who in ("member", "owner"):
        rely(who, name=who, logout_address=HEAR, **reach).tokens()
    member = world.user["member"]
    Membership.objects.filter(user=member).update(starts_at=timezone.now(), ends_at=timezone.now())
    listeners.sweep()
    jobs.run_waiting()
    assert Connection.objects.get(ended_at__isnull=False).user == member
    assert len(heard.tokens) == 1


def test_service_hears_that_it_is_open_to_fewer(rely: Rely, heard: Heard, world: World) -> None:
    """Whoever is left out when its audience is narrowed is signed out there."""
    wiki = rely("member", logout_address=HEAR)
    wiki.tokens()
    administrator = world.user["administrator"]
    elsewhere = {"audience": Service.Audience.PROJECTS, "projects": [world.elsewhere]}
    services.change(administrator, wiki.service, replace(services.described(wiki.service), **elsewhere))
    jobs.run_waiting()
    assert Connection.objects.get().ended_at is not None
    assert len(heard.tokens) == 1


def test_notice_is_tried_again_and_given_up(rely: Rely, heard: Heard, client_of: Callable[[str], Client]) -> None:
    """A service that doesn't hear is asked again, later each time; the failure shows at its page and in the journal."""
    heard.statuses = [500] * 10
    wiki = rely(logout_address=HEAR)
    wiki.tokens()
    wiki.browser.post("/accounts/logout/")
    jobs.run_waiting()
    backchannel.send_due()
    assert Job.objects.filter(task=backchannel.TASK).count() == 1  # it isn't due yet
    page = client_of("administrator").get(wiki.service.get_absolute_url()).content.decode()
    assert "It answered 500." in page
    for attempt in range(2, len(backchannel.WAITS) + 2):
        LogoutNotice.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        backchannel.send_due()
        jobs.run_waiting()
        assert LogoutNotice.objects.get().attempts == attempt
    assert LogoutNotice.objects.get().state == LogoutNotice.State.FAILED
    assert Event.objects.filter(action="provider.logout_not_heard").exists()


def test_call_leaves_through_the_guard(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """The address is called by `core.outgoing`: none of a private network, no redirect, and faults are in words."""
    assert "private network" in backchannel.call("https://127.0.0.1/out", "t") or "réseau privé" in backchannel.call(
        "https://127.0.0.1/out", "t"
    )

    def post(_session: Any, _address: str, **sent: Any) -> requests.Response:
        assert re.fullmatch(r"[\w.]+", sent["data"]["logout_token"])
        answer = requests.Response()
        answer.status_code = 302
        return answer

    monkeypatch.setattr(outgoing.Session, "post", post)
    assert "302" in backchannel.call("https://wiki.example/out", "t")
