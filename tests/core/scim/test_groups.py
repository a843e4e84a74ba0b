"""Groups of a directory, and what being in one gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory

from core import access
from core.access import services
from core.access.demo import World
from core.access.models import Membership
from core.access.rules import Refused
from core.access.services.roles import Draft
from core.access.signals import membership_ended
from core.accounts.models import User
from core.audit.models import Event
from core.errors import Invalid
from core.notices.models import Notice
from core.scim import directories, groups
from core.scim.engine import schemas
from core.scim.models import Directory, Group, Mapping
from tests.core.access.conftest import role
from tests.core.scim.conftest import Speaking


def may_open(pk: str, world: World) -> bool:
    return access.can(User.objects.get(pk=pk), "access.view_project", world.project)


@pytest.fixture
def cardiology(hospital: Speaking, world: World) -> Group:
    """A group of the directory whose people are monitors of the study."""
    group = Group.objects.get(pk=hospital.group("Cardiologie"))
    groups.add_mapping(world.user["administrator"], group, world.project, [role("monitor")])
    return group


def test_groups_are_made_read_changed_and_removed(hospital: Speaking, other: Speaking) -> None:
    """A group has a name, unique in the organisation, and people; another organisation doesn't see it."""
    anne, bob = hospital.made(), hospital.made("bob@chu.example")
    pk = hospital.group("Cardiologie", anne)
    told = hospital.call("get", f"/Groups/{pk}").json()
    assert [each["value"] for each in told["members"]] == [anne]
    assert hospital.call("get", f"/Users/{anne}").json()["groups"][0]["display"] == "Cardiologie"
    assert hospital.found(f'members eq "{anne}"', "/Groups") == ["Cardiologie"]
    assert hospital.found('groups.display eq "cardiologie"') == ["anne@chu.example"]
    body = {"schemas": [schemas.GROUP], "displayName": "CARDIOLOGIE"}
    assert hospital.call("post", "/Groups", body).status_code == 409
    renamed = body | {"displayName": "Cœur", "members": [{"value": bob, "type": "User"}]}
    changed = hospital.call("put", f"/Groups/{pk}", renamed).json()
    assert (changed["displayName"], [each["value"] for each in changed["members"]]) == ("Cœur", [bob])
    assert other.call("get", f"/Groups/{pk}").status_code == 404
    assert other.call("delete", f"/Groups/{pk}").status_code == 404
    assert hospital.call("delete", f"/Groups/{pk}").status_code == 204
    assert hospital.call("get", f"/Groups/{pk}").status_code == 404


def test_only_people_it_reaches_are_members(hospital: Speaking, world: World) -> None:
    """Nobody of another organisation, no administrator of the instance and no group is put into a group."""
    pk = hospital.group("Cardiologie")
    for value in (
        {"value": str(world.user["stranger"].pk)},
        {"value": str(world.user["administrator"].pk)},
        {"value": "unknown"},
        {"value": pk, "type": "Group"},
    ):
        answer = hospital.patch(f"/Groups/{pk}", {"op": "add", "path": "members", "value": [value]})
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    assert not Group.objects.get().members.exists()


def test_joining_gives_and_leaving_takes_back(hospital: Speaking, cardiology: Group, world: World) -> None:
    """Who joins a group has what its rules give from then on; who leaves loses it at once, sessions too."""
    anne = hospital.made()
    assert not may_open(anne, world)
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "add", "path": "members", "value": [{"value": anne}]})
    assert may_open(anne, world)
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "add", "path": "members", "value": [{"value": anne}]})
    assert Membership.objects.active().filter(user=anne).count() == 1
    browser = Client()
    browser.force_login(User.objects.get(pk=anne))
    ended: list[Any] = []
    membership_ended.connect(hear := lambda user, project, **_signal: ended.append((str(user.pk), project)))
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "remove", "path": f'members[value eq "{anne}"]'})
    membership_ended.disconnect(hear)
    assert not may_open(anne, world)
    assert ended == [(anne, world.project)]
    assert browser.get("/accounts/tokens/").status_code == 302
    assert [event.actor_id for event in Event.objects.filter(action="scim.membership_given")] == [None]


def test_leaving_takes_back_only_what_the_group_gave(hospital: Speaking, cardiology: Group, world: World) -> None:
    """A membership that a manager gave stays when the group's ends."""
    anne = hospital.made()
    own = Membership.objects.create(user_id=anne, project=world.project)
    own.roles.set([role("clinician")])
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "add", "path": "members", "value": [{"value": anne}]})
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "remove", "path": "members"})
    assert list(Membership.objects.active().filter(user=anne)) == [own]


