"""Live progress: a bell that rings in the browser when a job's row has changed. What changed is then asked for."""

from __future__ import annotations

from typing import Any

from core.access.sockets import PageSocket
from core.jobs import live
from core.jobs.models import Job


class JobSocket(PageSocket):
    """Sends numbers only, and only while the watcher may see the job."""

    job: Job | None

    def groups_wanted(self) -> tuple[str, ...]:
        return (live.job_group(self.scope["url_route"]["kwargs"]["pk"]),)

    def may(self) -> bool:
        self.job = Job.objects.visible_to(self.user).filter(pk=self.scope["url_route"]["kwargs"]["pk"]).first()
        return self.job is not None

    async def opened(self) -> None:
        await self.tell()  # also what changed between the page and this moment

    async def job_changed(self, event: dict[str, Any]) -> None:
        await self.tell()

    async def tell(self) -> None:
        """Ring, with the numbers of this moment."""
        if await self.still() and (job := self.job):
            await self.send_json({"job": str(job.pk), "attempt": job.attempts, "done": job.done, "total": job.total})
