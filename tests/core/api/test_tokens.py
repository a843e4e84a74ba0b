"""Tokens: keys for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from core.access import services as access_services
from core.access.demo import World
from core.access.models import Membership, Role
from core.access.rules import Refused
from core.api import services
from core.api.models import Token
from core.audit.models import Event
from core.errors import Invalid
from core.jobs.models import Job

TOMORROW = timedelta(days=1)


def caller(text: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def token_of(world: World, who: str, *permissions: str) -> str:
    wanted = permissions or ("access.view_project", "access.view_members")
    return services.create_token(world.user[who], world.project, "script", wanted, timezone.now() + TOMORROW)[1]


def test_token_opens_its_project(world: World) -> None:
    """A call with a token sees the token's project, and the journal says that it was made over the API."""
    answer = caller(token_of(world, "owner")).get("/api/v1/projects/")
    assert [project["slug"] for project in answer.json()["results"]] == [world.project.slug]


def test_token_needs_its_owners_second_factor(world: World) -> None:
    """Where the organisation asks for one, a token of somebody without a second factor opens nothing."""
    client = caller(token_of(world, "owner"))
    Authenticator.objects.filter(user=world.user["owner"]).delete()
    assert client.get("/api/v1/projects/").status_code == 403


def test_token_sees_the_jobs_it_could_have_asked_for(world: World) -> None:
    """A job asked for in person, or with more permissions, is not a token's to see, to stop or to try again."""
    owner, project = world.user["owner"], world.project
    kept = {"owner": owner, "project": project, "task": "jobs.none", "queue": "default"}
    seen = Job.objects.create(permissions=["access.view_project"], **kept)
    Job.objects.create(permissions=["access.view_project", "datasets.read_data"], **kept)
    in_person = Job.objects.create(**kept)
    client = caller(token_of(world, "owner", "access.view_project"))
    assert [job["id"] for job in client.get("/api/v1/jobs/").json()["results"]] == [str(seen.pk)]
    assert client.post(f"/api/v1/jobs/{in_person.pk}/cancel/").status_code == 404
    Membership.objects.filter(user=owner).update(ends_at=timezone.now())
    assert client.get("/api/v1/jobs/").status_code == 401


def test_token_stops_what_it_could_have_asked_for(world: World) -> None:
    """A token that sees all jobs of the project still acts on none that goes beyond it, not even its owner's."""
    owner, project = world.user["owner"], world.project
    kept = {"owner": owner, "project": project, "task": "jobs.none", "queue": "default"}
    in_person = Job.objects.create(**kept)
    beyond = Job.objects.create(permissions=["datasets.read_data"], **kept)
    within = Job.objects.create(permissions=["jobs.read_jobs"], **kept)
    client = caller(token_of(world, "owner", "access.view_project", "jobs.read_jobs"))
    for job, status in ((in_person, 403), (beyond, 403), (within, 200)):
        assert client.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == status
        job.refresh_from_db()
        assert (job.state == "cancelled") is (status == 200)


def test_token_is_limited_to_its_permissions(world: World) -> None:
    """A token without the permission to see members sees none, though its owner would."""
    client = caller(token_of(world, "owner", "access.view_project"))
    assert client.get("/api/v1/members/").json()["results"] == []
    answer = client.get(f"/api/v1/projects/{world.project.slug}/")
    assert answer.json()["abilities"] == ["access.view_project"]


def test_token_never_asks_for_more_than_one_holds(world: World) -> None:
    """A permission that its maker doesn't hold is refused by name."""
    with pytest.raises(Invalid) as refusal:
        services.create_token(
            world.user["member"], world.project, "", ["access.manage_members"], timezone.now() - TOMORROW
        )
    assert [fault.place for fault in refusal.value.faults] == ["permissions", "expires_at", "name"]


def test_stranger_makes_no_token(world: World) -> None:
    """Who isn't in the project makes no token for it."""
    with pytest.raises(Refused):
        token_of(world, "stranger")


@pytest.mark.parametrize("text", ["", "suite_", "suite_0000000000000000.x", "x" * 5000, "suite_é.é"])
def test_wrong_token_is_refused(world: World, text: str) -> None:
    """Whatever is not a token is answered 401 with a challenge, as problem+json."""
    answer = caller(text.encode("ascii", "replace").decode()).get("/api/v1/projects/")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["type"].startswith("urn:suite-interhop:problem:")


def test_right_key_with_wrong_secret_is_refused(world: World) -> None:
    """The public part of a token opens nothing."""
    text = token_of(world, "owner")
    assert caller(text[:-4] + "AAAA").get("/api/v1/projects/").status_code == 401
    assert caller(text.split(".")[0] + ".").get("/api/v1/projects/").status_code == 401


def test_expired_and_revoked_tokens_are_refused(world: World) -> None:
    """A token ends at its date, when revoked, and with its owner's account."""
    text = token_of(world, "owner")
    token = Token.objects.get()
    services.revoke_token(world.user["owner"], token)
    assert caller(text).get("/api/v1/projects/").status_code == 401
    Token.objects.update(revoked_at=None, expires_at=timezone.now() - TOMORROW)
    assert caller(text).get("/api/v1/projects/").status_code == 401


