"""Who else is on this page: the sockets of a page greet each other, and nothing is written down anywhere.

Each keeps in memory whom it has heard of lately. What one may see is asked at the door and at each renewal.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils.module_loading import import_string

from core import tool
from core.jobs import live
from core.jobs.listeners import fingerprint
from core.web.templatetags.web import initials

NOT_YOURS, SIGNED_OUT = 4404, 4401
FORGET = 75
"""Seconds after which somebody who isn't heard of any more has left; pages renew every 30."""
MOST = 50
"""People that one page tells of."""


class PresenceSocket(AsyncJsonWebsocketConsumer):
    groups_joined: tuple[str, ...] = ()

    async def connect(self) -> None:
        await self.accept()
        self.others: dict[str, tuple[str, str, float]] = {}
        if not await self.may():
            await self.close(NOT_YOURS)
            return
        user, session = self.scope["user"], self.scope["session"]
        place = "{kind}/{key}".format(**self.scope["url_route"]["kwargs"])
        self.group = f"presence.{hashlib.sha256(place.encode()).hexdigest()[:40]}"
        self.groups_joined = (
            self.group,
            live.person_group(user.pk),
            live.session_group(fingerprint(session.session_key)),
        )
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.greet("presence.hello")

    async def disconnect(self, code: int) -> None:
        if self.groups_joined:
            await self.greet("presence.gone")
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Whatever the page sends is a renewal: «I am still here»."""
        if not self.groups_joined:
            return
        if not await self.may():
            await self.close(NOT_YOURS)
            return
        await self.greet("presence.here")
        before = len(self.others)
        oldest = time.monotonic() - FORGET
        self.others = {channel: other for channel, other in self.others.items() if other[2] > oldest}
        if len(self.others) != before:
            await self.tell()

    async def greet(self, kind: str) -> None:
        await self.channel_layer.group_send(self.group, self.me(kind))

    def me(self, kind: str) -> dict[str, str]:
        user = self.scope["user"]
        return {"type": kind, "channel": self.channel_name, "user": str(user.pk), "name": str(user)}

    async def presence_hello(self, event: dict[str, str]) -> None:
        if event["channel"] != self.channel_name:
            await self.channel_layer.send(event["channel"], self.me("presence.here"))
            await self.presence_here(event)

    async def presence_here(self, event: dict[str, str]) -> None:
        channel, user, name = event["channel"], event["user"], event["name"]
        if user == str(self.scope["user"].pk):  # one's own other windows
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

    async def rights_changed(self, event: dict[str, Any]) -> None:
        if not await self.may():
            await self.close(NOT_YOURS)

    async def session_ended(self, event: dict[str, Any]) -> None:
        await self.close(SIGNED_OUT)

    async def tell(self) -> None:
        """Each person once, by name."""
        names = {user: name for user, name, _heard in self.others.values()}
        people = [{"initials": initials(name), "name": name} for name in sorted(names.values())]
        await self.send_json({"people": people})

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def may(self) -> bool:
        """Whether this person may see what the page shows, and his session still lives."""
        session, user = self.scope["session"], self.scope["user"]
        kind, key = (self.scope["url_route"]["kwargs"][name] for name in ("kind", "key"))
        if not user.is_authenticated or not session.session_key or not session.exists(session.session_key):
            return False
        user.refresh_from_db(fields=["is_active"])
        rule = tool.presences().get(kind)
        return bool(user.is_active and rule and import_string(rule)(user, key))
