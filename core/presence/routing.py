"""The sockets of this room."""

from __future__ import annotations

from django.urls import re_path

from core.presence.sockets import PresenceSocket

websocket_urlpatterns = [
    re_path(r"^ws/presence/(?P<kind>[a-z_.]{1,40})/(?P<key>[A-Za-z0-9:_-]{1,100})/$", PresenceSocket.as_asgi())
]
