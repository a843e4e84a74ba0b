"""What a directory may do with people, and whom it doesn't reach."""

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
from core.access.models import Membership
from core.access.people import close_account, reopen_account
from core.access.services.members import managers
from core.access.signals import membership_ended
from core.accounts.models import User
from core.audit.models import Event
from core.scim import directories
from core.scim.engine import schemas
from core.scim.models import Entry
from tests.core.access.conftest import role
from tests.core.scim.conftest import Speaking

Captured = Callable[..., Any]


def active_of(who: User) -> list[Membership]:
    return list(Membership.objects.active().filter(user=who))


def test_directory_makes_an_account(hospital: Speaking) -> None:
    """A person made by the directory has an account with a confirmed address, and the journal names the directory."""
    answer = hospital.make(
        externalId="7", name={"givenName": "Anne", "familyName": "Le Bras"}, preferredLanguage="en-GB"
    )
    told = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == told["meta"]["location"]
    assert answer["ETag"] == told["meta"]["version"]
    user = User.objects.get(email="anne@chu.example")
    assert (user.full_name, user.language, user.has_usable_password()) == ("Anne Le Bras", "en", False)
    assert told["id"] == str(user.pk)
    event = Event.objects.get(action="scim.account_made")
    assert event.actor_id is None
    assert event.details["directory"] == "Annuaire"
    assert hospital.call("get", f"/Users/{user.pk}").json() == told


def test_accounts_are_made_once(hospital: Speaking, world: World) -> None:
    """No two people have one userName or externalId, and an account that is there is never taken over."""
    hospital.made(externalId="7")
    for answer in (
        hospital.make(emails=[{"value": "other@chu.example"}]),
        hospital.make("ANNE@chu.example", emails=[{"value": "other@chu.example"}]),
        hospital.make("other@chu.example", externalId="7"),
        hospital.make("anne", emails=[{"value": "Anne@chu.example"}]),
        hospital.make(world.user["stranger"].email),
        hospital.make(world.user["owner"].email),
        hospital.make(world.user["administrator"].email),
    ):
        assert answer.status_code == 409
        assert answer.json()["scimType"] == "uniqueness"
    assert Entry.objects.count() == 1


def test_directory_reaches_its_own_people_alone(hospital: Speaking, other: Speaking, world: World) -> None:
    """Members of the organisation are there, others and whoever runs the instance are not: by id, list and filter."""
    anne = hospital.made()
    listed = {each["userName"] for each in hospital.call("get", "/Users", data={"count": "200"}).json()["Resources"]}
    assert "anne@chu.example" in listed
    assert world.user["owner"].email in listed
    assert not listed & {world.user["stranger"].email, world.user["administrator"].email}
    for pk in (world.user["stranger"].pk, world.user["administrator"].pk, "unknown", "0" * 40):
        for method, body in (
            ("get", None),
            ("delete", None),
            ("put", {"schemas": [schemas.USER], "userName": "x@y.example"}),
        ):
            assert hospital.call(method, f"/Users/{pk}", body).status_code == 404, (pk, method)
    assert other.call("get", f"/Users/{anne}").status_code == 404
    assert other.found('userName eq "anne@chu.example"') == []
    assert other.patch(f"/Users/{anne}", {"op": "replace", "path": "active", "value": False}).status_code == 404
    assert User.objects.get(pk=anne).is_active


def test_inactive_people_are_out_at_once(hospital: Speaking, client_of: Any) -> None:
    """`active: false` closes an account that the directory made, with its sessions; true opens it again."""
    anne = hospital.made()
    user = User.objects.get(pk=anne)
    browser = Client()
    browser.force_login(user)
    assert browser.get("/accounts/tokens/").status_code == 200
    answer = hospital.patch(f"/Users/{anne}", {"op": "Replace", "value": {"active": "False"}})
    assert answer.json()["active"] is False
    assert browser.get("/accounts/tokens/").status_code == 302
    assert hospital.found("active eq false") == ["anne@chu.example"]
    assert hospital.patch(f"/Users/{anne}", {"op": "replace", "path": "active", "value": True}).json()["active"] is True
    assert User.objects.get(pk=anne).is_active


