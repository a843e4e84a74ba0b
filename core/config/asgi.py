"""The door of the web server: pages and API over HTTP, live progress and presence over WebSocket."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django import setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.config.settings")
setup(set_prefix=False)

from core import tool  # noqa: E402  (the apps are loaded now)
from core.api.authentication import is_known  # noqa: E402
from core.config.parts import part  # noqa: E402
from core.config.services import POOL  # noqa: E402
from core.files.uploads import Door  # noqa: E402

SPARE = 2
"""Connections to PostgreSQL that requests leave to sockets and to what watches the process."""
sockets = [
    pattern for room in tool.rooms() if (routing := part(room, "routing")) for pattern in routing.websocket_urlpatterns
]
application = ProtocolTypeRouter(
    {
        "http": Door(is_known, at_once=POOL - SPARE),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(sockets))),
    }
)
