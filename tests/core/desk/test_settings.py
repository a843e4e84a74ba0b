"""Settings: one's own, the same everywhere, written into each page before it is painted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from core.access.demo import World
from core.access.models import Membership
from core.accounts.models import User
from core.desk import services
from core.desk.models import Settings
from core.errors import Invalid

ClientOf = Callable[[str], Client]
CHOSEN = {"language": "en", "theme": "dark", "density": "compact", "start": "portal:home", "less_motion": "on"}


def test_settings_are_in_every_page(client_of: ClientOf, world: World) -> None:
    """What one chose is in the first bytes of the page, so that nothing flickers."""
    client = client_of("member")
    assert client.post("/settings/", CHOSEN).status_code == 303
    start = client.get("/").content.decode().partition("<head>")[0]
    for part in (
        'lang="en"',
        'data-bs-theme="dark"',
        'data-density="compact"',
        'data-motion="less"',
        'data-shortcuts="off"',
    ):
        assert part in start
    assert 'data-density="comfortable"' in client_of("owner").get("/").content.decode()


def test_what_is_not_offered_is_refused(client_of: ClientOf, world: World) -> None:
    """An unknown choice is refused with its place, and nothing is saved."""
    assert client_of("member").post("/settings/", {**CHOSEN, "theme": "pink"}).status_code == 422
    assert client_of("member").post("/settings/", {**CHOSEN, "start": "project"}).status_code == 422
    with pytest.raises(Invalid):
        services.change_settings(world.user["member"], start="project", start_project=world.elsewhere)
    assert not Settings.objects.exists()


def test_one_begins_where_one_chose(client_of: ClientOf, world: World) -> None:
    """After signing in one's project opens, and home once one has left it."""
    member = world.user["member"]
    services.change_settings(member, start="project", start_project=world.project)
    client = client_of("member")
    assert client.get("/start/")["Location"] == world.project.get_absolute_url()
    Membership.objects.filter(user=member).update(starts_at=timezone.now(), ends_at=timezone.now())
    assert client.get("/start/")["Location"] == "/"
    assert client_of("owner").get("/start/")["Location"] == "/"


def test_other_settings_outlive_the_start_project(world: World) -> None:
    """Who has left the project with which he begins changes his colours and declines a tour as before."""
    member = world.user["member"]
    services.change_settings(member, start="project", start_project=world.project)
    Membership.objects.filter(user=member).update(starts_at=timezone.now(), ends_at=timezone.now())
    services.change_settings(member, theme="dark")
    services.see_tour(member, "portal")
    kept = services.settings_of(member)
    assert (kept.theme, kept.tours_seen, kept.start) == ("dark", ["portal"], "project")
    with pytest.raises(Invalid):
        services.change_settings(member, start="project")
    services.change_settings(member, start="portal:home")
    assert services.settings_of(member).start_project is None


def test_settings_over_rest(api_of: Callable[[str], Client], world: World) -> None:
    """An API client reads and changes them; the language stays with the account."""
    api = api_of("member")
    assert api.get("/api/v1/settings/").data["shortcuts"] is True
    assert api.patch("/api/v1/settings/", {"density": "compact"}).data["density"] == "compact"
    assert api.patch("/api/v1/settings/", {"density": "none"}).status_code in (400, 422)
    assert User.objects.get(pk=world.user["member"].pk).language == "fr"