def test_directory_opens_only_what_it_closed(hospital: Speaking, world: World) -> None:
    """An account that an administrator of the instance has closed stays closed."""
    anne = hospital.made()
    close_account(world.user["administrator"], User.objects.get(pk=anne))
    answer = hospital.patch(f"/Users/{anne}", {"op": "replace", "path": "active", "value": True})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    assert not User.objects.get(pk=anne).is_active


def test_who_an_administrator_closed_later_stays_closed(hospital: Speaking, world: World) -> None:
    """That the directory had closed the account once gives it no right to open what an administrator closed since."""
    anne, administrator = hospital.made(), world.user["administrator"]
    hospital.patch(f"/Users/{anne}", {"op": "replace", "path": "active", "value": False})
    reopen_account(administrator, User.objects.get(pk=anne))
    close_account(administrator, User.objects.get(pk=anne), "for cause")
    answer = hospital.patch(f"/Users/{anne}", {"op": "replace", "path": "active", "value": True})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    assert not User.objects.get(pk=anne).is_active


@pytest.mark.parametrize("way", ["inactive", "removed"])
def test_who_leaves_finds_no_way_back(
    hospital: Speaking, world: World, way: str, django_capture_on_commit_callbacks: Captured
) -> None:
    """Invitations to him and by him work no more, as after a removal by a manager."""
    owner, researcher = world.user["owner"], world.user["researcher"]
    Membership.objects.get(user=researcher).roles.add(role("manager"))
    with django_capture_on_commit_callbacks(execute=True):
        services.invite(owner, world.project, researcher.email, [role("clinician")])
        services.invite(researcher, world.project, "friend@chu.example", [role("researcher")])
        services.invite(world.user["administrator"], world.organisation, researcher.email, [role("administrator")])
    leave(hospital, researcher, way)
    for message in mail.outbox:
        [secret] = re.findall(r"/invitations/([\w-]+)/", message.body)
        assert not services.open_invitations(secret).exists()
    assert Event.objects.filter(action="access.invitation_revoked", actor_id=None).count() == 3


@pytest.mark.parametrize("way", ["inactive", "removed"])
def test_what_he_passed_on_or_opened_ends_with_him(hospital: Speaking, world: World, way: str) -> None:
    """His delegate's work is ended and told, and his emergency access is written as ended."""
    member, delegate = world.user["member"], world.user["monitor"]
    services.choose_emergency_role(world.user["administrator"], world.organisation, role("clinician"))
    opened = services.open_emergency(member, world.project, "Patient inconscient transféré")
    source = Membership.objects.lasting().get(user=member)
    until = timezone.now() + timedelta(days=10)
    passed = services.delegate(member, source, delegate, [role("clinician")], until, "Congés")
    ended: list[Any] = []
    membership_ended.connect(hear := lambda user, project, **_signal: ended.append((user, project)))
    leave(hospital, member, way)
    membership_ended.disconnect(hear)
    assert (delegate, world.project) in ended
    assert Event.objects.filter(action="access.delegation_ended", object_id=str(passed.pk)).count() == 1
    assert Event.objects.filter(action="access.emergency_ended", object_id=str(opened.pk)).count() == 1
    passed.refresh_from_db()
    opened.refresh_from_db()
    assert passed.ends_at is not None
    assert passed.ends_at <= timezone.now()
    assert opened.ended_at is not None


