"""Who sees how the instance feels."""

from __future__ import annotations

from tests.walk import PUBLIC, Route

ROUTES = [
    Route("health:alive", allowed=PUBLIC),
    Route("health:ready", allowed=PUBLIC),
    Route("health:metrics", allowed={"anonymous": 404}),
    Route("health:overview", allowed={"administrator": 200}),
]
