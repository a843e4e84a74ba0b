"""The bell of a person's pages: it rings when there is something new for him, and says no more than that."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from core.jobs import live
from core.jobs.listeners import fingerprint
from core.notices.services import bell_of

SIGNED_OUT = 4401


class BellSocket(AsyncJsonWebsocketConsumer):
    """Listens to one's own bell only, while the session lives."""

    groups_joined: tuple[str, ...] = ()

    async def connect(self) -> None:
        await self.accept()
        if not await self.is_signed_in():
            await self.close(SIGNED_OUT)
            return
        user, session = self.scope["user"], self.scope["session"]
        self.groups_joined = (bell_of(user.pk), live.session_group(fingerprint(session.session_key)))
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.send_json({})  # whatever came between the page and this moment is asked for too

    async def disconnect(self, code: int) -> None:
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def notices_changed(self, event: dict[str, Any]) -> None:
        await self.send_json({})

    async def session_ended(self, event: dict[str, Any]) -> None:
        await self.close(SIGNED_OUT)

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def is_signed_in(self) -> bool:
        session, user = self.scope["session"], self.scope["user"]
        return bool(user.is_authenticated and session.session_key and session.exists(session.session_key))