def test_all_that_gives_ends(hospital: Speaking, cardiology: Group, world: World) -> None:
    """A removed rule, a removed group and a removed person each end what was given."""
    administrator, ids = world.user["administrator"], [hospital.made(f"p{n}@chu.example") for n in range(2)]
    value = [{"value": pk} for pk in ids]
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "replace", "path": "members", "value": value})
    assert all(may_open(pk, world) for pk in ids)
    hospital.call("delete", f"/Users/{ids[0]}")
    assert [may_open(pk, world) for pk in ids] == [False, True]
    groups.remove_mapping(administrator, Mapping.objects.get())
    assert not may_open(ids[1], world)
    groups.add_mapping(administrator, cardiology, world.project, [role("monitor")])
    assert may_open(ids[1], world)
    hospital.call("delete", f"/Groups/{cardiology.pk}")
    assert not may_open(ids[1], world)


def test_a_changed_membership_stays_the_groups(hospital: Speaking, cardiology: Group, world: World) -> None:
    """What a manager changed ends with the group all the same, and isn't given a second time meanwhile."""
    anne, path = hospital.made(), f"/Groups/{cardiology.pk}"
    hospital.patch(path, {"op": "add", "path": "members", "value": [{"value": anne}]})
    given = Membership.objects.active().get(user=anne)
    services.change_membership(world.user["owner"], given, [role("monitor")], [world.site_a])
    assert may_open(anne, world)
    hospital.patch(path, {"op": "remove", "path": "members"})
    assert not Membership.objects.active().filter(user=anne).exists()


def test_nobody_is_let_into_the_archive_nor_into_retired_roles(
    hospital: Speaking, cardiology: Group, world: World
) -> None:
    """A rule gives nothing in an archived project, and of its roles those that are still given."""
    administrator, path = world.user["administrator"], f"/Groups/{cardiology.pk}"
    retired = services.make_role(administrator, world.organisation, Draft("Attaché", frozenset({"ecrf.save_records"})))
    Mapping.objects.get().roles.add(retired)
    services.retire_role(administrator, retired)
    anne, bob = hospital.made(), hospital.made("bob@chu.example")
    hospital.patch(path, {"op": "add", "path": "members", "value": [{"value": anne}]})
    assert [each.key for each in Membership.objects.get(user=anne).roles.all()] == ["monitor"]
    services.archive_project(world.user["owner"], world.project)
    hospital.patch(path, {"op": "add", "path": "members", "value": [{"value": bob}]})
    assert not Membership.objects.filter(user=bob).exists()


@pytest.fixture
def colleague(world: World) -> User:
    """Another administrator of the organisation, who runs no instance."""
    user = User.objects.create_user("colleague@chu.example", full_name="Loïc Morvan")
    Membership.objects.create(user=user, organisation=world.organisation).roles.set([role("administrator")])
    return user


def own_grants(user: User) -> int:
    return Event.objects.filter(action="access.own_access_given", actor_id=user.pk).count()


def test_a_rule_that_opens_health_data_is_urgent(hospital: Speaking, colleague: User, world: World) -> None:
    """The data controllers hear of it whatever they chose; a rule that opens none is told as they like."""
    group = Group.objects.get(pk=hospital.group("Cardiologie"))
    rule = groups.add_mapping(colleague, group, world.project, [role("clinician")])
    assert world.user["owner"].notices.get(kind="scim.rule_made").urgent
    groups.remove_mapping(colleague, rule)
    opening = services.make_role(colleague, world.organisation, Draft("Accueil", frozenset({"access.view_project"})))
    groups.add_mapping(colleague, group, world.project, [opening])
    assert [each.urgent for each in world.user["owner"].notices.order_by("created_at")] == [True, False]


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_lets_himself_in_by_a_rule_is_seen(hospital: Speaking, colleague: User, world: World, when: str) -> None:
    """An administrator who is in the group, or joins it later, leaves the trace of who opens health data to himself."""
    group = Group.objects.get(pk=hospital.group("Cardiologie", *([str(colleague.pk)] if when == "before" else [])))
    groups.add_mapping(colleague, group, world.project, [role("clinician")])
    if when == "after":
        assert own_grants(colleague) == 0
        joining = {"op": "add", "path": "members", "value": [{"value": str(colleague.pk)}]}
        hospital.patch(f"/Groups/{group.pk}", joining)
    assert own_grants(colleague) == 1
    assert world.user["owner"].notices.get(kind="access.own_access_given").urgent


