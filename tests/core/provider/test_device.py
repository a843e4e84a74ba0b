"""A command line signs in by a code that a person types in his browser."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from core.access.demo import World
from core.accounts import sessions
from core.provider import devices, engine, services
from core.provider.engine import keeping, wire
from core.provider.models import Connection, DeviceRequest, Service
from tests.core.provider.conftest import registered, userinfo


@pytest.fixture
def program(world: World) -> Service:
    cache.clear()  # attempts are counted there
    return registered(
        world, name="Backup", public=True, by_code=True, redirect_uris=[], scopes=["openid", "email", "api"]
    )[0]


@pytest.fixture
def person(world: World, client_of: Callable[[str], Client]) -> Client:
    client = client_of("owner")
    request = RequestFactory().get("/")
    request.user, request.session = world.user["owner"], client.session
    record_authentication(request, world.user["owner"], "password", reauthenticated=True)
    request.session.save()
    return client


def begin(program: Service, **more: str) -> Any:
    return Client().post(
        "/oauth/device", {"client_id": program.client_id, "scope": "openid email"} | more, HTTP_USER_AGENT="backup/1.0"
    )


def poll(program: Service, code: str) -> Any:
    DeviceRequest.objects.update(polled_at=None)
    data = {"grant_type": devices.GRANT, "device_code": code, "client_id": program.client_id}
    return Client().post("/oauth/token", data)


def test_person_lets_a_program_in(program: Service, person: Client, world: World) -> None:
    """The person reads which program asks, from where and for what; then it has its tokens, once."""
    begun = begin(program).json()
    assert poll(program, begun["device_code"]).json()["error"] == "authorization_pending"
    page = person.post("/device/", {"code": begun["user_code"].lower().replace("-", " ")})
    text = page.content.decode()
    assert "Backup" in text
    assert "backup/1.0" in text
    assert "127.0.0.1" in text
    person.post("/device/", {"code": begun["user_code"], "answer": "allow"})
    tokens = poll(program, begun["device_code"]).json()
    assert userinfo(tokens["access_token"]).json()["email"] == world.user["owner"].email
    assert "refresh_token" in tokens
    assert "id_token" in tokens
    assert poll(program, begun["device_code"]).json()["error"] == "invalid_grant"
    assert "Backup" in person.get("/accounts/services/").content.decode()
    sessions.end_all(world.user["owner"])
    assert userinfo(tokens["access_token"]).status_code == 401


def test_person_refuses_a_program(program: Service, person: Client) -> None:
    """Refused, the program hears so, and the code opens nothing any more."""
    begun = begin(program).json()
    person.post("/device/", {"code": begun["user_code"], "answer": "refuse"})
    assert person.post("/device/", {"code": begun["user_code"], "answer": "allow"}).status_code == 422
    assert poll(program, begun["device_code"]).json()["error"] == "access_denied"
    assert not Connection.objects.exists()


def test_program_polls_in_its_time(program: Service) -> None:
    """Who asks too soon is told to slow down, each time by five seconds more; after its time the code is over."""
    code = begin(program).json()["device_code"]
    data = {"grant_type": devices.GRANT, "device_code": code, "client_id": program.client_id}
    answers = [Client().post("/oauth/token", data).json()["error"] for _each in range(3)]
    assert answers == ["authorization_pending", "slow_down", "slow_down"]
    assert DeviceRequest.objects.get().interval == 15
    DeviceRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert poll(program, code).json()["error"] == "expired_token"


def test_codes_are_not_guessed(program: Service, person: Client) -> None:
    """A person may mistype a few times; then he waits."""
    begin(program)
    statuses = [person.post("/device/", {"code": "BBBB-BBBB"}).status_code for _each in range(12)]
    assert statuses[0] == 422
    assert statuses[-1] == 429


def test_looking_at_a_link_lets_nobody_in(program: Service, person: Client) -> None:
    """A link with a code shows the question and allows nothing; the page can't be posted by another site."""
    begun = begin(program).json()
    assert person.get("/device/", {"code": begun["user_code"], "answer": "allow"}).status_code == 200
    assert poll(program, begun["device_code"]).json()["error"] == "authorization_pending"
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = person.cookies
    assert strict.post("/device/", {"code": begun["user_code"], "answer": "allow"}).status_code == 403


@pytest.mark.parametrize(
    ("more", "error"),
    [({"client_id": "unknown"}, "invalid_client"), ({"scope": "openid projects"}, "invalid_scope")],
)
def test_unknown_programs_get_no_code(program: Service, more: dict[str, str], error: str) -> None:
    """A program that isn't registered, or asks for more than it may, gets nothing."""
    assert begin(program, **more).json()["error"] == error


def test_service_without_this_way_gets_no_code(world: World) -> None:
    """A service that signs in by its pages can't have people type codes for it."""
    cache.clear()
    assert begin(registered(world, public=True)[0]).status_code == 401


def test_code_is_of_one_program(program: Service, person: Client, world: World) -> None:
    """What a person allowed one program, another can't fetch."""
    begun = begin(program).json()
    person.post("/device/", {"code": begun["user_code"], "answer": "allow"})
    other = registered(world, name="Other", public=True, by_code=True, redirect_uris=[])[0]
    assert poll(other, begun["device_code"]).json()["error"] == "invalid_grant"


