"""A service that was let in calls the REST API in a person's name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from core import access, jobs
from core.access.demo import World
from core.access.models import Membership, Project
from core.access.people import NotAdministrator, require_administrator
from core.access.scope import Limits
from core.accounts.fresh import require_fresh
from core.accounts.models import User
from core.api.authentication import is_known
from core.api.services import create_token
from core.errors import NotFresh
from core.jobs import rights
from core.jobs.models import Job
from core.provider import services
from tests.core.provider.conftest import Relying

Rely = Callable[..., Relying]
EVERYTHING = Limits(project_id=None, permissions=None)


def caller(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def token_for(rely: Rely) -> Callable[..., str]:
    def token_for(scope: str, who: str = "owner", **more: Any) -> str:
        return str(rely(who, scopes=["openid", "api:read", "api"], **more).tokens(scope=scope)["access_token"])

    return token_for


def test_service_reads_all_of_a_persons_projects(token_for: Callable[..., str], world: World) -> None:
    """With `api` a service sees the projects that the person is a member of, and no other's."""
    found = caller(token_for("openid api")).get("/api/v1/projects/").json()["results"]
    assert [project["slug"] for project in found] == [world.project.slug]
    elsewhere = Membership.objects.create(user=world.user["owner"], project=world.elsewhere)
    elsewhere.roles.set(Membership.objects.get(user=world.user["stranger"]).roles.all())
    found = caller(token_for("openid api", name="Other")).get("/api/v1/projects/").json()["results"]
    assert {project["slug"] for project in found} == {world.project.slug, world.elsewhere.slug}


def test_reading_scope_changes_nothing(token_for: Callable[..., str]) -> None:
    """With `api:read` a service reads, and is refused each call that could change something."""
    client = caller(token_for("openid api:read"))
    assert client.get("/api/v1/projects/").status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/api/v1/projects/", {}, format="json").status_code == 403, method


def test_token_of_another_audience_is_refused(rely: Rely, token_for: Callable[..., str]) -> None:
    """What was made for telling who somebody is opens no API: neither the access token nor the id_token."""
    tokens = rely().tokens()
    assert caller(tokens["access_token"]).get("/api/v1/projects/").status_code == 403
    assert caller(tokens["id_token"]).get("/api/v1/projects/").status_code == 401
    assert caller(tokens["refresh_token"]).get("/api/v1/projects/").status_code == 401
    for text in ("", "x", "é", "a" * 5000, "suite_x.y"):
        assert caller(text).get("/api/v1/projects/").status_code == 401


def test_token_dies_with_its_service_and_its_person(token_for: Callable[..., str], world: World) -> None:
    """A disabled service, a missing second factor, and a person who has left: nothing is opened any more."""
    from core.provider.models import Service

    token = token_for("openid api")
    Authenticator.objects.filter(user=world.user["owner"]).delete()
    assert caller(token).get("/api/v1/projects/").status_code == 403
    services.disable(world.user["administrator"], Service.objects.get())
    assert caller(token).get("/api/v1/projects/").status_code == 401
    member = token_for("openid api", "member", name="Other")
    User.objects.filter(pk=world.user["member"].pk).update(is_active=False)
    assert caller(member).get("/api/v1/projects/").status_code == 401


def test_token_makes_no_tokens_and_runs_no_instance(token_for: Callable[..., str], world: World) -> None:
    """Keys for other programs are made by the person himself, and administrators run the instance in person."""
    until = timezone.now() + timedelta(days=1)
    create_token(world.user["owner"], world.project, "script", ["access.view_project"], until)
    client = caller(token_for("openid api"))
    assert client.get("/api/v1/tokens/").status_code == 403
    owner, administrator = world.user["owner"], world.user["administrator"]
    owner.limits = administrator.limits = EVERYTHING
    assert access.can(owner, "access.manage_members", world.project)
    assert not access.can(owner, "api.create_token", world.project)
    assert not access.can(owner, "vault.destroy_key", world.project)
    assert not Project.objects.visible_to(owner, "api.create_token").exists()
    with pytest.raises(NotAdministrator):
        require_administrator(administrator, "access.manage_people")
    with pytest.raises(NotFresh):
        require_fresh(RequestFactory().get("/"), owner)


def test_jobs_of_a_service_keep_its_limits(world: World) -> None:
    """Long work that a service asked for runs with what it could do; without a project it runs with nothing."""
    owner = world.user["owner"]
    owner.limits = EVERYTHING
    from core.jobs.services import left_to

    kept = {"owner": owner, "task": "jobs.none", "queue": "default", "permissions": left_to(owner)}
    inside = Job.objects.create(project=world.project, **kept)
    outside = Job.objects.create(project=None, **kept)
    in_person = Job.objects.create(project=world.project, **(kept | {"permissions": None}))
    assert set(jobs.models.Job.objects.visible_to(owner)) >= {inside}
    mine = Job.objects.visible_to(owner).filter(pk__in=[inside.pk, outside.pk])
    assert list(mine) == [inside]
    assert inside.is_within(EVERYTHING)
    assert not in_person.is_within(EVERYTHING)
    acting = rights.as_asked(Job.objects.get(pk=inside.pk))
    assert access.can(acting, "access.view_project", world.project)
    assert not access.can(acting, "api.create_token", world.project)
    acting = rights.as_asked(Job.objects.get(pk=outside.pk))
    assert access.abilities(acting, world.project) == frozenset()


def test_token_of_a_service_is_known_before_a_body_is_read(token_for: Callable[..., str]) -> None:
    """Who may send much: a service that was let in too."""
    request = RequestFactory().post("/", headers={"authorization": f"Bearer {token_for('openid api')}"})
    assert is_known(request)