@pytest.mark.parametrize("made_here", [True, False])
def test_the_last_managers_leaving_is_told(hospital: Speaking, world: World, made_here: bool) -> None:
    """The directory's word holds, and the organisation's administrators hear at once that nobody manages a project."""
    owner = world.user["owner"]
    if made_here:
        Entry.objects.create(organisation=world.organisation, user=owner, user_name="owner", owned=True)
    hospital.patch(f"/Users/{owner.pk}", {"op": "replace", "path": "active", "value": False})
    assert not managers(world.project).exists()
    notice = world.user["administrator"].notices.get(kind="access.nobody_manages")
    assert notice.urgent
    assert notice.project_id == world.project.pk


def test_the_last_administrators_leaving_is_told(hospital: Speaking, world: World) -> None:
    """Where nobody administers the organisation any more, who runs the instance hears it, and names another."""
    leaving = world.user["researcher"]
    office = Membership.objects.get(organisation=world.organisation)
    Membership.objects.create(user=leaving, organisation=world.organisation).roles.set(office.roles.all())
    office.ends_at = timezone.now()
    office.save()
    hospital.patch(f"/Users/{leaving.pk}", {"op": "replace", "path": "active", "value": False})
    assert world.user["administrator"].notices.get(kind="access.nobody_manages").urgent


def leave(hospital: Speaking, user: User, way: str) -> None:
    """The directory says that a person works here no more."""
    if way == "removed":
        assert hospital.call("delete", f"/Users/{user.pk}").status_code == 204
    else:
        answer = hospital.patch(f"/Users/{user.pk}", {"op": "replace", "path": "active", "value": False})
        assert answer.status_code == 200


def test_members_with_an_account_of_their_own_leave_the_organisation_alone(hospital: Speaking, world: World) -> None:
    """Of a person whose account is his own, `active: false` ends the memberships here, and none elsewhere."""
    member = world.user["member"]
    elsewhere = Membership.objects.create(user=member, project=world.elsewhere)
    answer = hospital.patch(f"/Users/{member.pk}", {"op": "replace", "path": "active", "value": False})
    assert (answer.status_code, answer.json()["active"]) == (200, False)
    assert active_of(member) == [elsewhere]
    assert User.objects.get(pk=member.pk).is_active
    assert hospital.call("get", f"/Users/{member.pk}").status_code == 404
    assert Event.objects.filter(action="scim.membership_ended", project_id=world.project.pk).count() == 1


def test_accounts_of_their_own_are_not_changed(hospital: Speaking, world: World) -> None:
    """The directory says how it names such a person; his name and address stay his."""
    member = world.user["member"]
    body = {"schemas": [schemas.USER], "userName": "nk", "displayName": "N. K.", "emails": [{"value": member.email}]}
    told = hospital.call("put", f"/Users/{member.pk}", body).json()
    assert (told["userName"], told["displayName"]) == ("nk", "N. K.")
    assert User.objects.get(pk=member.pk).full_name == "Nolwenn Kerbrat"
    stolen = body | {"emails": [{"value": "thief@evil.example"}]}
    answer = hospital.call("put", f"/Users/{member.pk}", stolen)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    assert User.objects.get(pk=member.pk).email == member.email


def test_addresses_change_only_where_nobody_else_is_concerned(hospital: Speaking, world: World) -> None:
    """The address of an account that the directory made changes, until the person works elsewhere too."""
    anne = hospital.made()
    change = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "le-bras@chu.example"}
    assert hospital.patch(f"/Users/{anne}", {"op": "replace", "path": "emails", "value": [
        {"value": "a.lebras@chu.example", "type": "work", "primary": True}]}).status_code == 200  # fmt: skip
    assert hospital.patch(f"/Users/{anne}", change).status_code == 200
    user = User.objects.get(pk=anne)
    assert user.email == "le-bras@chu.example"
    assert [address.email for address in user.emailaddress_set.all()] == ["le-bras@chu.example"]
    taken = change | {"value": world.user["stranger"].email}
    assert hospital.patch(f"/Users/{anne}", taken).status_code == 409
    Membership.objects.create(user=user, project=world.elsewhere)
    answer = hospital.patch(f"/Users/{anne}", change | {"value": "thief@chu.example"})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    assert User.objects.get(pk=anne).email == "le-bras@chu.example"


