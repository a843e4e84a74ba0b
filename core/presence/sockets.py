"""Who else is on this page: the sockets of a page greet each other, and nothing is written down anywhere.

Each keeps in memory whom it has heard of lately. What one may see is asked at the door and at each renewal.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from django.utils.module_loading import import_string

from core import tool
from core.access.sockets import PageSocket
from core.web.templatetags.web import initials

FORGET = 75
"""Seconds after which somebody who isn't heard of any more has left; pages renew every 30."""
MOST = 50
"""People that one page tells of."""


class PresenceSocket(PageSocket):
    def groups_wanted(self) -> tuple[str, ...]:
        return (self.page,)

    def may(self) -> bool:
        """Whether this person may see what the page shows."""
        kind, key = (self.scope["url_route"]["kwargs"][name] for name in ("kind", "key"))
        rule = tool.presences().get(kind)
        return bool(rule and import_string(rule)(self.user, key))

    @property
    def page(self) -> str:
        """The group of those who look at this page."""
        place = "{kind}/{key}".format(**self.scope["url_route"]["kwargs"])
        return f"presence.{hashlib.sha256(place.encode()).hexdigest()[:40]}"

    async def opened(self) -> None:
        self.others: dict[str, tuple[str, str, float]] = {}
        await self.greet("presence.hello")

    async def disconnect(self, code: int) -> None:
        if self.joined:
            await self.greet("presence.gone")
        await super().disconnect(code)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Whatever the page sends is a renewal: «I am still here»."""
        if not self.joined or not await self.still():
            return
        await self.greet("presence.here")
        before = len(self.others)
        oldest = time.monotonic() - FORGET
        self.others = {channel: other for channel, other in self.others.items() if other[2] > oldest}
        if len(self.others) != before:
            await self.tell()

    async def greet(self, kind: str) -> None:
        await self.channel_layer.group_send(self.page, self.me(kind))

    def me(self, kind: str) -> dict[str, str]:
        return {"type": kind, "channel": self.channel_name, "user": str(self.user.pk), "name": str(self.user)}

    async def presence_hello(self, event: dict[str, str]) -> None:
        if event["channel"] != self.channel_name:
            await self.channel_layer.send(event["channel"], self.me("presence.here"))
            await self.presence_here(event)

    async def presence_here(self, event: dict[str, str]) -> None:
        channel, user, name = event["channel"], event["user"], event["name"]
        if user == str(self.user.pk):  # one's own other windows
            return
        news = channel not in self.others
        if news and len(self.others) >= MOST:
            return
        self.others[channel] = (user, name, time.monotonic())
        if news:
            await self.tell()

    async def presence_gone(self, event: dict[str, str]) -> None:
        if self.others.pop(event["channel"], None):
            await self.tell()

    async def tell(self) -> None:
        """Each person once, by name."""
        if not await self.still():
            return
        names = {user: name for user, name, _heard in self.others.values()}
        people = [{"initials": initials(name), "name": name} for name in sorted(names.values())]
        await self.send_json({"people": people})
