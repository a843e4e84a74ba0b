"""Who reaches the pages and resources of core.api."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.access.demo import World
from core.api.services import create_token
from tests.walk import PUBLIC, SIGNED_IN, Route


def token(world: World) -> dict[str, Any]:
    until = timezone.now() + timedelta(days=1)
    return {"pk": create_token(world.user["member"], world.project, "script", ["access.view_project"], until)[0].pk}


NO_PROJECT = {"administrator": 404, "monitor": 404}

ROUTES = [
    Route("tokens:list", allowed=SIGNED_IN),
    Route("tokens:create", allowed=SIGNED_IN | NO_PROJECT),
    Route("tokens:revoke", token, {"member": 302}, method="post"),
    Route("tokens:reference", allowed=PUBLIC),
    Route("tokens:operation", lambda world: {"operation": "ecrf_subjects_create"}, PUBLIC),
    Route("api:api:root", allowed=PUBLIC, api=True),
    Route("api:api:schema", allowed=PUBLIC, api=True),
    Route("api:api:token-list", allowed=SIGNED_IN, api=True),
    Route("api:api:token-detail", token, {"member": 200}, api=True),
    Route("api:api:token-detail", token, {"member": 204}, method="delete", api=True),
]