def test_the_former_address_hears_that_the_directory_changed_it(
    hospital: Speaking, django_capture_on_commit_callbacks: Any
) -> None:
    """Who had the address is told at it and signs in anew: nobody loses an account without hearing of it."""
    user = User.objects.get(pk=hospital.made())
    change = {"op": "replace", "path": "emails", "value": [{"value": "thief@chu.example", "primary": True}]}
    with django_capture_on_commit_callbacks(execute=True):
        assert hospital.patch(f"/Users/{user.pk}", change).status_code == 200
    assert [letter.to for letter in mail.outbox] == [["anne@chu.example"], ["thief@chu.example"]]
    assert "L’adresse électronique de votre compte a été changée" in mail.outbox[0].body
    assert User.objects.get(pk=user.pk).session_epoch == user.session_epoch + 1


def test_removed_people_are_closed_and_may_come_back(hospital: Speaking, world: World) -> None:
    """DELETE closes an account that was made here and takes it out of the organisation; made again, it is the same."""
    anne = hospital.made()
    user = User.objects.get(pk=anne)
    Membership.objects.create(user=user, project=world.project)
    assert hospital.call("delete", f"/Users/{anne}").status_code == 204
    assert hospital.call("get", f"/Users/{anne}").status_code == 404
    assert active_of(user) == []
    user.refresh_from_db()
    assert not user.is_active
    assert hospital.made() == anne
    user.refresh_from_db()
    assert user.is_active


def test_lists_are_filtered_sorted_and_cut(hospital: Speaking) -> None:
    """Every attribute can be asked for and sorted by; pages begin at one."""
    for number, name in enumerate(("Cara", "Anne", "Bob")):
        hospital.made(
            f"{name}@made.example", name={"givenName": name, "familyName": f"O'{name}"}, externalId=str(number)
        )
    assert hospital.found('userName ew "@made.example" and externalId eq "1"') == ["Anne@made.example"]
    assert hospital.found('name.familyName eq "o\'bob"') == ["Bob@made.example"]
    assert hospital.found('emails[type pr and value co "x"] and userName co "made"') == []
    assert len(hospital.found('emails.value ew "made.example" and not (externalId eq "1")')) == 2
    assert hospital.found('externalId pr and meta.created lt "2020-01-01T00:00:00Z"') == []
    assert hospital.found('groups pr or groups.display eq "x"') == []
    asked = {"filter": 'userName ew "@made.example"', "sortBy": "name.givenName", "sortOrder": "descending"}
    page = hospital.call("get", "/Users", data=asked | {"startIndex": "2", "count": "1"}).json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (3, 2, 1)
    assert page["Resources"][0]["name"]["givenName"] == "Bob"
    none = hospital.call("get", "/Users", data={"count": "0"}).json()
    assert (none["Resources"], none["totalResults"] > 3) == ([], True)
    names = hospital.call("get", "/Users", data={"attributes": "userName"}).json()["Resources"][0]
    assert set(names) == {"schemas", "id", "userName"}
    body = {"schemas": [schemas.SEARCH], **asked, "attributes": ["userName"]}
    assert hospital.call("post", "/Users/.search", body).json()["totalResults"] == 3


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_old_versions_are_not_changed(hospital: Speaking, method: str) -> None:
    """Who names the version he changes is told when it is another by now; unchanged, it isn't sent again."""
    anne = hospital.made()
    version = hospital.call("get", f"/Users/{anne}")["ETag"]
    assert hospital.call("get", f"/Users/{anne}", HTTP_IF_NONE_MATCH=version).status_code == 304
    hospital.patch(f"/Users/{anne}", {"op": "replace", "path": "displayName", "value": "Anne"})
    bodies: dict[str, Any] = {
        "put": {"schemas": [schemas.USER], "userName": "anne@chu.example"},
        "patch": {"schemas": [schemas.PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "A"}]},
    }
    assert hospital.call(method, f"/Users/{anne}", bodies.get(method), HTTP_IF_MATCH=version).status_code == 412
    version = hospital.call("get", f"/Users/{anne}")["ETag"]
    assert hospital.call(method, f"/Users/{anne}", bodies.get(method), HTTP_IF_MATCH=version).status_code in (200, 204)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ('{"schemas":' * 30_000, 400),
        ("[" * 100_000, 400),
        ('{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a\\u0000@b.example"}', 400),
        ('{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": 7}', 400),
        ('{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "no-address"}', 400),
        ('{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a", "emails": ["x"]}', 400),
        ('{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a", "emails": 7}', 400),
        ('{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a@b.example", "name": "x"}', 400),
        ('{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a@b.example", "active": 3}', 400),
        ('{"schemas": 7, "userName": "a@b.example"}', 400),
        ('{"schemas": "urn:ietf:params:scim:schemas:core:2.0:Userx", "userName": "' + "a" * 300 + '@b.example"}', 400),
        ('{"userName": "a@b.example"}', 400),
        (" " * (5 << 20), 413),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_is_refused(hospital: Speaking, sent: str, status: int) -> None:
    """Damaged, deep, large and wrong messages are answered by SCIM's errors, and nobody is made."""
    answer = Client().post(
        "/scim/v2/Users", sent, content_type="application/scim+json", HTTP_AUTHORIZATION=f"Bearer {hospital.token}"
    )
    assert answer.status_code == status
    assert answer.json()["schemas"] == [schemas.ERROR]
    assert answer["Content-Type"] == "application/scim+json"
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "("},
        {"filter": 'password eq "x"'},
        {"filter": "(" * 3000},
        {"filter": 'emails[groups eq "x"]'},
        {"filter": 'meta.created gt "soon"'},
        {"sortBy": "password"},
        {"count": "many"},
        {"attributes": "a b"},
    ],
    ids=str,
)
def test_wrong_questions_are_refused(hospital: Speaking, asked: dict[str, str]) -> None:
    """A question that isn't one is 400, in SCIM's words."""
    answer = hospital.call("get", "/Users", data=asked)
    assert answer.status_code == 400
    assert answer.json()["scimType"]


