"""What every list can be asked: filters, words, an order, some fields only."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIClient

from core.access.demo import World
from core.access.models import Project
from core.rest import sparse
from ecrf.models import Subject
from ecrf.services import include_subject

ApiOf = Callable[[str], APIClient]
SUBJECTS = "/api/v1/ecrf/subjects/"
PROJECTS = "/api/v1/projects/"
OPENAPI = settings.ROOT / "docs" / "openapi.json"


@pytest.fixture
def subjects(world: World) -> list[Subject]:
    return [include_subject(world.user["owner"], site) for site in (world.site_a, world.site_b, world.site_a)]


def numbers(client: APIClient, query: str) -> list[str]:
    answer = client.get(f"{SUBJECTS}?{query}")
    assert answer.status_code == 200, answer.content
    return [subject["number"] for subject in answer.json()["results"]]


def refused(client: APIClient, path: str, place: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["place"] for error in answer.json()["errors"]] == [place]


def test_filters_that_come_by_themselves(api_of: ApiOf, subjects: list[Subject]) -> None:
    """Every list with ids and dates can be asked for some ids and for a time, without its room saying so."""
    client, first = api_of("owner"), subjects[0]
    assert numbers(client, f"id__in={first.pk},{uuid.uuid4()}") == [first.number]
    later = subjects[1].created_at.isoformat().replace("+", "%2B")
    assert numbers(client, f"created_at__lt={later}") == [first.number]
    assert sorted(numbers(client, f"created_at__gte={later}")) == sorted(s.number for s in subjects[1:])


def test_filters_that_a_room_declares(api_of: ApiOf, subjects: list[Subject], world: World) -> None:
    """A filter of a resource keeps what it names, and of what one may not see it keeps nothing."""
    assert numbers(api_of("owner"), f"site={world.site_b.pk}") == [subjects[1].number]
    assert numbers(api_of("member"), f"site={world.site_b.pk}") == []
    assert numbers(api_of("owner"), f"site={uuid.uuid4()}") == []
    assert len(numbers(api_of("owner"), f"number__in={subjects[0].number},{subjects[1].number}")) == 2


@pytest.mark.parametrize(
    "place", ["id__in=1", "created_at__lt=yesterday", "site=x", "site=", "ordering=secret", "ordering="]
)
def test_what_can_not_be_asked(api_of: ApiOf, place: str) -> None:
    """A filter with a value that it can't have, or with none, is 422: it never quietly keeps everything."""
    refused(api_of("owner"), f"{SUBJECTS}?{place}", place.partition("=")[0])


@pytest.mark.parametrize(
    ("asked", "near"),
    [("odering=name", "ordering"), ("created_at_lt=2026-01-01", "created_at__lt"), ("zzz=1", None), ("", "ordering")],
)
def test_what_is_not_known_here(api_of: ApiOf, subjects: list[Subject], asked: str, near: str | None) -> None:
    """A parameter that the description doesn't name is 400, named in words beside the one that was probably meant."""
    del subjects
    asked = asked or "number__in=BRO-001&ordring=number"
    answer = api_of("owner").get(f"{SUBJECTS}?{asked}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == "urn:suite-interhop:problem:unknown-parameter"
    [error] = problem["errors"]
    assert error["place"] in asked
    assert error["message"].count("«") == (1 if near is None else 2)
    assert near is None or f"«\u00a0{near}\u00a0»" in error["message"]


def test_every_list_refuses_what_is_not_known(api_of: ApiOf) -> None:
    """No list of the API takes a parameter that it doesn't know: it is said before anything is read."""
    paths = json.loads(OPENAPI.read_text())["paths"]
    lists = [path for path, said in paths.items() if "get" in said and "{" not in path]
    client = api_of("owner")
    answers = {path: client.get(f"{path}?nobody_knows=1").status_code for path in lists}
    machines_alone = {"/api/v1/backup/agent/state/": 401}
    assert {path: status for path, status in answers.items() if status != 400} == machines_alone
    assert len(answers) > 30


def test_an_order(api_of: ApiOf, subjects: list[Subject]) -> None:
    """A list comes in the order that was asked for, page by page."""
    wanted = sorted(subject.number for subject in subjects)
    assert numbers(api_of("owner"), "ordering=number") == wanted
    page = api_of("owner").get(f"{SUBJECTS}?ordering=-number&page_size=2").json()
    rest = api_of("owner").get(page["next"]).json()
    assert [s["number"] for s in page["results"] + rest["results"]] == wanted[::-1]


def test_words(api_of: ApiOf, world: World) -> None:
    """Each of the words is to be found in one of the fields that the resource names."""
    names = lambda q: [p["slug"] for p in api_of("owner").get(f"{PROJECTS}?q={q}").json()["results"]]  # noqa: E731
    assert names("sepsis etude") == [world.project.slug]
    assert names("sepsis nowhere") == []
    assert names(world.elsewhere.slug) == []


def test_some_fields_only(api_of: ApiOf) -> None:
    """Of a list and of a thing, only the fields that were asked for come, also from inside others."""
    client = api_of("owner")
    page = client.get(f"{PROJECTS}?fields=slug,sites.code").json()
    assert page["results"] == [{"slug": "etude-sepsis", "sites": [{"code": "BRO"}, {"code": "KER"}]}]
    assert "next" in page
    assert client.get(f"{PROJECTS}etude-sepsis/?fields=name").json() == {"name": "Étude Sepsis"}


@pytest.mark.parametrize(
    "names", ["secret", "sites.secret", "", ",", "name,", "a b", "..", "name.x", ",".join("a" * 101)]
)
def test_fields_that_are_not_there(api_of: ApiOf, names: str) -> None:
    """A field that nothing has is 422: a misspelt name isn't taken for an empty one."""
    answer = api_of("owner").get(PROJECTS, {"fields": names})
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, "fields")


