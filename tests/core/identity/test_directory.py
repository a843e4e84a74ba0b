"""The directory: the people one works with, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.access.demo import World
from core.access.scope import Limits
from core.accounts.models import User
from core.errors import Conflict, Invalid
from core.identity import profiles
from core.identity.engine.professionals import is_rpps
from core.identity.models import Profile
from core.identity.queries import directory

RPPS = next(f"1000000000{digit}" for digit in range(10) if is_rpps(f"1000000000{digit}"))


def seen(actor: User) -> set[str]:
    return {person.full_name for person in directory(actor)}


def test_who_sees_whom(world: World) -> None:
    """Members of a project see each other; a stranger sees only his own people, and they don't see him."""
    member, stranger = world.user["member"], world.user["stranger"]
    assert {world.user["owner"].full_name, member.full_name} <= seen(member)
    assert stranger.full_name not in seen(member)
    assert not seen(stranger) & {world.user[who].full_name for who in ("owner", "member", "researcher", "monitor")}


def test_who_has_left_is_gone(world: World) -> None:
    """A membership that ended, or an account that was closed, takes a person out; and him who left, everybody."""
    member, owner = world.user["member"], world.user["owner"]
    User.objects.filter(pk=world.user["monitor"].pk).update(is_active=False)
    member.memberships.update(starts_at="1999-01-01T00:00Z", ends_at="2000-01-01T00:00Z")
    assert not {member.full_name, world.user["monitor"].full_name} & seen(owner)
    assert seen(member) == set()


def test_a_token_sees_its_project_alone(world: World) -> None:
    """And nobody, where it doesn't hold the permission to see the members."""
    owner = world.user["owner"]
    owner.limits = Limits(world.project.pk, frozenset({"access.view_members"}))
    assert world.user["member"].full_name in seen(owner)
    owner.limits = Limits(world.project.pk, frozenset({"access.view_project"}))
    assert seen(owner) == set()


def test_search(client_of: Callable[[str], Client], api_of: Callable[[str], APIClient], world: World) -> None:
    """By name, profession, and the name or number of a structure: on the page and over REST."""
    person = world.user["member"]
    profiles.describe(person, "60", RPPS, [("CHU de Brocéliande", "350000741"), ("Maison de santé", "")])
    for words in ("Kerbrat", "brocéliande", "350000741", RPPS):
        page = client_of("owner").get(reverse("identity:directory"), {"q": words})
        assert (person.email in page.text, world.user["monitor"].email in page.text) == (True, False), words
    api = api_of("owner")
    for query in ({"search": "kerbrat"}, {"profession": "60"}, {"structure": "350000741"}):
        [found] = api.get("/api/v1/directory/", query).json()["results"]
        assert (found["rpps"], found["source"], len(found["structures"])) == (RPPS, "self", 2)
    assert api_of("stranger").get(f"/api/v1/directory/{person.pk}/").status_code == 404


def test_the_number_of_queries_does_not_grow(world: World, django_assert_max_num_queries: Any) -> None:
    """However many people there are."""
    for who in ("owner", "member", "monitor"):
        profiles.describe(world.user[who], "60", "", [("CHU", "")])
    with django_assert_max_num_queries(3):
        for person in directory(world.user["owner"]):
            if hasattr(person, "profile"):
                list(person.profile.practices.all())


@pytest.mark.parametrize(
    ("profession", "rpps", "practices"),
    [
        ("60", RPPS[:-1] + str((int(RPPS[-1]) + 1) % 10), []),
        ("60", "١٠٠٠٠٠٠٠٠٠٧", []),
        ("xx", "", []),
        ("60", "", [("CHU", "12")]),
        ("60", "", [(f"Structure {n}", "") for n in range(11)]),
    ],
)
def test_nonsense_is_refused(world: World, profession: str, rpps: str, practices: list[tuple[str, str]]) -> None:
    """A wrong check digit, an unknown profession, a short FINESS number, too many structures."""
    with pytest.raises(Invalid):
        profiles.describe(world.user["member"], profession, rpps, practices)
    assert not Profile.objects.exists()


def test_what_was_checked_stays(world: World) -> None:
    """The person changes what he said himself, and not what Pro Santé Connect said."""
    person = world.user["member"]
    profile = profiles.describe(person, "10", "", [])
    profiles.describe(person, "60", "", [])
    Profile.objects.filter(pk=profile.pk).update(source="psc")
    with pytest.raises(Conflict):
        profiles.describe(person, "10", "", [])


def test_the_page_says_what_one_may_change(client_of: Callable[[str], Client], world: World) -> None:
    """One line a structure; faults are shown at their field."""
    client = client_of("member")
    data = {"profession": "60", "rpps": RPPS, "practices": "CHU de Brocéliande ; 350000741\n\nCabinet"}
    assert client.post(reverse("identity:profile"), data).status_code == 302
    assert Profile.objects.get().practices.count() == 2
    assert client.post(reverse("identity:profile"), {**data, "rpps": "1"}).status_code == 422