def test_tokens_open_one_organisation(hospital: Speaking, world: World, client_of: Any) -> None:
    """Without a token, with another, a changed or a revoked one, or a person's session: 401, and nothing is told."""
    key = hospital.token.partition(".")[0]
    for text in ("", "x", "scim_", hospital.token + "x", hospital.token[:-1], f"{key}.", f"{key}.x", "é", "suite_a.b"):
        answer = Client().get("/scim/v2/Users", HTTP_AUTHORIZATION=f"Bearer {text}")
        assert answer.status_code == 401, text
    assert client_of("administrator").get("/scim/v2/Users").status_code == 401
    assert hospital.call("get", "/Users").status_code == 200
    hospital.directory.refresh_from_db()
    assert hospital.directory.last_used_at is not None
    assert hospital.token.partition(".")[2] not in str(vars(hospital.directory))
    directories.revoke(world.user["administrator"], hospital.directory)
    assert hospital.call("get", "/Users").status_code == 401


def test_calls_are_limited(hospital: Speaking, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that calls too often, and a stranger who guesses, wait."""
    from core.scim.api import protocol

    monkeypatch.setitem(protocol.RATES, "scim", "2/m/key")
    monkeypatch.setitem(protocol.RATES, "scim_unknown", "2/m/ip")
    assert [hospital.call("get", "/Users").status_code for _each in range(3)] == [200, 200, 429]
    statuses = [Client().get("/scim/v2/Users", HTTP_AUTHORIZATION="Bearer scim_x.y").status_code for _each in range(3)]
    assert statuses == [401, 401, 429]