@pytest.mark.parametrize("administers", [False, True])
def test_token_ends_with_the_membership_it_was_made_in(world: World, administers: bool) -> None:
    """A membership that ran out took its tokens along: they open nothing when their owner is a member again.

    Nor does it help him to administer the organisation, which gives nobody a token.
    """
    former = Membership.objects.get(user=world.user["researcher"])
    if administers:
        office = Membership.objects.create(user=former.user, organisation=world.organisation)
        office.roles.set(Role.objects.filter(key="administrator"))
    text = token_of(world, "researcher")
    assert caller(text).get("/api/v1/projects/").status_code == 200
    Membership.objects.filter(pk=former.pk).update(ends_at=timezone.now())
    assert caller(text).get("/api/v1/projects/").status_code == 401
    back = Membership.objects.create(user=former.user, project=former.project)
    back.roles.set(former.roles.all())
    assert caller(text).get("/api/v1/projects/").status_code == 401
    assert caller(token_of(world, "researcher")).get("/api/v1/projects/").status_code == 200


def test_removed_member_leaves_no_key_behind(world: World, django_capture_on_commit_callbacks: Any) -> None:
    """Removing a member revokes his tokens in the project; in the journal he is the object of it, not the actor."""
    text = token_of(world, "researcher")
    with django_capture_on_commit_callbacks(execute=True):
        access_services.end_membership(world.user["owner"], Membership.objects.get(user=world.user["researcher"]))
    assert caller(text).get("/api/v1/projects/").status_code == 401
    event = Event.objects.get(action="api.token_revoked")
    assert (event.actor_id, event.project_id) == (None, world.project.pk)
    assert (event.object_type, event.object_id) == ("accounts.user", str(world.user["researcher"].pk))
    assert event.details == {"token": str(Token.objects.get().pk)}


def test_token_makes_no_token(world: World) -> None:
    """Only a signed-in person makes tokens; that a token tried to is in the journal of its project."""
    answer = caller(token_of(world, "owner")).post("/api/v1/tokens/", {})
    assert (answer.status_code, Token.objects.count()) == (403, 1)
    refusal = Event.objects.get(action="access.refused")
    assert (refusal.actor_id, refusal.project_id, refusal.outcome, refusal.channel) == (
        world.user["owner"].pk,
        world.project.pk,
        "refused",
        "api",
    )
    assert (refusal.object_type, refusal.object_id) == ("api.token", str(Token.objects.get().pk))
    assert refusal.details == {"permission": "api.create_token"}


def test_token_over_rest(world: World, api_of: Callable[[str], APIClient]) -> None:
    """A person makes a token over REST, sees its text once, and revokes it."""
    client = api_of("owner")
    body = {
        "name": "script",
        "project": world.project.slug,
        "permissions": ["access.view_project"],
        "expires_at": (timezone.now() + TOMORROW).isoformat(),
    }
    made = client.post("/api/v1/tokens/", body)
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    assert caller(made.json()["token"]).get("/api/v1/me/").json()["email"] == world.user["owner"].email
    assert "token" not in client.get("/api/v1/tokens/").json()["results"][0]
    assert client.delete(f"/api/v1/tokens/{made.json()['id']}/").status_code == 204
    assert client.get("/api/v1/tokens/").json()["results"] == []


def test_secret_is_not_kept(world: World) -> None:
    """Who reads the database can call nothing."""
    text = token_of(world, "owner")
    assert text.split(".")[1] not in str(Token.objects.values().get())


def test_use_is_noted_to_the_minute(world: World) -> None:
    """The last use is written down once a minute, not at each call."""
    client = caller(token_of(world, "owner"))
    client.get("/api/v1/projects/")
    first = Token.objects.get().last_used_at
    client.get("/api/v1/projects/")
    assert first is not None
    assert Token.objects.get().last_used_at == first


def test_nobody_revokes_anothers_token(world: World) -> None:
    """A token is revoked by its owner; by anybody else nothing happens, and nothing is told."""
    text = token_of(world, "owner")
    services.revoke_token(world.user["member"], Token.objects.get())
    assert caller(text).get("/api/v1/projects/").status_code == 200
    assert not Event.objects.filter(action="api.token_revoked").exists()


def test_command_prints_a_token(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """`manage.py token create` prints a token that works; in the journal its owner is the object, not the actor."""
    options = {"user": world.user["owner"].email, "project": world.project.slug, "permissions": "access.view_project"}
    call_command("token", "create", **options)
    assert caller(capsys.readouterr().out.strip()).get("/api/v1/me/").status_code == 200
    event = Event.objects.get(action="api.token_created")
    assert (event.actor_id, event.project_id) == (None, world.project.pk)
    assert (event.object_type, event.object_id) == ("accounts.user", str(world.user["owner"].pk))
    assert event.details["token"] == str(Token.objects.get().pk)


def test_command_refused_is_told_of_the_system(world: World) -> None:
    """Where the command asks for somebody who may have no token, the refusal names him as the object."""
    options = {"user": world.user["monitor"].email, "project": world.project.slug, "permissions": "access.view_project"}
    with pytest.raises(CommandError):
        call_command("token", "create", **options)
    event = Event.objects.get(action="access.refused")
    assert (event.actor_id, event.object_id, event.outcome) == (None, str(world.user["monitor"].pk), "refused")


@pytest.mark.parametrize(
    "wrong", [{"user": "nobody@x.example"}, {"project": "nowhere"}, {"permissions": "no.such"}, {"permissions": ""}]
)
def test_command_says_what_is_wrong(world: World, wrong: dict[str, str]) -> None:
    """The command refuses in words."""
    options = {"user": world.user["owner"].email, "project": world.project.slug, "permissions": "access.view_project"}
    with pytest.raises(CommandError):
        call_command("token", "create", **(options | wrong))
