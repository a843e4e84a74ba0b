"""How people come in and go out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import access
from core.access import services
from core.access.demo import World
from core.access.models import Invitation, Membership, Project
from core.access.rules import Refused
from core.access.signals import membership_ended
from core.accounts.models import User
from core.api.services import create_token
from core.audit.models import Event
from core.errors import Conflict, Invalid
from tests.core.access.conftest import LONG, role

Captured = Callable[..., Any]


def invited(world: World, captured: Captured, email: str, by: str = "owner", **options: Any) -> str:
    """The secret in the link that an invitation sends to this address."""
    with captured(execute=True):
        services.invite(world.user[by], world.project, email, [role("clinician")], **options)
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


def test_a_removal_stands_where_nobody_can_be_told(
    world: World, client_of: Callable[[str], Client], django_capture_on_commit_callbacks: Captured, settings: Any
) -> None:
    """Without Valkey the member is out all the same, his token with him, and the manager gets his answer."""
    settings.CHANNEL_LAYERS = {"default": {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": ["unix:///none"]}}}
    client, member = client_of("member"), world.user["member"]
    until = timezone.now() + timedelta(days=1)
    token, _text = create_token(member, world.project, "script", ["access.view_project"], until)
    with django_capture_on_commit_callbacks(execute=True):
        services.end_membership(world.user["owner"], Membership.objects.get(user=member))
    assert client.get("/").status_code == 302
    assert not Project.objects.visible_to(member).exists()
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_who_was_removed_finds_no_way_back(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """Invitations sent to him, or by him, end with his membership."""
    owner, researcher = world.user["owner"], world.user["researcher"]
    membership = Membership.objects.get(user=researcher)
    membership.roles.add(role("manager"))
    secrets = [
        invited(world, django_capture_on_commit_callbacks, "friend@chu.example", by="researcher"),
        invited(world, django_capture_on_commit_callbacks, researcher.email),
    ]
    services.end_membership(owner, membership)
    assert not any(services.open_invitations(secret).exists() for secret in secrets)
    assert Event.objects.filter(action="access.invitation_revoked", actor_id=owner.pk).count() == 2


def test_who_may_no_longer_invite_has_invited_nobody(
    world: World, django_capture_on_commit_callbacks: Captured
) -> None:
    """The link opens nothing once the membership of its sender has run out."""
    secret = invited(world, django_capture_on_commit_callbacks, "late@chu.example")
    Membership.objects.filter(user=world.user["owner"]).update(ends_at=timezone.now())
    with pytest.raises(Conflict):
        services.accept(secret, None, "Late", "une phrase longue et sûre")


def test_a_manager_of_one_site_is_not_the_last_manager(world: World) -> None:
    """Who can't manage members, for lack of the whole project or of an open account, doesn't count among those left."""
    part = Membership.objects.create(user=world.user["monitor"], project=world.project, all_sites=False)
    part.roles.add(role("manager"))
    part.sites.add(world.site_a)
    with pytest.raises(Conflict):
        services.end_membership(world.user["owner"], Membership.objects.get(user=world.user["owner"]))


def test_access_until_a_day_includes_it(world: World, client_of: Callable[[str], Client]) -> None:
    """Somebody invited until the 30th may still work on the 30th."""
    form = {"email": "x@chu.example", "roles": [role("researcher").pk], "ends_at": "2030-11-30"}
    client_of("owner").post(reverse("access:invite", args=[world.project.slug]), form)
    end = timezone.localtime(Invitation.objects.get().membership_ends_at)
    assert (end.day, end.hour, end.minute) == (30, 23, 59)


def test_an_address_that_is_too_long_is_refused(
    world: World, client_of: Callable[[str], Client], api_of: Callable[[str], APIClient]
) -> None:
    """Where it was entered, with the longest that is kept."""
    form = {"email": LONG, "roles": [role("researcher").pk]}
    answer = client_of("owner").post(reverse("access:invite", args=[world.project.slug]), form)
    assert answer.status_code == 422
    assert "254" in answer.content.decode()
    form = {"name": "CHU de Lesneven", "administrator": LONG}
    assert client_of("administrator").post(reverse("access:create_organisation"), form).status_code == 422
    body = {"project": world.project.slug, "email": LONG, "roles": ["researcher"]}
    assert api_of("owner").post(reverse("api:access:invitation-list"), body).json()["errors"][0]["place"] == "email"
    made = api_of("administrator").post(reverse("api:access:organisation-list"), form)
    assert made.json()["errors"][0]["place"] == "administrator"
    assert not Invitation.objects.exists()


def test_who_is_removed_is_out_whatever_he_was(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """A person who was invited twice has two memberships; removed, he has none."""
    member, owner = world.user["member"], world.user["owner"]
    services.accept(invited(world, django_capture_on_commit_callbacks, member.email), member)
    first, second = Membership.objects.filter(user=member, project=world.project).order_by("created_at")
    services.end_membership(owner, first)
    second.refresh_from_db()
    assert second.ends_at is not None
    assert second.ended_by == owner
    assert not access.can(member, "access.view_project", world.project)
    assert Event.objects.filter(action="access.member_removed", details__member=str(member.pk)).count() == 2


def test_two_memberships_of_the_last_manager(world: World) -> None:
    """Who manages alone isn't removed, even if he holds two memberships."""
    owner = world.user["owner"]
    first = Membership.objects.get(user=owner, project=world.project)
    second = Membership.objects.create(user=owner, project=world.project)
    second.roles.set(first.roles.all())
    with pytest.raises(Conflict):
        services.end_membership(owner, first)


def test_an_invitation_ends_with_what_it_offers(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """Once the day is over until which access was offered, the link opens nothing."""
    secret = invited(world, django_capture_on_commit_callbacks, "a@chu.example")
    Invitation.objects.update(membership_ends_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(Conflict):
        services.accept(secret, None, "Gaëlle Riou", "une phrase longue et sûre")


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
