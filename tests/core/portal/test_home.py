"""Home and the pages of projects say what goes on, to whom it may be said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from core import audit
from core.access.demo import World
from core.access.models import Invitation
from core.jobs.models import Job
from core.notices.services import notify
from core.portal import activity
from tests.queries import queries_of

ClientOf = Callable[[str], Client]


def job(world: World, who: str, state: str = "waiting", days: int = 0) -> Job:
    ended = {} if state == "waiting" else {"ended_at": timezone.now() - dt.timedelta(days=days)}
    owner = world.user[who]
    return Job.objects.create(
        task="portal.t", owner=owner, project=world.project, queue="default", state=state, **ended
    )


def test_home_shows_ones_long_work(client_of: ClientOf, world: World) -> None:
    """What goes on and what failed lately is on one's home; others' work, and old failures, are not."""
    mine, his = job(world, "member"), job(world, "owner")
    failed, old = job(world, "member", "failed"), job(world, "member", "failed", days=9)
    page = client_of("member").get("/").content.decode()
    assert [str(each.pk) in page for each in (mine, failed, his, old)] == [True, True, False, False]


def test_home_tells_what_is_new(client_of: ClientOf, world: World) -> None:
    """Unread notices and a waiting invitation are on one's home; the invitation's project is not named."""
    notify([world.user["stranger"]], "inbox.membership_ends", day="2026-12-24")
    Invitation.objects.create(
        email=world.user["stranger"].email,
        project=world.project,
        secret_hash="x",
        invited_by=world.user["owner"],
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    page = client_of("stranger").get("/").content.decode()
    assert "24 déc. 2026" in page.replace("\xa0", " ")
    assert "Camille Le Goff vous invite" in page
    assert world.project.name not in page
    assert "vous invite" not in client_of("member").get("/").content.decode()


@pytest.mark.parametrize(("who", "sees"), [("owner", 2), ("member", 1), ("researcher", 0)])
def test_activity_is_for_who_may_read_it(world: World, who: str, sees: int) -> None:
    """Who reads the audit trail sees everybody's acts, the others their own; what only reads isn't told."""
    for person in ("owner", "member"):
        audit.record(world.user[person], "access.member_invited", project=world.project)
        audit.record(world.user[person], "ecrf.entry_read", project=world.project)
    audit.record(world.user["stranger"], "access.member_invited", project=world.elsewhere)
    assert len(activity.of_project(world.user[who], world.project)) == sees


def test_activity_costs_the_same_however_much_happened(client_of: ClientOf, world: World) -> None:
    """Names are read once for all acts that are shown."""
    client, page = client_of("owner"), world.project.get_absolute_url()
    audit.record(world.user["owner"], "access.member_invited", project=world.project)
    one = queries_of(client, page)
    for _number in range(20):
        audit.record(world.user["member"], "access.member_invited", project=world.project)
    assert queries_of(client, page) == one
    assert "Nolwenn Kerbrat" in client.get(page).content.decode()
