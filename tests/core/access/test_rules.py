"""Who may do what, where and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from core import access, tool
from core.access import roles
from core.access.demo import World
from core.access.models import Membership, Project, Site
from core.access.rules import Refused
from core.access.scope import Limits

WHOLE = "access.manage_members"


@pytest.mark.parametrize(
    ("who", "may"),
    [("owner", True), ("member", False), ("researcher", False), ("administrator", True), ("stranger", False)],
)
def test_managing_members(world: World, who: str, may: bool) -> None:
    """Members are managed by the project's manager and its organisation's administrator, and by nobody else."""
    assert access.can(world.user[who], WHOLE, world.project) is may


def test_nobody_may_do_nothing(world: World) -> None:
    """Who has not signed in sees no project and holds no permission."""
    assert not access.can(AnonymousUser(), "access.view_project", world.project)
    assert not Project.objects.visible_to(AnonymousUser()).exists()


def test_site_member_sees_his_site(world: World) -> None:
    """A member of one site sees that site of the project and not the other."""
    assert list(Site.objects.visible_to(world.user["member"])) == [world.site_a]
    assert access.can(world.user["member"], "access.view_project", world.project, world.site_a)
    assert not access.can(world.user["member"], "access.view_project", world.project, world.site_b)


def test_site_member_cannot_do_what_is_not_divided(world: World) -> None:
    """A permission on the whole project doesn't count in a membership for one site."""
    membership = Membership.objects.get(user=world.user["member"])
    membership.roles.add(*Membership.objects.get(user=world.user["owner"]).roles.all())
    assert not access.can(world.user["member"], WHOLE, world.project)
    assert not Project.objects.visible_to(world.user["member"], WHOLE).exists()


def test_membership_counts_between_its_dates(world: World) -> None:
    """Before its start and from its end on a membership opens nothing."""
    now = timezone.now()
    membership = Membership.objects.filter(user=world.user["researcher"])
    assert access.can(world.user["researcher"], "access.view_project", world.project)
    membership.update(starts_at=now + timedelta(days=1))
    assert not access.can(world.user["researcher"], "access.view_project", world.project)
    membership.update(starts_at=now - timedelta(days=2), ends_at=now - timedelta(seconds=1))
    assert not access.can(world.user["researcher"], "access.view_project", world.project)


def test_inactive_account_opens_nothing(world: World) -> None:
    """A deactivated account loses everything at once."""
    owner = world.user["owner"]
    owner.is_active = False
    assert not access.can(owner, "access.view_project", world.project)
    assert not Project.objects.visible_to(owner).exists()


def test_unseen_is_404(world: World) -> None:
    """What one may not see isn't there, and neither is what has no such name."""
    for who, slug in (("stranger", world.project.slug), ("owner", "nowhere")):
        with pytest.raises(Http404):
            access.fetch(Project.objects, world.user[who], slug=slug)
    with pytest.raises(Http404):
        access.fetch(Site.objects, world.user["owner"], pk="not-a-key")


def test_refusal_names_what_was_refused(world: World) -> None:
    """What one may see but not do raises Refused with the permission that is missing."""
    with pytest.raises(Refused) as refusal:
        access.require(world.user["member"], WHOLE, world.project)
    assert refusal.value.permission == WHOLE


def test_token_never_opens_more_than_its_owner_may(world: World) -> None:
    """A token keeps to its project and its permissions, and to what its owner holds."""
    owner = world.user["owner"]
    owner.limits = Limits(world.project.pk, frozenset({"access.view_project", "access.create_project"}))
    assert access.abilities(owner, world.project) == {"access.view_project"}
    owner.limits = Limits(world.elsewhere.pk, frozenset({"access.view_project"}))
    assert not access.abilities(owner, world.project)
    assert not Project.objects.visible_to(owner).exists()


def test_organisation_roles_open_no_health_data() -> None:
    """No role of organisations holds a permission on health data."""
    registered = tool.permissions()
    for key in roles.OF_ORGANISATIONS:
        assert not [code for code in roles.matrix()[key] if registered[code].health_data]


def test_rights_cost_the_same_however_many_members(world: World, django_assert_num_queries: object) -> None:
    """One query tells all that a person may do in a project."""
    owner = world.user["owner"]
    with django_assert_num_queries(1):  # type: ignore[operator]
        access.abilities(owner, world.project)


def test_a_manager_gives_the_roles_of_those_who_work() -> None:
    """Nobody gives what he doesn't hold, so the built-in manager holds all that clinicians and researchers do."""
    granted = roles.matrix()
    assert set(granted["clinician"]) | set(granted["researcher"]) <= set(granted["manager"])
