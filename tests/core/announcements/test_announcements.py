"""Announcements reach everybody for their time; maintenance shuts the suite in words, and opens it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from core.access.demo import World
from core.announcements import services
from core.announcements.models import Announcement, Maintenance
from core.audit.models import Event
from core.errors import Invalid, Refusal

ClientOf = Callable[[str], Client]


@pytest.fixture
def said(world: World) -> Announcement:
    now = timezone.now()
    times = (now - dt.timedelta(minutes=1), now + dt.timedelta(hours=1))
    return services.announce(world.user["administrator"], "Arrêt ce soir", "Stop tonight", "warning", *times)


def test_everybody_reads_it_in_his_language(client_of: ClientOf, said: Announcement) -> None:
    """It stands on every page, also on that by which one signs in, until its end."""
    assert "Arrêt ce soir" in client_of("member").get("/").content.decode()
    assert "Stop tonight" in Client(headers={"accept-language": "en"}).get("/accounts/login/").content.decode()
    Announcement.objects.update(starts_at=timezone.now() - dt.timedelta(days=2), ends_at=timezone.now())
    assert "Arrêt ce soir" not in client_of("member").get("/").content.decode()


def test_one_puts_it_away_for_oneself(client_of: ClientOf, said: Announcement, world: World) -> None:
    """Dismissed, it is shown to the others; changed, it is shown again."""
    member = client_of("member")
    member.post(f"/announcements/{said.pk}/dismiss/")
    assert "Arrêt ce soir" not in member.get("/").content.decode()
    assert "Arrêt ce soir" in client_of("owner").get("/").content.decode()
    services.announce(
        world.user["administrator"], "Arrêt demain", "Tomorrow", "warning", said.starts_at, said.ends_at, said
    )
    assert "Arrêt demain" in member.get("/").content.decode()


def test_what_is_announced_is_whole(world: World) -> None:
    """Both languages and an end that comes after the beginning; every fault at once; administrators alone."""
    now = timezone.now()
    with pytest.raises(Invalid) as refused:
        services.announce(world.user["administrator"], "Arrêt", " ", "loud", now, now - dt.timedelta(hours=1))
    assert {fault.place for fault in refused.value.faults} == {"text_en", "level", "ends_at"}
    with pytest.raises(Refusal):
        services.announce(world.user["owner"], "a", "b", "warning", now, now + dt.timedelta(hours=1))
    with pytest.raises(Refusal):
        services.set_maintenance(world.user["owner"], "shut")


@pytest.fixture
def mode(world: World, django_capture_on_commit_callbacks: Any) -> Callable[..., None]:
    """Set the mode, as it is once that is committed."""

    def mode(name: str, **more: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            services.set_maintenance(world.user["administrator"], name, **more)

    return mode


def test_shut_means_shut(client_of: ClientOf, api_of: Callable[[str], Any], mode: Callable[..., None]) -> None:
    """Members get 503 in words with the time to come back, programs a problem; administrators and machines pass."""
    mode("shut", until=timezone.now() + dt.timedelta(minutes=30))
    page = client_of("member").get("/")
    assert page.status_code == 503
    assert 1700 < int(page["Retry-After"]) <= 1800
    assert "La suite est en maintenance" in page.content.decode()
    problem = api_of("member").get("/api/v1/notices/")
    assert (problem.status_code, problem["Content-Type"]) == (503, "application/problem+json")
    assert client_of("administrator").get("/").status_code == 200
    assert client_of("anonymous").get("/accounts/login/").status_code == 200
    assert client_of("anonymous").get("/healthz").status_code == 200
    mode("off")
    assert client_of("member").get("/").status_code == 200


def test_reading_only(client_of: ClientOf, mode: Callable[..., None]) -> None:
    """Pages are read and say so; what would be saved is refused."""
    mode("reads")
    member = client_of("member")
    assert "rien ne peut être enregistré" in member.get("/").content.decode()
    assert member.post("/notices/read/").status_code == 503
    assert member.post("/session/").status_code == 200


def test_it_is_opened_after_the_end_that_was_told(client_of: ClientOf, mode: Callable[..., None]) -> None:
    """The page opens the suite also when the end that it still shows has gone by."""
    mode("reads", until=timezone.now() + dt.timedelta(minutes=30))
    Maintenance.objects.update(until=timezone.now() - dt.timedelta(minutes=1))
    mode("off", until=timezone.now() - dt.timedelta(minutes=1))
    assert client_of("member").post("/notices/read/").status_code == 303
    with pytest.raises(Invalid):
        mode("shut", until=timezone.now() - dt.timedelta(minutes=1))


def test_the_operator_shuts_it_from_the_console(client_of: ClientOf, world: World) -> None:
    """The command sets, tells and records the mode."""
    out = StringIO()
    call_command("maintenance", "on", "--reads", "--minutes", "30", stdout=out)
    call_command("maintenance", "off", stdout=out)
    call_command("maintenance", "status", stdout=out)
    assert out.getvalue().splitlines()[1:] == ["The suite is open."] * 2
    assert "can only be read, expected until" in out.getvalue()
    assert Event.objects.filter(action="announcements.maintenance_set").count() == 2


def test_every_page_leads_to_the_statements(client_of: ClientOf) -> None:
    """The foot of each page leads to what the suite says of itself, before and after signing in."""
    for who in ("anonymous", "member"):
        page = client_of(who).get("/accessibility/").content.decode()
        assert "RGAA" in page
        assert 'href="/privacy/"' in page


def test_what_is_said_of_sessions_is_what_is_set(client_of: ClientOf, settings: Settings) -> None:
    """The page on personal data names both ends of a session as the instance has them."""
    settings.SESSION_COOKIE_AGE, settings.SESSION_LONGEST = 20 * 60, 9 * 3600
    page = client_of("anonymous").get("/privacy/").content.decode()
    assert "20 minutes" in page
    assert "9 heures" in page
