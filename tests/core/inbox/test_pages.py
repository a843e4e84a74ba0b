"""The bell and the list: each person reads what he was told, and goes where he still may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from core import tool
from core.access.demo import World
from core.access.models import Membership
from core.accounts.models import User
from core.inbox.apps import InboxConfig
from core.inbox.telling import Teller, described
from core.notices import services
from core.notices.models import Choice, Notice
from core.notices.services import notify
from tests.queries import queries_of

ClientOf = Callable[[str], Client]


def tell(world: World, who: str = "member", **more: Any) -> Notice:
    details = {"day": "2026-12-24"} | more.pop("details", {})
    [notice] = notify([world.user[who]], "inbox.membership_ends", project=world.project, **more, **details)
    return notice


def test_a_notice_is_told_in_the_readers_language(client_of: ClientOf, world: World) -> None:
    """The page says what happened, on which day, in which project, and leads there."""
    notice = tell(world, url=world.project.get_absolute_url())
    page = client_of("member").get("/notices/").content.decode()
    assert "24 déc. 2026" in page.replace("\xa0", " ")
    assert "Étude Sepsis" in page
    assert f'href="/notices/{notice.pk}/"' in page
    User.objects.filter(pk=world.user["member"].pk).update(language="en")
    page = client_of("member").get("/notices/").content.decode()
    assert "Your access ends on 24 Dec 2026" in page.replace("\xa0", " ")


def test_a_link_leads_only_where_one_may_still_go(world: World) -> None:
    """Who has left the project, or the role that a page needs, is told without a link and without its name."""
    slug, member = world.project.slug, world.user["member"]
    notices = [
        tell(world, url=f"/projects/{slug}/members/"),
        tell(world, url=f"/projects/{slug}/audit/"),
        tell(world, url="/instance/audit/"),
        tell(world, url="/nowhere/"),
    ]
    teller = Teller(member)
    teller.learn(notices)
    assert [bool(teller.url(notice)) for notice in notices] == [True, False, False, False]
    Membership.objects.filter(user=member).update(ends_at=world.project.created_at, starts_at=world.project.created_at)
    teller = Teller(member)
    teller.learn(notices)
    assert [teller.url(notice) for notice in notices] == [""] * 4
    assert teller.project(notices[0]) is None


def test_the_list_costs_the_same_however_many_notices(client_of: ClientOf, world: World) -> None:
    """Names and rights are read once for the whole page."""
    client, url = client_of("member"), f"/projects/{world.project.slug}/members/"
    tell(world, url=url)
    one = queries_of(client, "/notices/")
    for _number in range(20):
        tell(world, url=url)
    assert queries_of(client, "/notices/") == one


def test_none_is_not_one(client_of: ClientOf, world: World) -> None:
    """French says «une» for none too: where all are read, that is said."""
    assert "Toutes sont lues." in client_of("owner").get("/notices/").content.decode()
    notify([world.user["owner"]], "inbox.invited")
    assert "Une n’est pas lue." in client_of("owner").get("/notices/").content.decode()


def test_reading_and_undoing(client_of: ClientOf, world: World) -> None:
    """One or all are marked as read, and what was marked by mistake is unread again, without what was read before."""
    client, before, first, second = client_of("member"), tell(world), tell(world), tell(world)
    client.post(f"/notices/{before.pk}/read/")
    answer = client.post("/notices/read/")
    assert services.of(world.user["member"]).filter(read_at=None).count() == 0
    page = client.get(answer["Location"])
    assert 'name="marked"' in page.content.decode()
    client.post("/notices/unread/", {"marked": page.context["undo"]})
    assert set(services.of(world.user["member"]).filter(read_at=None)) == {first, second}


def test_the_bell_counts_what_is_not_read(client_of: ClientOf, world: World) -> None:
    """The bell says how many there are; opening what a notice tells of is reading it."""
    client, url = client_of("member"), f"/projects/{world.project.slug}/members/"
    tell(world, url=url)
    tell(world)
    assert "2 non lues" in client.get("/notices/bell/").content.decode()
    assert '<span class="bell-count" aria-hidden="true">1</span>' in client.get(url).content.decode()
    assert services.of(world.user["member"]).filter(read_at=None).count() == 1


def test_what_one_does_not_wish_to_see_is_not_shown(client_of: ClientOf, world: World) -> None:
    """A kind that one has turned off is in no page, unless it is urgent."""
    Choice.objects.create(user=world.user["member"], kind="inbox.membership_ends", shown=False, in_digest=False)
    tell(world)
    assert services.of(world.user["member"]).count() == 0
    tell(world, urgent=True)
    assert services.of(world.user["member"]).get().at_once


def test_choices_are_saved_and_recorded(client_of: ClientOf, world: World) -> None:
    """Each kind has its ways, the summary its hour; an hour that isn't one is refused in words."""
    client = client_of("member")
    client.post("/notices/settings/", {"every": "week", "hour": 7, "weekday": 2, "at_once:inbox.invited": "on"})
    choice = Choice.objects.get(user=world.user["member"], kind="inbox.invited")
    assert (choice.shown, choice.in_digest, choice.at_once) == (False, False, True)
    refused = client.post("/notices/settings/", {"every": "week", "hour": 25, "weekday": 2})
    assert refused.status_code == 422


def test_the_api_tells_and_marks(api_of: Callable[[str], APIClient], world: World) -> None:
    """An API client reads notices in words, marks them, and chooses how to be told; bad choices are named."""
    notice, api = tell(world, url=world.project.get_absolute_url()), api_of("member")
    [found] = api.get("/api/v1/notices/?unread=true").data["results"]
    assert (found["project"], found["url"]) == (world.project.slug, world.project.get_absolute_url())
    assert api.post(f"/api/v1/notices/{notice.pk}/read/").data["read_at"]
    assert api.get("/api/v1/notices/?unread=true").data["results"] == []
    changed = api.patch("/api/v1/notices/choices/", {"every": "never", "kinds": {"inbox.invited": ["shown"]}})
    assert (changed.data["every"], changed.data["kinds"]["inbox.invited"]) == ("never", ["shown"])
    assert api.patch("/api/v1/notices/choices/", {"kinds": {"nothing.known": []}}).status_code == 422


def test_every_declared_kind_has_a_sentence(world: World) -> None:
    """What a room declares can be said, with or without its details."""
    assert all(described(kind) for kind in tool.notices())
    assert set(InboxConfig.notices) <= set(tool.notices())
