"""How much a request may send, known before a byte of it is read: little, unless somebody known sends a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from core import tool

LARGEST = 4 << 30
"""Bytes that one request may send to an address that takes files."""

Known = Callable[[HttpRequest], bool]
"""Whether a request, whose body nobody has read, comes from somebody who has signed in."""


class Arrival:
    """What a client sends, and how much of it is taken."""

    def __init__(self, scope: Any, receive: Any, known: Known) -> None:
        self.scope, self.receive, self.known = scope, receive, known
        self.refused = False
        self._limit: int | None = None

    async def __call__(self) -> Any:
        return await self.receive()

    @property
    def announced(self) -> int:
        """The Content-Length; 0 where it isn't said, as in a body that comes in pieces."""
        lengths = [value for name, value in self.scope["headers"] if name.lower() == b"content-length"]
        return int(lengths[0]) if lengths and lengths[0].isdigit() else 0

    async def takes(self, size: int) -> bool:
        """Whether a body may be so large. Once it may not, the request is refused."""
        small: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if size > small:
            if self._limit is None:
                self._limit = LARGEST if await sync_to_async(self.brings_files)() else small
            self.refused = self.refused or size > self._limit
        return not self.refused

    def brings_files(self) -> bool:
        """Whether somebody known sends to an address that an app declares in `uploads`."""
        request = ASGIRequest(self.scope, io.BytesIO())
        try:
            takes_files = resolve(request.path_info).view_name in tool.uploads()
            return takes_files and self.known(request)
        except Resolver404:
            return False
        finally:
            close_old_connections()
