"""What changes for members: roles, delegations, requests to join, invitations sent again; and the last manager."""

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
from core.access import queries, services
from core.access.demo import World, build
from core.access.models import Invitation, JoinRequest, Membership, Role
from core.access.rules import Refused
from core.access.services import invitations
from core.access.services.members import history, managers
from core.access.services.roles import Draft
from core.api import services as tokens
from core.audit.models import Event
from core.errors import Conflict, Invalid
from tests.core.access.conftest import current, notices_of, role
from tests.race import race

Captured = Callable[..., Any]
SOON = timedelta(days=10)


def test_a_change_keeps_what_was(world: World) -> None:
    """The former membership ends and another follows it: both, and who gave them, are told for ever."""
    owner, former = world.user["owner"], current(world.user["researcher"], world.project)
    changed = services.change_membership(owner, former, [role("clinician")], [world.site_a], None, "new post")
    former.refresh_from_db()
    assert former.ends_at is not None
    assert [each.key for each in former.roles.all()] == ["researcher"]
    assert (changed.follows, changed.given_by, changed.reason) == (former, owner, "new post")
    assert changed.member_since == former.member_since
    assert history(changed) == [changed, former]
    assert access.can(world.user["researcher"], "ecrf.save_records", world.project, world.site_a)
    assert not access.can(world.user["researcher"], "datasets.read_data", world.project)
    event = Event.objects.get(action="access.member_changed")
    assert (event.details["former"], event.details["roles"]) == (["researcher"], ["clinician"])
    assert notices_of(world.user["researcher"]) == ["access.member_changed"]


def test_who_gains_keeps_his_tokens_and_who_loses_makes_new_ones(world: World) -> None:
    """A token lives through a change that takes nothing away, and ends with one that does."""
    user, owner = world.user["researcher"], world.user["owner"]
    until = timezone.now() + SOON
    _token, text = tokens.create_token(user, world.project, "x", ["access.view_project"], until)
    wider = services.change_membership(
        owner, current(user, world.project), [role("researcher"), role("monitor")], None, None
    )
    assert tokens.find(text) is not None
    services.change_membership(owner, wider, [role("monitor")], None, None)
    assert tokens.find(text) is None


def test_a_change_to_the_same_is_none(world: World) -> None:
    """Saving what is already so ends nothing and records nothing."""
    membership = current(world.user["researcher"], world.project)
    same = services.change_membership(world.user["owner"], membership, [role("researcher")], None, None)
    assert same == membership
    assert not Event.objects.filter(action="access.member_changed").exists()


def test_nobody_gives_more_than_he_may_do(world: World) -> None:
    """A manager who isn't data controller makes nobody controller, himself neither; the administrator may."""
    services.change_membership(
        world.user["administrator"], current(world.user["monitor"], world.project), [role("manager")], None, None
    )
    manager = world.user["monitor"]
    for who in ("researcher", "monitor"):
        with pytest.raises(Invalid) as refusal:
            services.change_membership(manager, current(world.user[who], world.project), [role("controller")])
        assert refusal.value.faults[0].code == "not-held"
    with pytest.raises(Invalid):
        services.invite(manager, world.project, "x@chu.example", [role("controller")])
    services.invite(manager, world.project, "x@chu.example", [role("clinician")])


def replacing(world: World) -> Membership:
    """The data controller is away, and the researcher stands in for her; what is the researcher's own here."""
    source = current(world.user["owner"], world.project)
    until = timezone.now() + SOON
    services.delegate(world.user["owner"], source, world.user["researcher"], list(source.roles.all()), until, "Congés")
    return current(world.user["researcher"], world.project)


def test_what_is_held_for_a_while_is_given_to_nobody(world: World) -> None:
    """Who stands in for the data controller makes nobody controller, himself neither; his own roles he may give."""
    own, substitute = replacing(world), world.user["researcher"]
    assert access.can(substitute, "access.oversee_access", world.project)
    with pytest.raises(Invalid) as refusal:
        services.change_membership(substitute, own, [role("researcher"), role("controller")])
    assert refusal.value.faults[0].code == "not-held"
    for email in (substitute.email, "x@chu.example"):
        with pytest.raises(Invalid):
            services.invite(substitute, world.project, email, [role("controller")])
    services.invite(substitute, world.project, "x@chu.example", [role("researcher")])


