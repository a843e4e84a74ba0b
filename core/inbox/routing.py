"""The sockets of this room."""

from __future__ import annotations

from django.urls import path

from core.inbox.sockets import BellSocket

websocket_urlpatterns = [path("ws/notices/", BellSocket.as_asgi())]
