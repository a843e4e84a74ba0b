"""ETag, If-None-Match and If-Match: nothing is sent twice, and nobody overwrites what he hasn't seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from rest_framework import mixins
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from core.access.demo import World, build
from core.access.models import Project
from core.rest.views import ProjectViewSet

ApiOf = Callable[[str], APIClient]


class Shown(ModelSerializer[Project]):
    class Meta:
        model = Project
        fields: ClassVar = ["slug", "name"]


class Renaming(mixins.RetrieveModelMixin, ProjectViewSet):
    """A resource that demands If-Match, as a room would write it."""

    queryset = Project.objects.all()
    serializer_class = Shown
    lookup_field = "slug"
    if_match_required = ("partial_update",)

    def partial_update(self, request: Any, slug: str) -> Response:
        project = self.get_object()
        project.name = request.data["name"]
        project.save()
        return Response(Shown(project).data)


def call(world: World, method: str, name: str = "", **headers: str) -> Any:
    request = getattr(APIRequestFactory(headers=headers), method)("/", {"name": name} if name else None)
    force_authenticate(request, world.user["owner"])
    return Renaming.as_view({"get": "retrieve", "patch": "partial_update"}, detail=True)(
        request, slug=world.project.slug
    )


def name_of(world: World) -> str:
    return str(Project.objects.get(pk=world.project.pk).name)


@pytest.mark.parametrize("path", ["/api/v1/projects/etude-sepsis/", "/api/v1/projects/", "/api/v1/me/"])
def test_what_one_has_already(api_of: ApiOf, path: str) -> None:
    """Who has the newest state gets 304 and no body; strong for a single thing, weak for a list."""
    client = api_of("member")
    first = client.get(path)
    assert first["ETag"].startswith('"') is (path.count("/") == 5)
    again = client.get(path, headers={"If-None-Match": f'"other", {first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "private, no-store"
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_gives_another_etag(api_of: ApiOf, world: World) -> None:
    """The ETag changes whenever the row does, also where what is shown stays the same."""
    client, path = api_of("member"), "/api/v1/projects/etude-sepsis/"
    first = client.get(path)
    with transaction.atomic():
        Project.objects.filter(pk=world.project.pk).update(name=world.project.name)
    second = client.get(path)
    assert second.json() == first.json()
    assert second["ETag"] != first["ETag"]


def test_a_reading_that_is_refused_has_no_etag(api_of: ApiOf) -> None:
    """What isn't there for somebody can't be asked about by its ETag either."""
    answer = api_of("stranger").get("/api/v1/projects/etude-sepsis/", headers={"If-None-Match": "*"})
    assert (answer.status_code, "ETag" in answer) == (404, False)


def test_a_change_of_what_was_read(world: World) -> None:
    """With the ETag of what was read, a change goes through, and its answer carries the next one."""
    first = call(world, "get")["ETag"]
    answer = call(world, "patch", "One", **{"If-Match": first})
    assert (answer.status_code, name_of(world)) == (200, "One")
    assert answer["ETag"]
    assert call(world, "patch", "Two", **{"If-Match": '"other", ' + answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("tag", ['"1-other"', 'W/"1"', "", '"'])
def test_a_change_of_something_else(world: World, tag: str) -> None:
    """Another version, a weak ETag or none at all match nothing: 412, and nothing is changed."""
    answer = call(world, "patch", "One", **{"If-Match": tag})
    assert (answer.status_code, answer.data["type"]) == (412, "urn:suite-interhop:problem:changed")
    assert name_of(world) == "Étude Sepsis"


def test_a_weak_etag_of_the_right_version(world: World) -> None:
    """If-Match compares strongly: what is only much the same isn't the same."""
    answer = call(world, "patch", "One", **{"If-Match": "W/" + call(world, "get")["ETag"]})
    assert (answer.status_code, name_of(world)) == (412, "Étude Sepsis")


def test_a_change_without_having_read(world: World) -> None:
    """Where the resource demands it, a change without If-Match is 428; any version is said by a star."""
    answer = call(world, "patch", "One")
    assert (answer.status_code, answer.data["type"]) == (428, "urn:suite-interhop:problem:if-match-required")
    assert call(world, "patch", "One", **{"If-Match": "*"}).status_code == 200


def test_if_match_where_there_is_nothing_to_match(api_of: ApiOf, world: World) -> None:
    """On a list, If-Match is refused and undoes the call: nobody believes himself protected who isn't."""
    subject = {"project": world.project.slug, "site": world.site_a.code}
    answer = api_of("member").post("/api/v1/ecrf/subjects/", subject, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["type"]) == (412, "urn:suite-interhop:problem:nothing-to-match")
    assert api_of("member").get("/api/v1/ecrf/subjects/").json()["results"] == []


def test_an_action_on_a_thing_that_has_changed(api_of: ApiOf, world: World) -> None:
    """Every existing resource has it: a removal that depends on a version is refused where that isn't the newest."""
    client = api_of("owner")
    member = next(
        m for m in client.get("/api/v1/members/").json()["results"] if m["user"]["email"].startswith("member")
    )
    path = f"/api/v1/members/{member['id']}/"
    assert client.delete(path, headers={"If-Match": '"0-x"'}).status_code == 412
    tag = client.get(path)["ETag"]
    assert client.delete(path, headers={"If-Match": tag}).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_two_who_have_read_the_same() -> None:
    """Of two changes that start from one state, the second waits for the first and is then refused."""
    world = build()
    tag = call(world, "get")["ETag"]
    started, answers = threading.Event(), []

    def second() -> None:
        try:
            started.set()
            answers.append(call(world, "patch", "Two", **{"If-Match": tag}).status_code)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        assert call(world, "patch", "One", **{"If-Match": tag}).status_code == 200
        thread.start()
        assert started.wait(20)
    thread.join()
    assert (answers, name_of(world)) == ([412], "One")
