"""Every route of the portal, and of the account pages it gives their look."""

from __future__ import annotations

from tests.walk import PUBLIC, SIGNED_IN, Route

ROUTES = [
    Route("portal:home", allowed=SIGNED_IN),
    Route("portal:search", allowed=SIGNED_IN),
    Route("portal:places", allowed=SIGNED_IN),
    Route("portal:style_guide", allowed=SIGNED_IN),
    Route("portal:session", allowed={**SIGNED_IN, "anonymous": 401}),
    Route("portal:session", allowed={**SIGNED_IN, "anonymous": 401}, method="post"),
    Route(
        "portal:language",
        allowed=dict.fromkeys(PUBLIC, 302),
        method="post",
        data={"language": "en", "next": "/search/"},
    ),
]
