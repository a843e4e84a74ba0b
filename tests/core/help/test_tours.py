"""Guided tours: offered once to each person, of what he may open, and pointing at what is really there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from core import access, tool
from core.access.demo import World
from core.desk import services
from core.desk.models import Settings
from core.errors import Invalid
from core.help import tours
from tests.walk import routes

ClientOf = Callable[[str], Client]
INSIDE = ("owner", "member", "researcher", "monitor", "administrator")
OFFER = "data-tour-offer"
MAKERS = ("ecrf:entry", "backup:plan", "lowcode:analysis")
"""Routes whose arguments make what the tours point at."""


def test_each_tool_has_a_tour_of_a_few_steps() -> None:
    """Four to seven steps for each tool and for the whole suite, on no more than a few pages."""
    found = tool.tours()
    assert {*found} == {"portal", *(config.label for config in tool.tools())}
    assert {app: len(steps) for app, steps in found.items() if not 4 <= len(steps) <= 7} == {}


def test_every_step_points_at_something(client_of: ClientOf, world: World) -> None:
    """Each target is on its page for somebody of the demo; of a tour that a person may begin he is shown some steps."""
    for route in routes():
        if route.name in MAKERS:
            route.args(world)
    seen = set()
    for who in INSIDE:
        client, held = client_of(who), access.abilities(world.user[who], world.project)
        for app in ("portal", *(config.label for config in tool.tools() if config.needs in held)):
            steps = tours.steps(world.user[who], app, world.project)
            pages = {page: client.get(page).content.decode() for page in {step["page"] for step in steps}}
            shown = {each["target"] for each in steps if f'data-tour="{each["target"]}"' in pages[each["page"]]}
            seen |= {(app, target) for target in shown}
            assert len(shown) >= 2, (who, app)
    assert seen == {(app, step.target) for app, steps in tool.tours().items() for step in steps}


def test_a_tour_is_offered_until_it_is_answered(client_of: ClientOf, world: World) -> None:
    """Offered where it begins and nowhere else, to each by himself; once begun or declined, never again."""
    home = reverse("ecrf:home", args=[world.project.slug])
    client = client_of("member")
    assert OFFER in client.get(home).content.decode()
    assert OFFER not in client.get(reverse("ecrf:forms", args=[world.project.slug])).content.decode()
    for _twice in range(2):
        assert client.post(reverse("help:tour_seen", args=["ecrf"])).status_code == 204
    assert Settings.objects.get().tours_seen == ["ecrf"]
    page = client.get(home).content.decode()
    assert OFFER not in page
    assert "data-start-tour" in page  # in the help
    assert OFFER in client.get("/").content.decode()
    assert OFFER in client_of("owner").get(home).content.decode()


def test_a_tour_leads_only_where_one_may_go(client_of: ClientOf, world: World) -> None:
    """Steps on pages that a person may not open are left out; of a project that isn't his own he learns nothing."""
    address = reverse("help:tour", args=["prescriptions"])
    ask = {"project": world.project.slug}
    assert len(client_of("researcher").get(address, ask).json()["steps"]) == 5
    assert len(client_of("monitor").get(address, ask).json()["steps"]) == 2
    assert client_of("stranger").get(address, ask).json() == {"steps": []}
    assert client_of("member").get(reverse("help:tour", args=["nothing"])).status_code == 404
    assert client_of("member").post(reverse("help:tour_seen", args=["nothing"])).status_code == 404


def test_tours_seen_over_rest(api_of: Callable[[str], Client], world: World) -> None:
    """An API client declines tours, and offers them again; one that doesn't exist is refused."""
    api = api_of("member")
    for seen in (["ecrf", "portal"], []):
        assert api.patch("/api/v1/settings/", {"tours_seen": seen}).json()["tours_seen"] == seen
    with pytest.raises(Invalid):
        services.change_settings(world.user["member"], tours_seen=["nothing"])
