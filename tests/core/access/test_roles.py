"""The roles that an organisation makes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core import access
from core.access import second_factor, services
from core.access.demo import World
from core.access.models import Membership, Project, Role
from core.access.rules import Refused
from core.access.services.roles import Draft, Unconfirmed, effects, fingerprint
from core.audit.models import Event
from core.errors import Conflict, Invalid
from tests.core.access.conftest import current, notices_of, role

READER = frozenset({"access.view_project", "ecrf.read_records"})


def made(world: World, permissions: frozenset[str] = READER, **options: object) -> Role:
    draft = Draft("Attaché de recherche", permissions, **options)  # type: ignore[arg-type]
    return services.make_role(world.user["administrator"], world.organisation, draft)


def given(world: World, who: str, granted: Role) -> Membership:
    membership = current(world.user[who], world.project)
    membership.roles.set([granted])
    return membership


def confirmed(world: World, granted: Role, draft: Draft, reason: str = "needed", by: str = "administrator") -> Role:
    seen = fingerprint(granted, effects(granted, draft.permissions), draft)
    return services.change_role(world.user[by], granted, draft, reason, seen)


def test_a_role_grants_what_it_says(world: World) -> None:
    """A role made by the organisation is given in its projects and opens what it names, and nothing else."""
    given(world, "researcher", made(world))
    assert access.abilities(world.user["researcher"], world.project) == READER


def test_a_role_of_the_organisation_opens_no_patients_data(world: World) -> None:
    """Health data in a role of organisations is refused when it is made, and counts for nothing if it gets there."""
    with pytest.raises(Invalid) as refusal:
        made(world, level=Role.Level.ORGANISATION)
    assert refusal.value.faults[0].code == "health-data"
    forced = made(world, frozenset({"access.view_project"}), level=Role.Level.ORGANISATION)
    Role.objects.filter(pk=forced.pk).update(permissions=sorted(READER))
    Membership.objects.create(user=world.user["stranger"], organisation=world.organisation).roles.add(forced)
    assert access.abilities(world.user["stranger"], world.project) == {"access.view_project"}
    read = Project.objects.visible_to(world.user["stranger"], "ecrf.read_records")
    assert world.project not in read


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft("", READER), "required"),
        (Draft("Vide", frozenset()), "required"),
        (Draft("Inconnue", frozenset({"nothing.at_all"})), "unknown"),
        (Draft("Chargé", frozenset({"access.manage_roles"})), "office"),
    ],
)
def test_faults_of_a_role(world: World, draft: Draft, code: str) -> None:
    """What is wrong with a role is named at its place, and nothing is made."""
    with pytest.raises(Invalid) as refusal:
        services.make_role(world.user["administrator"], world.organisation, draft)
    assert code in {fault.code for fault in refusal.value.faults}
    assert not Role.objects.filter(organisation=world.organisation).exists()


def test_two_roles_of_one_name(world: World) -> None:
    """A name is one role's, also a built-in role's in the reader's language."""
    made(world)
    with pytest.raises(Invalid):
        made(world)
    with pytest.raises(Invalid):
        services.make_role(world.user["administrator"], world.organisation, Draft(str(role("clinician")), READER))


def test_who_edits_roles_grants_only_what_he_holds(world: World) -> None:
    """Somebody who may edit roles, and no more, puts nothing into them that he doesn't hold himself."""
    editor = made(world, frozenset({"access.view_project", "access.manage_roles"}), level=Role.Level.ORGANISATION)
    Membership.objects.create(user=world.user["stranger"], organisation=world.organisation).roles.add(editor)
    with pytest.raises(Invalid) as refusal:
        services.make_role(world.user["stranger"], world.organisation, Draft("Trop", READER))
    assert {fault.code for fault in refusal.value.faults} == {"not-held"}
    allowed = Draft("Juste", frozenset({"access.view_project"}))
    assert services.make_role(world.user["stranger"], world.organisation, allowed).key == "juste"
    with pytest.raises(Refused):
        services.make_role(world.user["owner"], world.organisation, allowed)


def test_effects_are_seen_before_they_are_saved(world: World) -> None:
    """A held role changes only once who gains and loses what was shown; another holder meanwhile asks again."""
    granted = made(world)
    given(world, "researcher", granted)
    draft = Draft(granted.name, frozenset({"access.view_project", "access.view_members"}))
    with pytest.raises(Unconfirmed) as shown:
        services.change_role(world.user["administrator"], granted, draft, "needed")
    [effect] = shown.value.effects
    assert [each.code for each in effect.gains] == ["access.view_members"]
    assert [each.code for each in effect.loses] == ["ecrf.read_records"]
    seen = fingerprint(granted, shown.value.effects, draft)
    given(world, "monitor", granted)
    with pytest.raises(Unconfirmed):
        services.change_role(world.user["administrator"], granted, draft, "needed", seen)
    confirmed(world, granted, draft)
    assert access.abilities(world.user["monitor"], world.project) == draft.permissions
    event = Event.objects.get(action="access.role_changed")
    assert (event.details["gained"], event.details["lost"]) == (["access.view_members"], ["ecrf.read_records"])


