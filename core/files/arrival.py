"""How much a request may send, known before a byte of it is read: little, unless somebody known sends a file.

And never more than the project, which the address names, has room for.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from core import tool
from core.access.models import Project
from core.files import quotas

LARGEST = 4 << 30
"""Bytes that one request may send to an address that takes files."""
AROUND = 1 << 20
"""Bytes of a body that aren't the file's: the other fields of its form."""

Known = Callable[[HttpRequest], bool]
"""Whether a request, whose body nobody has read, comes from somebody who has signed in."""


class Arrival:
    """What a client sends, and how much of it is taken."""

    def __init__(self, scope: Any, receive: Any, known: Known) -> None:
        self.scope, self.receive, self.known = scope, receive, known
        self.refusal: Exception | None = None
        self._limit: tuple[int, Exception] | None = None

    async def __call__(self) -> Any:
        return await self.receive()

    @property
    def announced(self) -> int:
        """The Content-Length; 0 where it isn't said, as in a body that comes in pieces."""
        lengths = [value for name, value in self.scope["headers"] if name.lower() == b"content-length"]
        return int(lengths[0]) if lengths and lengths[0].isdigit() else 0

    async def takes(self, size: int) -> bool:
        """Whether a body may be so large. Once it may not, the request is refused."""
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            if self._limit is None:
                self._limit = await sync_to_async(self.limit)()
            if self.refusal is None and size > self._limit[0]:
                self.refusal = self._limit[1]
        return self.refusal is None

    def limit(self) -> tuple[int, Exception]:
        """How many bytes are taken, and why no more: files from somebody known, where an app declares `uploads`."""
        request = ASGIRequest(self.scope, io.BytesIO())
        try:
            found = resolve(request.path_info)
            taken = tool.uploads()
            if found.view_name in taken and self.known(request):
                most, why = self.room(found.kwargs.get("project", ""))
                own = taken[found.view_name] or most
                return (own, RequestDataTooBig()) if own < most else (most, why)
        except Resolver404:
            pass
        finally:
            close_old_connections()
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE, RequestDataTooBig()

    def room(self, slug: str) -> tuple[int, Exception]:
        project = Project.objects.filter(slug=slug).select_related("organisation").first()
        space = quotas.tightest(project) if project else None
        if project and space and space.left is not None and space.left + AROUND < LARGEST:
            return space.left + AROUND, quotas.OverQuota(project, space)
        return LARGEST, RequestDataTooBig()
