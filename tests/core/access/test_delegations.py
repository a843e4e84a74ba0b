"""Roles are passed on for a while, and end with what they came from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import access
from core.access import services
from core.access.demo import World
from core.access.models import Membership
from core.access.rules import Refused
from core.errors import Conflict, Invalid
from tests.core.access.conftest import current, notices_of, role
from tests.core.access.test_changes import SOON


def delegated(world: World, **options: Any) -> Membership:
    """The researcher passes his role on to the monitor."""
    source = current(world.user["researcher"], world.project)
    values = {"roles": list(source.roles.all()), "ends_at": timezone.now() + SOON, "reason": "Congés"} | options
    return services.delegate(world.user["researcher"], source, world.user["monitor"], **values)


def test_a_delegate_acts_until_the_day(world: World) -> None:
    """Who acts in another's place may do what was passed on, is shown as such, and is told; it ends by itself."""
    assert not access.can(world.user["monitor"], "datasets.read_data", world.project)
    passed = delegated(world)
    assert access.can(world.user["monitor"], "datasets.read_data", world.project)
    assert passed.kind == "delegated"
    assert notices_of(world.user["monitor"]) == ["access.role_delegated"]
    assert notices_of(world.user["owner"]) == ["access.role_delegated"]
    Membership.objects.filter(pk=passed.pk).update(starts_at=timezone.now() - SOON, ends_at=timezone.now())
    assert not access.can(world.user["monitor"], "datasets.read_data", world.project)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"ends_at": timezone.now() + timedelta(days=91)}, "out-of-range"),
        ({"ends_at": timezone.now() - SOON}, "out-of-range"),
        ({"roles": []}, "required"),
        ({"reason": " "}, "required"),
    ],
)
def test_faults_of_a_delegation(world: World, options: dict[str, Any], code: str) -> None:
    """90 days at most, with roles and a reason."""
    with pytest.raises(Invalid) as refusal:
        delegated(world, **options)
    assert code in {fault.code for fault in refusal.value.faults}


def test_nobody_passes_on_what_he_does_not_hold(world: World) -> None:
    """Neither a role of somebody else's, nor to a stranger, nor a membership that isn't his, nor what he got so."""
    source, until = current(world.user["researcher"], world.project), timezone.now() + SOON
    for to, key in (("monitor", "manager"), ("stranger", "researcher")):
        with pytest.raises(Invalid):
            services.delegate(world.user["researcher"], source, world.user[to], [role(key)], until, "x")
    passed = delegated(world)
    with pytest.raises(Conflict):
        services.delegate(
            world.user["monitor"], passed, world.user["member"], list(passed.roles.all()), passed.ends_at, "on"
        )
    with pytest.raises(Refused):
        services.delegate(
            world.user["owner"],
            current(world.user["researcher"], world.project),
            world.user["member"],
            [role("researcher")],
            timezone.now() + SOON,
            "not mine",
        )


def test_a_delegation_ends_with_its_source(world: World) -> None:
    """When the one who passed it on leaves, or his membership runs out, the delegate holds nothing of it any more."""
    passed = delegated(world)
    Membership.objects.filter(pk=passed.delegated_from_id).update(
        starts_at=timezone.now() - SOON, ends_at=timezone.now()
    )
    assert not access.can(world.user["monitor"], "datasets.read_data", world.project)
    Membership.objects.filter(pk=passed.delegated_from_id).update(ends_at=None)
    services.end_membership(world.user["owner"], current(world.user["researcher"], world.project))
    passed.refresh_from_db()
    assert passed.ended_by == world.user["owner"]
    assert access.can(world.user["monitor"], "ecrf.read_records", world.project)


def test_a_changed_source_carries_only_what_it_still_holds(world: World) -> None:
    """A delegation goes on where its roles stay, and ends where one is taken away."""
    passed = delegated(world)
    source = current(world.user["researcher"], world.project)
    wider = services.change_membership(world.user["owner"], source, [role("researcher"), role("monitor")])
    passed.refresh_from_db()
    assert passed.delegated_from == wider
    assert access.can(world.user["monitor"], "datasets.read_data", world.project)
    services.change_membership(world.user["owner"], wider, [role("monitor")])
    assert not access.can(world.user["monitor"], "datasets.read_data", world.project)


@pytest.mark.parametrize("who", ["researcher", "monitor", "owner"])
def test_who_ends_a_delegation(world: World, who: str) -> None:
    """Who passed it on, who got it, and who manages the members; nobody else."""
    passed = delegated(world)
    with pytest.raises(Refused):
        services.end_delegation(world.user["member"], passed)
    services.end_delegation(world.user[who], passed)
    assert not access.can(world.user["monitor"], "datasets.read_data", world.project)