def test_the_whole_of_a_field_and_a_part_of_it() -> None:
    """Who asks for a thing and for a part of it gets all of it."""
    assert sparse.pick({"a": {"b": 1, "c": 2}, "d": 3}, sparse.wanted("a.b,a")) == {"a": {"b": 1, "c": 2}}


def many(client: APIClient, path: str, *items: dict[str, Any], **said: Any) -> Any:
    return client.post(f"{path}bulk/", {"items": list(items), **said})


def include(world: World, code: str = "BRO") -> dict[str, Any]:
    return {"act": "create", "body": {"project": world.project.slug, "site": code}}


def test_many_at_once(api_of: ApiOf, world: World) -> None:
    """Many are done in one call, in their order, each answered as its own call would be."""
    answer = many(api_of("owner"), SUBJECTS, include(world), include(world, "KER"))
    assert answer.status_code == 200
    assert [(r["index"], r["status"], r["body"]["site"]) for r in answer.json()["results"]] == [
        (0, 201, "BRO"),
        (1, 201, "KER"),
    ]


def test_all_or_nothing(api_of: ApiOf, world: World) -> None:
    """One fault undoes them all, and every fault is told by its index."""
    answer = many(
        api_of("owner"), SUBJECTS, include(world), include(world, "ZZZ"), {"act": "create"}, {"act": "delete"}
    )
    assert answer.status_code == 422
    places = [error["place"] for error in answer.json()["errors"]]
    assert places == ["1", "2.project", "2.site", "3.act"]
    assert not Subject.objects.exists()


def test_each_for_itself(api_of: ApiOf, world: World) -> None:
    """Asked for, what succeeds is kept though others fail, and each says how it went."""
    answer = many(api_of("owner"), SUBJECTS, include(world, "ZZZ"), include(world), each_for_itself=True)
    assert [result["status"] for result in answer.json()["results"]] == [404, 201]
    assert Subject.objects.count() == 1


def test_a_refusal_among_many(api_of: ApiOf, world: World) -> None:
    """Nobody does in bulk what he may not do: it is undone, and the refusal stands in the journal."""
    from core.audit.models import Event

    answer = many(api_of("monitor"), SUBJECTS, include(world))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "forbidden")
    assert Event.objects.filter(action="access.refused", actor_id=world.user["monitor"].pk).count() == 1
    assert many(api_of("stranger"), SUBJECTS, include(world)).json()["errors"][0]["place"] == "0.project"


@pytest.mark.parametrize("items", [0, 1001])
def test_too_many(api_of: ApiOf, world: World, items: int) -> None:
    """A call changes 1 to 1,000 things."""
    assert many(api_of("owner"), SUBJECTS, *[include(world)] * items).status_code == 422


def test_some_are_deleted(api_of: ApiOf, world: World) -> None:
    """Things are deleted by their ids; what one doesn't see is not there."""
    client = api_of("owner")
    person = {"email": "a@demo.example", "project": world.project.slug, "roles": ["monitor"]}
    invited = many(client, "/api/v1/invitations/", {"act": "create", "body": person}).json()["results"][0]["body"]
    unknown = many(client, "/api/v1/invitations/", {"act": "delete", "id": str(uuid.uuid4())})
    assert unknown.json()["errors"][0]["code"] == "not-found"
    assert many(api_of("stranger"), "/api/v1/invitations/", {"act": "delete", "id": invited["id"]}).status_code == 422
    gone = many(client, "/api/v1/invitations/", {"act": "delete", "id": invited["id"]})
    assert gone.json()["results"] == [{"index": 0, "status": 204, "body": None}]
    assert client.get(f"/api/v1/invitations/{invited['id']}/").status_code == 404


def test_a_project_is_only_what_one_sees(world: World) -> None:
    """There is another project, so that the tests above show something."""
    assert Project.objects.count() == 2


@pytest.mark.parametrize(
    "moment", ["2026-01-01T00:00:00+21:53", "2026-01-01T00:00:00-16:25", "0001-01-01T00:00:00%2B10:00"]
)
def test_a_moment_far_from_utc(api_of: ApiOf, moment: str) -> None:
    """An offset that the database doesn't know is counted in UTC; what no calendar has is 422."""
    answer = api_of("owner").get(f"{SUBJECTS}?created_at__lt={moment.replace('+', '%2B')}")
    assert answer.status_code == (422 if moment.startswith("0001") else 200)


def test_options_says_what_it_is_for(api_of: ApiOf) -> None:
    """OPTIONS tries nothing of what could be done; and a method that isn't there is 405, whatever comes with it."""
    for path in ("/api/v1/audit/alerts/rules/", SUBJECTS):
        answer = api_of("owner").options(path, {"project": ""})
        assert (answer.status_code, set(answer.json())) == (200, {"name", "description"})
    assert api_of("owner").generic("TRACE", SUBJECTS, headers={"Idempotency-Key": "0"}).status_code == 405


def resources() -> set[Any]:
    """Every view of the API."""

    def below(patterns: list[Any]) -> Iterator[Any]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns)
            else:
                yield getattr(pattern.callback, "cls", None)

    return {view for view in below(get_resolver().url_patterns) if view}


def test_no_list_is_ordered_by_what_may_be_missing() -> None:
    """A page goes on after a value: rows that have none would stand on no page."""
    pairs = [(view, name) for view in resources() for name in getattr(view, "ordering_fields", ())]
    assert len(pairs) > 5
    assert [pair for pair in pairs if pair[0].queryset.model._meta.get_field(pair[1]).null] == []
