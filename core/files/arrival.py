"""How much a request may send, known before a byte of it is read: little, unless somebody known sends a file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.handlers.asgi import get_script_prefix
from django.http import parse_cookie
from django.urls import Resolver404, resolve

from core import tool

LARGEST = 4 << 30
"""Bytes that one request may send to an address that takes files."""


class Arrival:
    """What a client sends, and how much of it is taken."""

    def __init__(self, scope: Any, receive: Any) -> None:
        self.scope, self.receive = scope, receive
        self.headers = {name.lower(): value for name, value in scope.get("headers", [])}
        self.refused = False
        self._limit: int | None = None

    async def __call__(self) -> Any:
        return await self.receive()

    @property
    def announced(self) -> int:
        """The Content-Length; 0 where it isn't said, as in a body that comes in pieces."""
        length = self.headers.get(b"content-length", b"")
        return int(length) if length.isdigit() else 0

    def takes(self, size: int) -> bool:
        """Whether a body may be so large. Once it may not, the request is refused."""
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and size > self.limit:
            self.refused = True
        return not self.refused

    @property
    def limit(self) -> int:
        if self._limit is None:
            files = self.is_known() and self.leads_to_files()
            self._limit = LARGEST if files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return self._limit

    def is_known(self) -> bool:
        """Whether the sender shows a session or a token. What they are worth is asked later, by the view."""
        cookies = parse_cookie(self.headers.get(b"cookie", b"").decode("latin1"))
        return b"authorization" in self.headers or settings.SESSION_COOKIE_NAME in cookies

    def leads_to_files(self) -> bool:
        """Whether the address is one of those that an app declares in `uploads`."""
        try:
            match = resolve(self.scope["path"].removeprefix(get_script_prefix(self.scope)))
        except Resolver404:
            return False
        return match.view_name in tool.uploads()
