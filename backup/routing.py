"""The sockets of the backups."""

from __future__ import annotations

from django.urls import path

from backup.sockets import RunSocket

websocket_urlpatterns = [path("ws/backup/runs/<uuid:pk>/", RunSocket.as_asgi())]
