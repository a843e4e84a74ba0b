"""Who sees and limits what is stored."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.files.models import Space
from tests.walk import EVERYONE, Route

IN_PROJECT = dict.fromkeys(("owner", "member", "other_site", "researcher", "monitor"), 200)


def one(world: World) -> dict[str, Any]:
    return {"pk": Space.objects.get(project=world.project).pk}


ROUTES = [
    Route("storage:overview", allowed={"administrator": 200}),
    Route("storage:quota", one, allowed={"administrator": 200}),
    Route("storage:quota", one, allowed={"administrator": 422}, method="post", data={"gigabytes": "-1"}),
    Route("storage:move", allowed={"administrator": 302}, method="post"),
    Route("api:storage:space-list", api=True, allowed=dict.fromkeys(EVERYONE[1:], 200)),
    Route("api:storage:space-detail", one, api=True, allowed={**IN_PROJECT, "administrator": 200}),
    Route(
        "api:storage:space-detail",
        one,
        api=True,
        method="patch",
        data={"quota": 5},
        allowed={**dict.fromkeys(IN_PROJECT, 403), "administrator": 200},
    ),
]
