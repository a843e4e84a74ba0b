"""The SQL of access says what the querysets say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core import tool
from core.access import granted
from core.access.demo import World
from core.access.models import Membership, Project, Site

PEOPLE = ("owner", "member", "researcher", "administrator", "stranger")
CODES = ("access.view_project", "access.manage_members", "ecrf.read_records", "access.manage_organisation")


@pytest.fixture(params=["as made", "begins tomorrow", "has ended", "ends tomorrow", "passed on", "of one that ended"])
def memberships(request: pytest.FixtureRequest, world: World) -> World:
    """The demo's memberships, each with these dates, or passed on from another with them."""
    now = timezone.now()
    tomorrow, yesterday = now + timedelta(days=1), now - timedelta(days=1)
    every = Membership.objects.all()
    every.update(starts_at=now - timedelta(days=9))
    match request.param:
        case "begins tomorrow":
            every.update(starts_at=tomorrow)
        case "has ended":
            every.update(ends_at=yesterday)
        case "ends tomorrow":
            every.update(ends_at=tomorrow)
        case "passed on" | "of one that ended" as how:
            source = Membership.objects.create(
                user=world.user["owner"],
                project=world.project,
                starts_at=now - timedelta(days=9),
                ends_at=yesterday if how == "of one that ended" else None,
            )
            every.exclude(pk=source.pk).update(kind="delegated", delegated_from=source, ends_at=tomorrow)
    return world


@pytest.mark.parametrize("code", CODES)
def test_the_text_and_the_querysets_agree(memberships: World, code: str) -> None:
    """For each person the same projects and sites, whatever the dates and wherever a membership comes from."""
    assert code in tool.permissions()
    for who in PEOPLE:
        person = memberships.user[who]
        rows = Membership.objects.active().granting(code).filter(user=person)
        whole = rows.filter(all_sites=True)
        own = Project.objects.filter(pk__in=rows.values("project"))
        by_office = Project.objects.filter(organisation__in=rows.values("organisation"))
        assert set(Project.objects.filter(pk__in=granted.projects(person, code))) == {*own, *by_office}
        assert set(Project.objects.filter(pk__in=granted.projects(person, code, by_office=False))) == set(own)
        assert set(Project.objects.filter(pk__in=granted.projects(person, code, whole=True, by_office=False))) == set(
            Project.objects.filter(pk__in=whole.values("project"))
        )
        assert set(Site.objects.filter(pk__in=granted.sites(person, code))) == set(
            Site.objects.filter(memberships__in=rows)
        )


def test_the_memberships_of_the_demo_open_something(world: World) -> None:
    """So that the comparison above compares more than nothing with nothing."""
    assert Project.objects.filter(pk__in=granted.projects(world.user["administrator"], "access.view_project")).exists()
    assert Site.objects.filter(pk__in=granted.sites(world.user["member"], "access.view_project")).exists()
