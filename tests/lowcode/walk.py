"""Who gets what of the analyses."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from lowcode.models import Analysis
from lowcode.services import analyses, running
from tests.lowcode.conftest import BY_SEX, publish
from tests.walk import EVERYONE, Route, in_project

VIEWERS = {"owner": 200, "researcher": 200, "monitor": 200, "administrator": 200}
OTHERS = {"member": 403, "other_site": 403, "stranger": 422}
"""Members of one site see the project and may not ask; to a stranger the project doesn't exist."""
REFUSED = {"monitor": 403, "administrator": 403}


def an_analysis(world: World) -> Analysis:
    """One that was run, so that its result can be shown without the data."""
    found = Analysis.objects.filter(project=world.project).first()
    if found is None:
        publish(world)
        found = analyses.create(world.user["researcher"], world.project, "Lactate par sexe", BY_SEX)
        running.read_saved(world.user["researcher"], found)
    return found


def of_one(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": an_analysis(world).pk}


def deleted(world: World) -> dict[str, Any]:
    found = of_one(world)
    analyses.delete(world.user["owner"], Analysis.objects.get(pk=found["pk"]))
    return found


def by_key(world: World) -> dict[str, Any]:
    return {"pk": an_analysis(world).pk}


def with_data(world: World) -> dict[str, Any]:
    an_analysis(world)
    return {}


MADE = {"owner": 201, "researcher": 201} | REFUSED
WRITERS = {"owner": 302, "researcher": 302} | REFUSED
QUESTION = {"project": "etude-sepsis", "query": BY_SEX}
SAVED = {"name": "Lactate", "query": BY_SEX, "revision": 1}
PUBLICATION = {"name": "lactate", "title": "Lactate par sexe"}
ROUTES = [
    Route("lowcode:analyses", in_project, VIEWERS),
    Route("lowcode:create", in_project, {"owner": 200, "researcher": 200} | REFUSED),
    Route("lowcode:analysis", of_one, VIEWERS),
    Route("lowcode:duplicate", of_one, WRITERS, method="post"),
    Route("lowcode:delete", of_one, WRITERS, method="post"),
    Route("lowcode:restore", deleted, WRITERS, method="post"),
    Route("lowcode:publish", of_one, {"owner": 200, "researcher": 200} | REFUSED),
    Route("api:lowcode:analysis-list", allowed=dict.fromkeys(EVERYONE[1:], 200), api=True),
    Route(
        "api:lowcode:analysis-list",
        with_data,
        {"owner": 201, "researcher": 201} | REFUSED | OTHERS,
        method="post",
        data=QUESTION | {"name": "Âge"},
        api=True,
    ),
    Route("api:lowcode:analysis-detail", by_key, VIEWERS, api=True),
    Route(
        "api:lowcode:analysis-detail",
        by_key,
        {"owner": 200, "researcher": 200} | REFUSED,
        method="put",
        data=SAVED,
        api=True,
    ),
    Route(
        "api:lowcode:analysis-detail", by_key, {"owner": 204, "researcher": 204} | REFUSED, method="delete", api=True
    ),
    Route(
        "api:lowcode:analysis-duplicate", by_key, {"owner": 201, "researcher": 201} | REFUSED, method="post", api=True
    ),
    Route("api:lowcode:analysis-run", by_key, VIEWERS, method="post", api=True),
    Route("api:lowcode:analysis-export", by_key, VIEWERS, method="post", data={"format": "csv"}, api=True),
    Route(
        "api:lowcode:analysis-publish",
        by_key,
        {"owner": 201, "researcher": 201} | REFUSED,
        method="post",
        data=PUBLICATION | {"hide_small_counts": False},
        api=True,
    ),
    Route(
        "api:lowcode:query",
        with_data,
        {"owner": 200, "researcher": 200} | REFUSED | OTHERS,
        method="post",
        data=QUESTION,
        api=True,
    ),
    Route("api:lowcode:query-schema", allowed=dict.fromkeys(EVERYONE[1:], 200), api=True),
]
