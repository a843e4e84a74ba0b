"""The portal's own pages: each person finds what is his, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from core import tool
from core.access.demo import World
from core.access.models import Membership, Project, Role
from core.audit.models import Event
from core.portal import home as portal_home
from core.portal import navigation
from core.portal import search as portal_search
from core.portal.home import Card
from tests.queries import queries_of

ClientOf = Callable[[str], Client]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Let one tool alone speak, with these answers."""

    def only(label: str, **answers: str) -> tool.ToolConfig:
        for config in tool.tools():
            for question in ("dashboard", "search"):
                monkeypatch.setattr(config, question, answers.get(question, "") if config.label == label else "")
            if config.label == label:
                monkeypatch.setattr(config, "needs", "access.view_project")
        return next(config for config in tool.tools() if config.label == label)

    return only


def waiting(actor: object, projects: list[Project]) -> list[Card]:
    [project] = projects
    return [
        Card(project, "entries to check", "/entries/", count=3),
        Card(project, "export failed", "/export/", state="failed"),
    ]


def failing(*args: object) -> list[Any]:
    raise RuntimeError("the tool is broken")


@pytest.mark.parametrize(
    ("who", "project"), [("owner", "Étude Sepsis"), ("member", "Étude Sepsis"), ("stranger", "Registre AVC")]
)
def test_home_shows_ones_own_projects(client_of: ClientOf, who: str, project: str) -> None:
    """Home lists the projects one is a member of and no other."""
    page = client_of(who).get("/").content.decode()
    assert project in page
    assert ({"Étude Sepsis", "Registre AVC"} - {project}).pop() not in page


