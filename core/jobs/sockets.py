"""Live progress: a bell that rings in the browser when a job's row has changed. What changed is then asked for."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from core.jobs import live
from core.jobs.listeners import fingerprint
from core.jobs.models import Job

NOT_YOURS, SIGNED_OUT = 4404, 4401
"""Why a socket was closed: there is nothing (any more) that you may see; the session has ended."""


class JobSocket(AsyncJsonWebsocketConsumer):
    """Sends numbers only, and only while the watcher may see the job: asked at the door and before each message."""

    groups_joined: tuple[str, ...] = ()

    async def connect(self) -> None:
        await self.accept()
        job = await self.visible_job()
        if job is None:
            await self.close(NOT_YOURS)
            return
        self.groups_joined = (
            live.job_group(job.pk),
            live.person_group(self.scope["user"].pk),
            live.session_group(fingerprint(self.scope["session"].session_key)),
        )
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.tell()  # also what changed between the page and this moment

    async def disconnect(self, code: int) -> None:
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def job_changed(self, event: dict[str, Any]) -> None:
        await self.tell()

    async def rights_changed(self, event: dict[str, Any]) -> None:
        if await self.visible_job() is None:
            await self.close(NOT_YOURS)

    async def session_ended(self, event: dict[str, Any]) -> None:
        await self.close(SIGNED_OUT)

    async def tell(self) -> None:
        """Ring, with the numbers of this moment."""
        job = await self.visible_job()
        if job is None:
            await self.close(NOT_YOURS)
            return
        await self.send_json({"job": str(job.pk), "attempt": job.attempts, "done": job.done, "total": job.total})

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def visible_job(self) -> Job | None:
        """The job, if the watcher may still see it and his session still lives."""
        session, user = self.scope["session"], self.scope["user"]
        if not user.is_authenticated or not session.session_key or not session.exists(session.session_key):
            return None
        user.refresh_from_db(fields=["is_active"])
        return Job.objects.visible_to(user).filter(pk=self.scope["url_route"]["kwargs"]["pk"]).first()