def test_who_joins_by_his_own_token_is_seen(hospital: Speaking, colleague: User, world: World) -> None:
    """Also where another made the rule; who joins by another's token and rule gave himself nothing."""
    theirs = Speaking(*directories.create(colleague, world.organisation, "Script"))
    group = Group.objects.get(pk=hospital.group("Cardiologie"))
    groups.add_mapping(world.user["administrator"], group, world.project, [role("clinician")])
    path, joining = f"/Groups/{group.pk}", {"op": "add", "path": "members", "value": [{"value": str(colleague.pk)}]}
    hospital.patch(path, joining)
    assert own_grants(colleague) == 0
    hospital.patch(path, {"op": "remove", "path": "members"})
    theirs.patch(path, joining)
    assert own_grants(colleague) == 1


def test_rules_stay_in_the_organisation(hospital: Speaking, cardiology: Group, world: World) -> None:
    """A rule gives roles of projects in the organisation's own projects, of the organisation in itself, each once."""
    administrator = world.user["administrator"]
    for project, roles in (
        (world.elsewhere, [role("monitor")]),
        (world.project, [role("monitor")]),
        (world.project, [role("administrator")]),
        (None, [role("monitor")]),
        (None, []),
    ):
        with pytest.raises(Invalid):
            groups.add_mapping(administrator, cardiology, project, roles)
    anne = hospital.made()
    groups.add_mapping(administrator, cardiology, None, [role("administrator")])
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "add", "path": "members", "value": [{"value": anne}]})
    assert access.can(User.objects.get(pk=anne), "access.create_project", world.project)
    hospital.patch(f"/Groups/{cardiology.pk}", {"op": "remove", "path": "members"})
    assert not access.can(User.objects.get(pk=anne), "access.create_project", world.project)


def test_only_the_organisations_administrators_make_rules_and_tokens(cardiology: Group, world: World) -> None:
    """Nobody else does, not even a manager of the project, nor an administrator of the instance as such."""
    world.user["stranger"].is_administrator = True
    for who in ("owner", "stranger"):
        with pytest.raises(Refused):
            groups.add_mapping(world.user[who], cardiology, world.project, [role("monitor")])
        with pytest.raises(Refused):
            groups.remove_mapping(world.user[who], Mapping.objects.get())
        with pytest.raises(Refused):
            directories.create(world.user[who], world.organisation, "x")


@pytest.fixture
def fresh(world: World, client_of: Callable[[str], Client]) -> Client:
    client, administrator = client_of("administrator"), world.user["administrator"]
    request = RequestFactory().get("/")
    request.user, request.session = administrator, client.session
    record_authentication(request, administrator, "password", reauthenticated=True)
    request.session.save()
    return client


def test_directory_is_looked_after_in_the_browser(
    fresh: Client, client_of: Callable[[str], Client], world: World
) -> None:
    """A token is shown once and revoked; a rule is made and removed; the organisation's page leads there."""
    place = f"/organisations/{world.organisation.slug}/directory/"
    page = fresh.post(f"{place}tokens/new/", {"name": "Keycloak"})
    assert page.status_code == 201
    token = re.search(r'id="token">([^<]+)<', page.content.decode()).group(1)  # type: ignore[union-attr]
    directory = Speaking(Directory.objects.get(), token)
    anne = directory.made()
    group = directory.group("Cardiologie", anne)
    text = fresh.get(place).content.decode()
    assert token not in text
    assert "Keycloak" in text
    sent = {"group": group, "project": str(world.project.pk), "roles": [str(role("monitor").pk)]}
    assert fresh.post(f"{place}rules/new/", sent).status_code == 302
    assert may_open(anne, world)
    assert fresh.post(f"{place}rules/new/", sent).status_code == 422
    fresh.post(f"{place}rules/{Mapping.objects.get().pk}/remove/")
    assert not may_open(anne, world)
    fresh.post(f"{place}tokens/{directory.directory.pk}/revoke/")
    assert directory.call("get", "/Users").status_code == 401
    assert place in fresh.get(f"/organisations/{world.organisation.slug}/").content.decode()
    assert client_of("owner").get(place).status_code == 404
    assert Notice.objects.filter(user=world.user["owner"], kind="scim.rule_made").count() == 1
