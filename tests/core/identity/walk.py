"""Who reaches the pages of identities."""

from __future__ import annotations

from uuid import UUID

from core.access.demo import World
from core.identity.models import IdentityProvider
from tests.walk import EVERYONE, SIGNED_IN, Route, once

MOVED = dict.fromkeys(SIGNED_IN, 302)
"""Asked who they are first."""
REFUSED = dict.fromkeys(SIGNED_IN, 403)
"""To everybody but administrators; and these are asked first who they are."""
NOBODY_YET = dict.fromkeys(EVERYONE, 404)
NOWHERE = "00000000-0000-0000-0000-000000000000"


@once
def provider(world: World) -> UUID:
    made, _new = IdentityProvider.objects.get_or_create(
        slug="chu", defaults={"name": "CHU", "discovery_url": "https://chu.example/x", "client_id": "suite"}
    )
    return made.pk


def one(world: World) -> dict[str, UUID]:
    return {"pk": provider(world)}


ROUTES = [
    Route("identity:remove_passkey", lambda world: {"pk": 1}, MOVED),
    Route("identity:remove_app", allowed=MOVED),
    Route("identity:connections", allowed=SIGNED_IN),
    Route("identity:unlink", lambda world: {"pk": NOWHERE}, MOVED, method="post"),
    Route("identity:profile", allowed=SIGNED_IN),
    Route("identity:confirm", allowed=MOVED),
    Route("identity:directory", allowed=SIGNED_IN),
    Route("identity:begin", lambda world: {"slug": "nowhere", "purpose": "sign_in"}, NOBODY_YET, method="post"),
    Route("identity:callback", lambda world: {"slug": "nowhere"}, NOBODY_YET),
    Route("identity:logout", lambda world: {"slug": "nowhere"}, NOBODY_YET, method="post"),
    Route("identity:providers", allowed={"administrator": 200}),
    Route("identity:add_provider", lambda world: {"kind": "oidc"}, {"administrator": 302}),
    Route("identity:edit_provider", one, {"administrator": 302}),
    Route("identity:enable_provider", one, {"administrator": 302}, method="post"),
    Route("identity:check_provider", one, {"administrator": 302}, method="post"),
    Route("api:identity:provider-list", allowed=SIGNED_IN, api=True),
    Route("api:identity:provider-list", allowed=REFUSED, method="post", api=True),
    Route("api:identity:provider-detail", one, {"administrator": 200}, api=True),
    Route("api:identity:provider-detail", one, {"administrator": 428}, method="patch", api=True),
    *(
        Route(f"api:identity:provider-{act}", one, {"administrator": 403}, method="post", api=True)
        for act in ("enable", "disable", "check")
    ),
    Route("api:identity:directory-list", allowed=SIGNED_IN, api=True),
    Route(
        "api:identity:directory-detail", lambda world: {"pk": world.user["stranger"].pk}, {"stranger": 200}, api=True
    ),
]
