"""How people come in and go out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from core.access import services
from core.access.demo import World
from core.access.models import Invitation, Membership, Project, Role
from core.access.rules import Refused
from core.access.signals import membership_ended
from core.accounts.models import User
from core.audit.models import Event
from core.errors import Conflict, Invalid

Captured = Callable[..., Any]


def role(key: str) -> Role:
    return Role.objects.get(organisation=None, key=key)


def invited(world: World, captured: Captured, email: str, **options: Any) -> str:
    """The secret in the link that an invitation sends to this address."""
    with captured(execute=True):
        services.invite(world.user["owner"], world.project, email, [role("clinician")], **options)
    found = re.search(r"/invitations/([\w-]+)/", mail.outbox[-1].body)
    assert found is not None
    return found[1]


def test_invitation_makes_account_and_membership(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """An invited person makes his account through the link and is a member of the sites he was offered."""
    secret = invited(world, django_capture_on_commit_callbacks, "nouvelle@chu.example", sites=[world.site_b])
    membership = services.accept(secret, None, "Gaëlle Riou", "une phrase longue et sûre")
    assert membership.user.email == "nouvelle@chu.example"
    assert [site.code for site in membership.sites.all()] == ["KER"]
    assert Event.objects.filter(action="access.invitation_accepted", actor_id=membership.user_id).exists()


def test_link_works_once(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """A link that was followed is refused the second time."""
    secret = invited(world, django_capture_on_commit_callbacks, "nouvelle@chu.example")
    services.accept(secret, None, "Gaëlle Riou", "une phrase longue et sûre")
    with pytest.raises(Conflict):
        services.accept(secret, None, "Gaëlle Riou", "une phrase longue et sûre")


def test_link_is_for_the_invited_address(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """Somebody else who is signed in can't take the invitation."""
    secret = invited(world, django_capture_on_commit_callbacks, "nouvelle@chu.example")
    with pytest.raises(Conflict):
        services.accept(secret, world.user["stranger"])


def test_known_address_signs_in_first(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """A link never sets a password on an account that exists."""
    secret = invited(world, django_capture_on_commit_callbacks, world.user["stranger"].email)
    with pytest.raises(Conflict):
        services.accept(secret, None, "Somebody", "une phrase longue et sûre")
    assert services.accept(secret, world.user["stranger"]).project == world.project


def test_expired_or_withdrawn_link_is_refused(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """After a week, or once withdrawn, the link opens nothing."""
    secret = invited(world, django_capture_on_commit_callbacks, "a@chu.example")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not services.open_invitations(secret).exists()
    secret = invited(world, django_capture_on_commit_callbacks, "b@chu.example")
    services.revoke_invitation(world.user["owner"], Invitation.objects.get(email="b@chu.example"))
    assert not services.open_invitations(secret).exists()


def test_link_is_not_kept(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """Who reads the database learns no link."""
    secret = invited(world, django_capture_on_commit_callbacks, "a@chu.example")
    assert secret not in str(Invitation.objects.values().get())


def test_every_fault_is_named(world: World) -> None:
    """An invitation without address, role, site and with a past end is refused with all four faults."""
    with pytest.raises(Invalid) as refusal:
        services.invite(world.user["owner"], world.project, " ", [], [], timezone.now() - timedelta(days=1))
    assert [fault.place for fault in refusal.value.faults] == ["roles", "sites", "ends_at", "email"]


@pytest.mark.parametrize("who", ["member", "researcher", "stranger"])
def test_only_managers_invite(world: World, who: str) -> None:
    """Who doesn't manage the members can't invite."""
    with pytest.raises(Refused):
        services.invite(world.user[who], world.project, "x@chu.example", [role("clinician")])


def test_role_of_organisations_is_not_given_in_a_project(world: World) -> None:
    """The administrator's role can't be slipped into an invitation."""
    with pytest.raises(Invalid):
        services.invite(world.user["owner"], world.project, "x@chu.example", [role("administrator")])


def test_removed_member_is_out_at_his_next_click(
    world: World, client_of: Callable[[str], Client], django_capture_on_commit_callbacks: Captured
) -> None:
    """Removing a member ends his sessions: the browser he has open is a stranger's."""
    browser = client_of("member")
    assert browser.get(world.project.get_absolute_url()).status_code == 200
    membership = Membership.objects.get(user=world.user["member"])
    with django_capture_on_commit_callbacks(execute=True):
        services.end_membership(world.user["owner"], membership, "left the ward")
    answer = browser.get(world.project.get_absolute_url())
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]
    event = Event.objects.get(action="access.member_removed")
    assert (event.reason, event.project_id) == ("left the ward", world.project.pk)


def test_leaving_is_heard(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """The rooms above hear who left which project, once it is committed."""
    heard: list[tuple[User, object]] = []

    def listen(user: User, project: object, **_: object) -> None:
        heard.append((user, project))

    membership_ended.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            services.end_membership(world.user["owner"], Membership.objects.get(user=world.user["researcher"]))
    finally:
        membership_ended.disconnect(listen)
    assert heard == [(world.user["researcher"], world.project)]


def test_a_removal_stands_whatever_else_fails(
    world: World, client_of: Callable[[str], Client], django_capture_on_commit_callbacks: Captured
) -> None:
    """Where what follows a removal fails, the member is out all the same, and the manager gets his answer."""

    def fail(**_signal: object) -> None:
        raise ConnectionError("Valkey is away")

    client, membership = client_of("member"), Membership.objects.get(user=world.user["member"])
    membership_ended.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            services.end_membership(world.user["owner"], membership)
    finally:
        membership_ended.disconnect(fail)
    assert client.get("/").status_code == 302
    assert not Project.objects.visible_to(world.user["member"]).exists()


def test_last_manager_cannot_be_removed(world: World) -> None:
    """A project never loses its last manager of members."""
    with pytest.raises(Conflict):
        services.end_membership(world.user["owner"], Membership.objects.get(user=world.user["owner"]))


def test_project_is_created_by_the_organisations_administrator(world: World) -> None:
    """An administrator creates projects in his organisation; others don't."""
    project = services.create_project(world.user["administrator"], world.organisation, "Étude Delirium")
    assert project.slug == "etude-delirium"
    with pytest.raises(Refused):
        services.create_project(world.user["owner"], world.organisation, "Autre")
    with pytest.raises(Invalid):
        services.create_project(world.user["administrator"], world.organisation, "Étude Delirium")
