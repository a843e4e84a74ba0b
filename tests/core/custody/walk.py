"""Who sees and renews the keys: those who run the instance, and nobody else."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from tests.walk import EVERYONE, Route


def of_project(world: World) -> dict[str, Any]:
    return {"project": world.project.slug}


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.project.slug}


FORBIDDEN = dict.fromkeys(EVERYONE[1:], 403)

# Who may renew is asked first who he is: 302.
ROUTES = [
    Route("custody:keys", allowed={"administrator": 200}),
    Route("custody:key", of_project, allowed={"administrator": 200}),
    Route("custody:renew", of_project, allowed={"administrator": 302}, method="post"),
    Route("custody:renew_own", allowed={"administrator": 302}, method="post"),
    Route("api:custody:key-list", api=True, allowed=dict.fromkeys(EVERYONE[1:], 200)),
    Route("api:custody:key-detail", slug, api=True, allowed={"administrator": 200}),
    Route("api:custody:key-renew", slug, api=True, method="post", allowed={"administrator": 403}),
    Route("api:custody:key-instance", api=True, allowed=FORBIDDEN | {"administrator": 200}),
    Route("api:custody:key-renew-instance", api=True, method="post", allowed=FORBIDDEN),
    Route("api:custody:key-rewrap", api=True, method="post", allowed=FORBIDDEN),
    Route("custody:rewrap", allowed={"administrator": 302}, method="post"),
]