def test_who_stands_in_gives_nothing_of_it_by_page_and_rest(
    world: World, client_of: Callable[[str], Client], api_of: Callable[[str], APIClient]
) -> None:
    """The page and the API say why, at the roles."""
    own, substitute = replacing(world), world.user["researcher"]
    page = client_of("researcher").post(
        reverse("access:member", args=[world.project.slug, own.pk]), {"roles": [role("controller").pk]}
    )
    assert page.status_code == 422
    assert "ne compte pas" in page.content.decode()
    api = api_of("researcher")
    detail = reverse("api:access:member-detail", args=[own.pk])
    invitation = {"project": world.project.slug, "email": substitute.email, "roles": ["controller"]}
    for answer in (
        api.put(detail, {"roles": ["controller"]}),
        api.post(reverse("api:access:invitation-list"), invitation),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not-held"), answer.content


def test_what_was_open_for_a_while_hides_no_own_grant(world: World) -> None:
    """Who reads patients' data by a delegation, and gives that to himself for good, is seen like anybody else."""
    administrator, source = world.user["administrator"], current(world.user["researcher"], world.project)
    until = timezone.now() + SOON
    services.delegate(world.user["researcher"], source, administrator, [role("researcher")], until, "Congés")
    own = Membership.objects.create(user=administrator, project=world.project)
    own.roles.set([role("monitor")])
    services.change_membership(administrator, own, [role("researcher")])
    assert Event.objects.filter(action="access.own_access_given", actor_id=administrator.pk).count() == 1
    assert world.user["owner"].notices.get(kind="access.own_access_given").urgent


def test_an_administrator_who_lets_himself_in_is_seen(
    world: World, django_capture_on_commit_callbacks: Captured
) -> None:
    """Inviting himself is possible, journalled, and the data controller is told urgently."""
    administrator = world.user["administrator"]
    with django_capture_on_commit_callbacks(execute=True):
        services.invite(administrator, world.project, administrator.email, [role("clinician")])
    found = re.search(r"/invitations/([\w-]+)/", mail.outbox[-1].body)
    assert found is not None
    services.accept(found[1], administrator)
    assert Event.objects.get(action="access.own_access_given").project_id == world.project.pk
    assert world.user["owner"].notices.get(kind="access.own_access_given").urgent


def test_last_manager_keeps_his_role(world: World) -> None:
    """The last manager is neither changed to something less nor given an end; nor is a delegate counted."""
    owner = world.user["owner"]
    membership = current(owner, world.project)
    services.delegate(owner, membership, world.user["researcher"], [role("manager")], timezone.now() + SOON, "away")
    for roles, until in (([role("clinician")], None), ([role("manager")], timezone.now() + SOON)):
        with pytest.raises(Conflict):
            services.change_membership(owner, membership, roles, None, until)
    with pytest.raises(Conflict):
        services.end_membership(owner, membership)
    assert [each.user for each in managers(world.project)] == [owner]


def test_last_administrator_stays(world: World) -> None:
    """An organisation never loses its last administrator."""
    office = Membership.objects.get(organisation=world.organisation)
    with pytest.raises(Conflict):
        services.end_membership(world.user["administrator"], office)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["remove", "change"])
def test_two_managers_at_once(act: str) -> None:
    """Two managers who remove or change each other at the same moment leave one manager, not none."""
    world = build()
    pair = [world.user["owner"], world.user["monitor"]]
    given = current(pair[1], world.project)
    given.roles.set([role("manager"), role("controller")])
    rows = {user.pk: current(user, world.project) for user in pair}

    def attack(me: Any, other: Any) -> None:
        if act == "remove":
            services.end_membership(me, rows[other.pk])
        else:
            services.change_membership(me, rows[other.pk], [role("monitor")], None, None)

    assert race(attack, (pair, pair[::-1]), (Conflict, Refused)) == ["done", "refused"]
    assert managers(world.project).count() == 1


def findable(world: World) -> None:
    services.change_project(world.user["owner"], world.project, name="Étude Sepsis", description="", listed=True)
    office = services.make_role(
        world.user["administrator"],
        world.organisation,
        Draft("Collaborateur", frozenset({"api.create_token"}), level=Role.Level.ORGANISATION),
    )
    Membership.objects.create(user=world.user["stranger"], organisation=world.organisation).roles.add(office)


def test_asking_to_join(world: World) -> None:
    """Somebody of the organisation asks with a reason, the managers are told, accept with roles, and he is told."""
    stranger = world.user["stranger"]
    with pytest.raises(Refused):
        services.ask_to_join(stranger, world.project, "Avis d’expert")
    findable(world)
    assert list(queries.findable_projects(stranger)) == [world.project]
    with pytest.raises(Invalid):
        services.ask_to_join(stranger, world.project, " ")
    asked = services.ask_to_join(stranger, world.project, "Avis d’expert")
    assert "access.join_asked" in notices_of(world.user["owner"])
    with pytest.raises(Conflict):
        services.ask_to_join(stranger, world.project, "encore")
    with pytest.raises(Refused):
        services.accept_request(world.user["member"], asked, [role("clinician")])
    services.accept_request(world.user["owner"], asked, [role("clinician")], [world.site_a])
    assert access.can(stranger, "ecrf.save_records", world.project, world.site_a)
    assert notices_of(stranger) == ["access.join_accepted"]
    with pytest.raises(Conflict):
        services.decline_request(world.user["owner"], asked, "trop tard")


