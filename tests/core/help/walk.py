"""Every route of the help."""

from __future__ import annotations

from core.access.demo import World
from tests.walk import SIGNED_IN, Route


def whole(_world: World) -> dict[str, str]:
    """The argument that leads to the tour of the whole suite."""
    return {"app": "portal"}


SEEN = dict.fromkeys(SIGNED_IN, 204)
ROUTES = [
    Route("help:show", allowed=SIGNED_IN),
    Route("help:tour", whole, SIGNED_IN),
    Route("help:tour_seen", whole, SEEN, method="post"),
]
