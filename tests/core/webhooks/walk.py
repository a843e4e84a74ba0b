"""Who looks after webhooks: the managers, and nobody else."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.webhooks import services
from core.webhooks.models import Endpoint
from tests.walk import SIGNED_IN, Route, in_project, once

REFUSED = dict.fromkeys(("member", "other_site", "researcher", "monitor", "administrator"), 403)
SEE = {"owner": 200} | REFUSED
DO = {"owner": 302} | REFUSED
URL = "https://receiver.example/hook"


@once
def made(world: World) -> Endpoint:
    return services.create_endpoint(world.user["owner"], world.project, URL, ["ecrf.entry_saved"])[0]


def one(world: World) -> dict[str, Any]:
    return in_project(world) | key(world)


def key(world: World) -> dict[str, Any]:
    return {"pk": made(world).pk}


@once
def delivery_key(world: World) -> dict[str, Any]:
    return {"pk": services.send_test(world.user["owner"], made(world)).pk}


def one_delivery(world: World) -> dict[str, Any]:
    return in_project(world) | delivery_key(world)


ROUTES = [
    Route("webhooks:list", in_project, SEE),
    Route("webhooks:create", in_project, DO),
    Route("webhooks:endpoint", one, SEE),
    Route("webhooks:change", one, SEE),
    Route("webhooks:switch", one, DO, method="post"),
    Route("webhooks:rotate", one, DO, method="post"),
    Route("webhooks:test", one, DO, method="post"),
    Route("webhooks:replay_since", one, DO, method="post"),
    Route("webhooks:delete", one, DO, method="post"),
    Route("webhooks:delivery", one_delivery, SEE),
    Route("webhooks:replay", one_delivery, DO, method="post"),
    Route("api:webhooks:endpoint-list", allowed=SIGNED_IN, api=True),
    Route("api:webhooks:endpoint-detail", key, {"owner": 200}, api=True),
    Route("api:webhooks:endpoint-detail", key, {"owner": 428}, method="patch", api=True),
    Route("api:webhooks:endpoint-detail", key, {"owner": 204}, method="delete", api=True),
    Route("api:webhooks:endpoint-rotate", key, {"owner": 403}, method="post", api=True),
    Route("api:webhooks:endpoint-test", key, {"owner": 202}, method="post", api=True),
    Route("api:webhooks:endpoint-replay", key, {"owner": 422}, method="post", api=True),
    Route("api:webhooks:delivery-list", allowed=SIGNED_IN, api=True),
    Route("api:webhooks:delivery-detail", delivery_key, {"owner": 200}, api=True),
    Route("api:webhooks:delivery-replay", delivery_key, {"owner": 202}, method="post", api=True),
]
