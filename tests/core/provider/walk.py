"""Who reaches the endpoints and pages of core.provider."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.provider import connections, keys
from tests.core.provider.conftest import registered
from tests.walk import EVERYONE, PUBLIC, SIGNED_IN, Route, once


@once
def client(world: World) -> dict[str, Any]:
    return {"pk": registered(world)[0].pk}


@once
def mine(world: World) -> dict[str, Any]:
    service = registered(world)[0]
    connections.allow(world.user["member"], service.client, ["openid"])
    return {"client": service.client_id}


@once
def signing(world: World) -> dict[str, Any]:
    """The keys are there: making them takes long."""
    keys.signing()
    return {}


ASKED_AGAIN = dict.fromkeys(EVERYONE[1:], 302)
"""The page asks first who it is; what it is for is said after that."""
REFUSED = dict.fromkeys(SIGNED_IN, 403)
"""To everybody but administrators; and these are asked first who they are."""
TO_RUN = {"administrator": 302}

ROUTES = [
    *(Route(f"provider:{name}", allowed=PUBLIC) for name in ("configuration", "metadata")),
    Route("provider:jwks", signing, PUBLIC),
    Route("provider:onward", allowed=dict.fromkeys(EVERYONE, 400)),
    Route("provider:authorize", allowed=dict.fromkeys(EVERYONE, 400)),
    Route("provider:consent", allowed=dict.fromkeys(EVERYONE[1:], 400), method="post"),
    Route("provider:token", allowed=dict.fromkeys(EVERYONE, 400), method="post"),
    Route("provider:userinfo", allowed=dict.fromkeys(EVERYONE, 401)),
    Route("provider:revoke", allowed=dict.fromkeys(EVERYONE, 400), method="post"),
    Route("provider:logout", allowed={**SIGNED_IN, "anonymous": 302}),
    Route("provider:logout_confirm", allowed=dict.fromkeys(EVERYONE, 302), method="post"),
    Route("provider:device_request", allowed=dict.fromkeys(EVERYONE, 401), method="post"),
    Route("provider:device", allowed=ASKED_AGAIN),
    Route("provider:connected", allowed=SIGNED_IN),
    Route("provider:revoke_mine", mine, {"member": 302}, method="post"),
    Route("provider:clients", allowed={"administrator": 200}),
    Route("provider:client", client, {"administrator": 200}),
    Route("provider:register", allowed=TO_RUN),
    Route("provider:change", client, TO_RUN),
    Route("provider:renew_secret", client, TO_RUN, method="post"),
    Route("provider:disable", client, TO_RUN, method="post"),
    Route("provider:enable", client, TO_RUN, method="post"),
    Route("provider:rotate_keys", allowed=TO_RUN, method="post"),
    Route("api:provider:client-list", allowed=SIGNED_IN, api=True),
    Route("api:provider:client-list", allowed=REFUSED, method="post", api=True),
    Route("api:provider:client-detail", client, {"administrator": 200}, api=True),
    Route("api:provider:client-detail", client, {"administrator": 428}, method="patch", api=True),
    *(
        Route(f"api:provider:client-{act}", client, {"administrator": 403}, method="post", api=True)
        for act in ("secret", "disable", "enable")
    ),
    Route("api:provider:key-list", allowed=SIGNED_IN, api=True),
    Route("api:provider:key-rotate", allowed=REFUSED, method="post", api=True),
]
