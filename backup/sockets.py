"""Live progress of what agents do: a bell that rings when a run has changed. What changed is then asked for."""

from __future__ import annotations

from typing import Any

from backup.models import Run
from backup.services import runs
from core.access.sockets import PageSocket


class RunSocket(PageSocket):
    """Sends numbers only, and only while the watcher may see the run."""

    run: Run | None

    def groups_wanted(self) -> tuple[str, ...]:
        return (runs.group(self.scope["url_route"]["kwargs"]["pk"]),)

    def may(self) -> bool:
        self.run = Run.objects.visible_to(self.user).filter(pk=self.scope["url_route"]["kwargs"]["pk"]).first()
        return self.run is not None

    async def opened(self) -> None:
        await self.tell()  # also what changed between the page and this moment

    async def run_changed(self, event: dict[str, Any]) -> None:
        await self.tell()

    async def tell(self) -> None:
        """Ring, with the numbers of this moment."""
        if await self.still() and (run := self.run):
            await self.send_json({"run": str(run.pk), "done": run.bytes, "total": run.total})
