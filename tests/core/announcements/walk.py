"""Every route of announcements and maintenance: administrators say, everybody reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from core.access.demo import World
from core.announcements.models import Announcement
from tests.walk import PUBLIC, SIGNED_IN, Route


def announced(world: World) -> dict[str, Any]:
    """The argument that leads to something that is announced now."""
    row = Announcement.objects.create(
        text_fr="Arrêt ce soir",
        text_en="Stop tonight",
        author=world.user["administrator"],
        ends_at=timezone.now() + dt.timedelta(hours=1),
    )
    return {"pk": row.pk}


ADMINISTRATOR, DONE = {"administrator": 200}, {"administrator": 303}
SAID = {
    "text_fr": "Arrêt ce soir",
    "text_en": "Stop tonight",
    "level": "warning",
    "starts_at": "2026-01-01T08:00",
    "ends_at": "2099-01-01T08:00",
}
ROUTES = [
    Route("announcements:list", allowed=ADMINISTRATOR),
    Route("announcements:create", allowed=ADMINISTRATOR),
    Route("announcements:create", allowed=DONE, method="post", data=SAID),
    Route("announcements:change", args=announced, allowed=ADMINISTRATOR),
    Route("announcements:change", args=announced, allowed=DONE, method="post", data=SAID),
    Route("announcements:withdraw", args=announced, allowed=DONE, method="post"),
    Route("announcements:maintenance", allowed=DONE, method="post", data={"mode": "off"}),
    Route("announcements:dismiss", args=announced, allowed=dict.fromkeys(SIGNED_IN, 303), method="post"),
    Route("announcements:accessibility", allowed=PUBLIC),
    Route("announcements:privacy", allowed=PUBLIC),
]
