"""Who reaches the pages and resources of core.history."""

from __future__ import annotations

from typing import Any

from django.db import connection

from core.access import services
from core.access.demo import World
from core.history.models import Change
from tests.walk import SIGNED_IN, Route, once

READERS = {"owner": 200, "administrator": 200, "monitor": 200}


@once
def changed(world: World) -> Change:
    """A site got another name."""
    services.rename_site(world.user["owner"], world.site_a, "Another name")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return Change.objects.filter(kind="access.site", act="update").latest("pk")


def of_site(world: World) -> dict[str, Any]:
    return {"kind": "access.site", "key": changed(world).key}


def change(world: World) -> dict[str, Any]:
    return {"pk": changed(world).pk}


ROUTES = [
    Route("history:thing", of_site, READERS),
    Route("api:history:change-list", allowed=SIGNED_IN, api=True),
    Route("api:history:change-detail", change, READERS, api=True),
]