def test_widening_asks_why(world: World) -> None:
    """People gain permissions only for a reason that the journal keeps."""
    granted = made(world)
    given(world, "researcher", granted)
    with pytest.raises(Invalid) as refusal:
        confirmed(world, granted, Draft(granted.name, READER | {"ecrf.save_records"}), reason=" ")
    assert refusal.value.faults[0].place == "reason"


def test_health_data_for_oneself_leaves_a_trace(world: World) -> None:
    """An administrator who widens a role that he holds to patients' data is seen at once by the data controller."""
    granted = made(world, frozenset({"access.view_project"}))
    membership = Membership.objects.create(user=world.user["administrator"], project=world.project)
    membership.roles.add(granted)
    confirmed(world, granted, Draft(granted.name, READER))
    event = Event.objects.get(action="access.own_access_given")
    assert (event.project_id, event.actor_id) == (world.project.pk, world.user["administrator"].pk)
    notice = world.user["owner"].notices.get(kind="access.own_access_given")
    assert notice.urgent


def test_the_last_managers_role_keeps_its_power(world: World) -> None:
    """A role by which alone a project is managed can't lose the managing of members."""
    granted = made(world, frozenset({"access.view_project", "access.manage_members"}))
    given(world, "owner", granted)
    with pytest.raises(Conflict):
        confirmed(world, granted, Draft(granted.name, frozenset({"access.view_project"})))
    granted.refresh_from_db()
    assert "access.manage_members" in granted.permissions


def test_a_retired_role_is_given_no_more(world: World) -> None:
    """Who holds it keeps it; nobody else gets it; it changes no more."""
    granted = made(world)
    given(world, "researcher", granted)
    services.retire_role(world.user["administrator"], granted)
    granted.refresh_from_db()
    assert access.abilities(world.user["researcher"], world.project) == READER
    with pytest.raises(Invalid):
        services.invite(world.user["owner"], world.project, "x@chu.example", [granted])
    with pytest.raises(Conflict):
        confirmed(world, granted, Draft("Autre", READER))


def test_built_in_roles_are_the_same_everywhere(world: World) -> None:
    """One copies a built-in role; nobody changes it."""
    with pytest.raises(Conflict):
        services.change_role(world.user["administrator"], role("clinician"), Draft("X", READER))


def test_a_role_may_ask_for_a_second_factor(world: World) -> None:
    """Whoever holds such a role sets a second factor up first, also where the organisation asks for none."""
    services.change_organisation(
        world.user["administrator"], world.organisation, name="CHU", requires_second_factor=False
    )
    Authenticator.objects.filter(user=world.user["researcher"]).delete()
    assert not second_factor.missing(world.user["researcher"])
    given(world, "researcher", made(world, requires_second_factor=True))
    assert second_factor.missing(world.user["researcher"])


def test_roles_by_page(world: World, client_of: Callable[[str], Client]) -> None:
    """By the pages: a copy is made, the living matrix shows it, a change shows its effects and is then confirmed."""
    browser = client_of("administrator")
    copied = browser.get(reverse("access:make_role", args=[world.organisation.slug]), {"copy": role("monitor").pk})
    assert 'value="ecrf.read_records"' in copied.content.decode()
    form = {"name": "Attaché", "level": "project", "permissions": sorted(READER)}
    assert browser.post(reverse("access:make_role", args=[world.organisation.slug]), form).status_code == 302
    granted = Role.objects.get(name="Attaché")
    assert "Attaché" in browser.get(reverse("access:roles", args=[world.organisation.slug])).content.decode()
    given(world, "researcher", granted)
    address = reverse("access:role", args=[world.organisation.slug, granted.pk])
    wider = {"name": "Attaché", "permissions": [*sorted(READER), "ecrf.save_records"], "reason": "remplacement"}
    shown = browser.post(address, wider).content.decode()
    assert "Inès Benali" in shown
    granted.refresh_from_db()
    assert "ecrf.save_records" not in granted.permissions
    [seen] = re.findall(r'name="seen" value="(\w+)"', shown)
    assert browser.post(address, wider | {"seen": seen}).status_code == 302
    granted.refresh_from_db()
    assert "ecrf.save_records" in granted.permissions


def test_roles_over_rest(world: World, api_of: Callable[[str], APIClient]) -> None:
    """An API client makes a role, asks for the effects of a change, and changes it with what it has seen."""
    api = api_of("administrator")
    body = {"organisation": world.organisation.slug, "name": "Attaché", "permissions": sorted(READER)}
    answer = api.post(reverse("api:access:role-list"), body)
    assert answer.status_code == 201, answer.content
    granted = Role.objects.get(pk=answer.json()["id"])
    given(world, "researcher", granted)
    change = {"name": "Attaché", "permissions": ["access.view_project"], "reason": "moins"}
    detail = reverse("api:access:role-detail", args=[granted.pk])
    refused = api.put(detail, change)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "effects-not-seen")
    shown = api.post(f"{detail}effects/", change).json()
    assert shown["effects"][0]["loses"] == ["ecrf.read_records"]
    assert api.put(detail, change | {"seen": shown["seen"]}).json()["permissions"] == ["access.view_project"]
    assert notices_of(world.user["owner"]) == []