def test_home_is_for_those_who_signed_in(client_of: ClientOf) -> None:
    """Who has not signed in is asked to."""
    response = client_of("anonymous").get("/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/"


def test_home_puts_failures_first(client_of: ClientOf, only: Callable[..., Any]) -> None:
    """What needs me is gathered from the tools, failures before the rest."""
    only("ecrf", dashboard=f"{__name__}.waiting")
    page = client_of("owner").get("/").content.decode()
    assert page.index("export failed") < page.index("entries to check")


def test_a_broken_tool_takes_nothing_down(
    client_of: ClientOf, only: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A tool whose answer fails is shown as failed, in the log with its trace, and the page stands."""
    only("ecrf", dashboard=f"{__name__}.failing", search=f"{__name__}.failing")
    client = client_of("owner")
    page = client.get("/")
    assert page.status_code == 200
    assert "state-failed" in page.content.decode()
    assert client.get("/search/?q=sepsis").status_code == 200
    assert "the tool is broken" in caplog.text


def test_a_tool_is_asked_only_where_one_may_use_it(world: World, only: Callable[..., Any]) -> None:
    """A tool tells nothing of a project in which one may not open it."""
    config = only("ecrf", dashboard=f"{__name__}.waiting")
    assert len(portal_home.cards_of(world.user["owner"], [world.project])) == 2
    config.needs = "audit.verify_journal"
    assert portal_home.cards_of(world.user["member"], [world.project]) == []


def test_home_costs_the_same_however_many_projects(world: World, client_of: ClientOf) -> None:
    """Each tool is asked once for all projects of a person, not once for each."""
    client, manager = client_of("owner"), Role.objects.get(organisation=None, key="manager")
    one = queries_of(client, "/")
    for number in range(10):
        project = Project.objects.create(organisation=world.organisation, slug=f"p{number}", name=f"Projet {number}")
        Membership.objects.create(user=world.user["owner"], project=project).roles.add(manager)
    assert queries_of(client, "/") <= one + 2
    assert "Projet 9" in client.get("/").content.decode()


def test_recent_things_are_those_one_may_still_see(world: World) -> None:
    """What I worked on last leads back to it, until I may see it no longer."""
    owner, stranger = world.user["owner"], world.user["stranger"]
    for person in (owner, stranger):
        Event.objects.create(
            actor_id=person.pk, action="access.project_changed", object_type="access.project",
            object_id=str(world.project.pk), channel="page",
        )  # fmt: skip
    assert [each.name for each in portal_home.recent(owner)] == ["Étude Sepsis"]
    assert portal_home.recent(stranger) == []


@pytest.mark.parametrize(("who", "found"), [("owner", True), ("member", True), ("stranger", False)])
def test_search_finds_only_what_one_may_see(client_of: ClientOf, who: str, found: bool) -> None:
    """A project is found by its members and by nobody else."""
    page = client_of(who).get("/search/?q=sepsis").content.decode()
    assert (f'href="{reverse("access:project", args=["etude-sepsis"])}"' in page) is found


def test_one_letter_is_not_searched(world: World) -> None:
    """A search needs two letters."""
    assert portal_search.search(world.user["owner"], "s") == []


def test_the_palette_lists_the_rooms_of_this_project(client_of: ClientOf, world: World) -> None:
    """Without a word the palette leads to the rooms of the project one is in; a stranger's project gives nothing."""
    address = f"/search/places/?project={world.project.slug}"
    assert reverse("access:members", args=[world.project.slug]) in client_of("owner").get(address).content.decode()
    assert world.project.slug not in client_of("stranger").get(address).content.decode()


@pytest.mark.parametrize(("who", "journal"), [("owner", True), ("member", False)])
def test_navigation_names_only_what_one_may_open(world: World, who: str, journal: bool) -> None:
    """A room that one may not open is not in the navigation of the project."""
    keys = {link.key for link in navigation.of_project(world.user[who], world.project)}
    assert ("audit" in keys) is journal
    assert "members" in keys


def test_every_tool_and_room_has_its_first_page(world: World) -> None:
    """No tool or room declares a first page that doesn't exist."""
    homes = [config.home for config in tool.tools()] + [page.home for page in tool.pages(tool.Place.PROJECT)]
    assert [home for home in homes if not navigation.address(home, world.project)] == []


def test_language_stays_with_the_person(client_of: ClientOf, world: World) -> None:
    """The language chosen is kept with the account and followed on the next page."""
    client = client_of("member")
    response = client.post("/language/", {"language": "en", "next": "/search/"})
    assert response["Location"] == "/search/"
    assert type(world.user["member"]).objects.get(pk=world.user["member"].pk).language == "en"
    assert '<html lang="en"' in client.get("/").content.decode()


def test_language_of_who_has_not_signed_in_is_kept_here(client_of: ClientOf) -> None:
    """Before signing in, the language is kept by the browser."""
    client = client_of("anonymous")
    client.post("/language/", {"language": "en"})
    assert '<html lang="en"' in client.get("/accounts/login/").content.decode()


def test_language_leads_nowhere_else(client_of: ClientOf) -> None:
    """A crafted address doesn't lead out of the suite, and an unknown language is refused."""
    client = client_of("anonymous")
    assert client.post("/language/", {"language": "fr", "next": "https://evil.example/"})["Location"] == "/"
    assert client.post("/language/", {"language": "tlh"}).status_code == 422


def test_session_says_who_and_how_long(client_of: ClientOf, world: World) -> None:
    """A page may ask whether one is still signed in; staying longer is a POST."""
    client = client_of("owner")
    state = client.get("/session/").json()
    assert state["user"] == str(world.user["owner"].pk)
    assert 0 < state["seconds_left"] <= 30 * 60
    assert client.post("/session/").json()["seconds_left"] > 29 * 60
    assert client_of("anonymous").get("/session/").status_code == 401


def test_a_fragment_is_not_answered_with_the_sign_in_page(client_of: ClientOf) -> None:
    """Where the session has ended, htmx gets 401, which the page turns into a dialog."""
    response = client_of("anonymous").get("/search/", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["X-Session"] == "ended"
    assert response.content == b""


@override_settings(DEBUG=False)
def test_what_is_not_there_says_so_in_words(client_of: ClientOf) -> None:
    """A wrong address gets a page in the reader's language with a reference for support."""
    response = client_of("owner").get("/nowhere/")
    page = response.content.decode()
    assert response.status_code == 404
    assert "Il n’y a rien ici" in page
    assert response["X-Request-ID"] in page


@pytest.mark.parametrize("path", ["/", "/style-guide/", "/search/?q=sepsis", "/accounts/2fa/", "/accounts/sessions/"])
def test_pages_hold_nothing_that_the_content_policy_refuses(client_of: ClientOf, path: str) -> None:
    """No page has inline script, style or handlers, and the policy has no unsafe word."""
    response = client_of("owner").get(path)
    page = response.content.decode()
    assert response.status_code == 200
    for inline in (' style="', "<style", "javascript:", " onclick=", " onload="):
        assert inline not in page
    assert all("src=" in part.split(">")[0] for part in page.split("<script")[1:])
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


def test_home_asks_no_more_for_more_people(client_of: ClientOf, django_assert_max_num_queries: Any) -> None:
    """Home stays within a fixed number of queries for one project."""
    client = client_of("owner")
    client.get("/")
    with django_assert_max_num_queries(45):
        client.get("/")
