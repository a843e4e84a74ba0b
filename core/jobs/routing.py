"""The sockets of this room."""

from __future__ import annotations

from django.urls import path

from core.jobs.sockets import JobSocket

websocket_urlpatterns = [path("ws/jobs/<uuid:pk>/", JobSocket.as_asgi())]