# The program's side.


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's calls reach the suite of the test."""

    def call(url: str, form: dict[str, str] | None = None, token: str = "") -> dict[str, Any]:
        wire.require_safe(url)
        heads = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        path = url.removeprefix(settings.PUBLIC_URL)
        answer = Client().get(path, **heads) if form is None else Client().post(path, form, **heads)  # type: ignore[arg-type]
        told = json.loads(answer.content or b"{}")
        if answer.status_code >= 400:
            raise wire.Refused(str(told.get("error", answer.status_code)))
        return dict(told)

    monkeypatch.setattr(wire, "call", call)


class Clock:
    """Time that passes when one waits, and what happens meanwhile."""

    def __init__(self, *acts: Callable[[], Any]) -> None:
        self.at, self.acts, self.waits = 1000.0, list(acts), list[float]()

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.waits.append(seconds)
        if self.acts:
            self.acts.pop(0)()

    def now(self) -> float:
        return self.at


def test_code_grants_no_scope_that_was_taken_away(program: Service, person: Client, world: World) -> None:
    """What the service may no longer ask for is neither shown nor granted, though the code was asked for before."""
    begun = begin(program, scope="openid api").json()
    wanted = replace(services.described(program), scopes=["openid"])
    services.change(world.user["administrator"], program, wanted)
    shown = person.get("/device/", {"code": begun["user_code"]})
    assert not shown.context["done"]
    person.post("/device/", {"code": begun["user_code"], "answer": "allow"})
    assert poll(program, begun["device_code"]).json()["scope"] == "openid"
    begun = begin(program, scope="openid").json()
    services.change(world.user["administrator"], program, replace(wanted, scopes=["email"]))
    assert person.post("/device/", {"code": begun["user_code"], "answer": "allow"}).status_code == 409


@pytest.mark.usefixtures("wired")
def test_command_line_signs_in(program: Service, person: Client, tmp_path: Path) -> None:
    """It shows a code, waits as long as it is told, keeps its tokens where nobody else reads, and renews them."""
    shown: list[str] = []
    clock = Clock(
        lambda: None,
        lambda: DeviceRequest.objects.update(polled_at=timezone.now()),
        lambda: (
            DeviceRequest.objects.update(polled_at=None),
            person.post("/device/", {"code": shown[1], "answer": "allow"}),
        ),
    )
    place = tmp_path / "kept" / "session.json"
    session = engine.sign_in(
        settings.PUBLIC_URL,
        program.client_id,
        scopes="openid email",
        path=place,
        show=lambda *words: shown.extend(words),
        sleep=clock.sleep,
        now=clock.now,
    )
    assert clock.waits == [5, 5, 10]  # it was told once to slow down
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    first = session.token()
    assert session.token() == first
    assert session.get("/oauth/userinfo")["email"]
    clock.at += 3600
    second = session.token()
    assert second != first
    again = engine.Session(settings.PUBLIC_URL, program.client_id, place, clock.now)
    assert again.token() == second
    again.sign_out()
    assert userinfo(second).status_code == 401
    assert not again.known
    with pytest.raises(engine.Expired):
        again.token()


@pytest.mark.usefixtures("wired")
def test_command_line_gives_up(program: Service, person: Client, tmp_path: Path) -> None:
    """Refused or too late, it says so and keeps nothing."""
    shown: list[str] = []

    def sign_in(clock: Clock) -> None:
        engine.sign_in(
            settings.PUBLIC_URL,
            program.client_id,
            scopes="openid",
            path=tmp_path / "session.json",
            show=lambda *words: shown.extend(words),
            sleep=clock.sleep,
            now=clock.now,
        )

    with pytest.raises(engine.Refused, match="access_denied"):
        sign_in(Clock(lambda: person.post("/device/", {"code": shown[1], "answer": "refuse"})))
    with pytest.raises(engine.Expired):
        sign_in(Clock(lambda: DeviceRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))))
    assert not (tmp_path / "session.json").exists()


def test_tokens_are_kept_from_others(tmp_path: Path) -> None:
    """A file that others may read is refused, not used; another suite's tokens are not sent to this one."""
    place = tmp_path / "session.json"
    keeping.write(place, {"issuer": "https://a.example", "client_id": "x", "access_token": "t", "until": 9e9})
    assert engine.Session("https://a.example", "x", place).token() == "t"
    for suite, client in (("https://b.example", "x"), ("https://a.example", "y")):
        with pytest.raises(engine.Expired):
            engine.Session(suite, client, place).token()
    place.chmod(0o644)
    with pytest.raises(engine.Failed):
        engine.Session("https://a.example", "x", place).token()


def test_secrets_do_not_travel_in_the_clear() -> None:
    """Nothing is sent over http, but to one's own machine."""
    for url in ("http://suite.example/", "ftp://suite.example/", "suite.example"):
        with pytest.raises(engine.Failed):
            wire.call(url)
    with pytest.raises(ValueError, match="one stroke"):
        engine.Session("https://a.example", "x", Path("none")).get("//evil.example/")
