"""The bell of a person's pages: it rings when there is something new for him, and says no more than that."""

from __future__ import annotations

from typing import Any

from core.access.sockets import PageSocket
from core.notices.services import bell_of


class BellSocket(PageSocket):
    """Listens to one's own bell only."""

    def groups_wanted(self) -> tuple[str, ...]:
        return (bell_of(self.user.pk),)

    async def opened(self) -> None:
        await self.send_json({})  # whatever came between the page and this moment is asked for too

    async def notices_changed(self, event: dict[str, Any]) -> None:
        if await self.still():
            await self.send_json({})