def test_declining_says_why(world: World) -> None:
    """A refusal comes with words, which the person who asked reads; he may ask again."""
    findable(world)
    asked = services.ask_to_join(world.user["stranger"], world.project, "Avis d’expert")
    with pytest.raises(Invalid):
        services.decline_request(world.user["owner"], asked, "")
    services.decline_request(world.user["owner"], asked, "L’équipe est au complet.")
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("declined", "L’équipe est au complet.")
    services.withdraw_request(world.user["stranger"], services.ask_to_join(world.user["stranger"], world.project, "si"))
    assert JoinRequest.objects.filter(state="withdrawn").count() == 1


def test_a_link_lasts_as_long_as_it_is_said(world: World) -> None:
    """1 to 30 days; another number is refused at its place."""
    for days in (0, 31, -1):
        with pytest.raises(Invalid) as refusal:
            services.invite(world.user["owner"], world.project, "x@chu.example", [role("clinician")], days=days)
        assert refusal.value.faults[0].place == "days"
    invitation = services.invite(world.user["owner"], world.project, "x@chu.example", [role("clinician")], days=30)
    assert invitation.expires_at > timezone.now() + timedelta(days=29)


def test_sending_again_makes_another_link(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """The former link works no more, also where it had expired; the new one does."""
    owner = world.user["owner"]
    with django_capture_on_commit_callbacks(execute=True):
        invitation = services.invite(owner, world.project, "x@chu.example", [role("clinician")])
    Invitation.objects.update(expires_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        services.send_again(owner, invitation, 3)
    former, latter = (re.findall(r"/invitations/([\w-]+)/", message.body)[0] for message in mail.outbox)
    assert not services.open_invitations(former).exists()
    assert services.accept(latter, None, "Gaëlle Riou", "une phrase longue et sûre").project == world.project
    with pytest.raises(Conflict):
        services.send_again(owner, invitation)


def test_one_reminder_before_it_expires(world: World, django_capture_on_commit_callbacks: Captured) -> None:
    """Two days before the end who hasn't answered is written to once more, once, with a link that works."""
    services.invite(world.user["owner"], world.project, "x@chu.example", [role("clinician")])
    assert invitations.remind() == 0
    Invitation.objects.update(
        created_at=timezone.now() - timedelta(days=6), expires_at=timezone.now() + timedelta(days=1)
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert invitations.remind() == 1
    assert invitations.remind() == 0
    [secret] = re.findall(r"/invitations/([\w-]+)/", mail.outbox[-1].body)
    assert services.open_invitations(secret).exists()


def test_members_by_page(world: World, client_of: Callable[[str], Client]) -> None:
    """By the pages: a member is changed, roles are passed on and taken back, and the list says in whose place."""
    browser, membership = client_of("owner"), current(world.user["researcher"], world.project)
    address = reverse("access:member", args=[world.project.slug, membership.pk])
    form = {"roles": [role("researcher").pk, role("monitor").pk], "reason": "renfort"}
    assert browser.post(address, form).status_code == 302
    membership = current(world.user["researcher"], world.project)
    theirs = client_of("researcher")
    day = (timezone.localdate() + SOON).isoformat()
    passing = reverse("access:delegate", args=[world.project.slug, membership.pk])
    body = {"to": world.user["member"].pk, "roles": [role("researcher").pk], "ends_at": day, "reason": "Congés"}
    assert theirs.post(passing, body | {"ends_at": "2020-01-01"}).status_code == 422
    assert theirs.post(passing, body).status_code == 302
    members = reverse("access:members", args=[world.project.slug])
    assert "à la place de Inès Benali" in browser.get(members).content.decode()
    passed = Membership.objects.get(kind="delegated")
    theirs.post(reverse("access:end_delegation", args=[world.project.slug, passed.pk]))
    assert not Membership.objects.active().filter(kind="delegated").exists()


def test_members_over_rest(world: World, api_of: Callable[[str], APIClient]) -> None:
    """An API client changes a member, passes roles on, invites into the organisation, and is told each fault."""
    api = api_of("owner")
    detail = reverse("api:access:member-detail", args=[current(world.user["researcher"], world.project).pk])
    changed = api.put(detail, {"roles": ["researcher", "monitor"], "reason": "renfort"})
    assert changed.status_code == 200, changed.content
    assert changed.json()["roles"] == ["researcher", "monitor"]
    body = {
        "membership": changed.json()["id"],
        "to": str(world.user["member"].pk),
        "roles": ["researcher"],
        "ends_at": (timezone.now() + SOON).isoformat(),
        "reason": "Congés",
    }
    assert api.post(reverse("api:access:delegation-list"), body).status_code == 404
    made = api_of("researcher").post(reverse("api:access:delegation-list"), body)
    assert (made.status_code, made.json()["kind"]) == (201, "delegated")
    office = {"organisation": world.organisation.slug, "email": "x@chu.example", "roles": ["administrator"]}
    assert api.post(reverse("api:access:invitation-list"), office).status_code == 404
    sent = api_of("administrator").post(reverse("api:access:invitation-list"), office)
    assert (sent.status_code, sent.json()["organisation"]) == (201, world.organisation.slug)
