"""The machine below: room on its disk, and a clock that is right."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit.models import Event
from core.tool import Finding, Level

LITTLE, LEAST = 0.10, 0.02
"""Parts of the disk that must stay free: a warning below the first, a failure below the second."""
SKEW = 2.0
"""Seconds by which the clocks may differ: one-time codes and the order of events depend on them."""
LAST = 10_000
"""Events that are looked through for one of the future."""


def disk() -> Finding:
    """The disk of the data folder has room."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    part = usage.free / usage.total
    if part >= LITTLE:
        return Finding("disk", Level.GOOD, asks=_("The disk of the data folder has room."))
    message = _("%(part)s %% of the disk with the data is free. Make room or enlarge it before uploads are refused.")
    level = Level.WARNING if part >= LEAST else Level.FAILED
    return Finding("disk", level, message % {"part": f"{part * 100:.0f}"})


def clock() -> Finding:
    """The server and its database tell the same time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    apart = abs((timezone.now() - theirs).total_seconds())
    ahead = (latest() - theirs).total_seconds()
    if apart > SKEW:
        message = _("The clocks of the server and the database are %(seconds)s s apart. Set both by NTP.")
        return Finding("clock", Level.WARNING, message % {"seconds": f"{apart:.0f}"})
    if ahead > SKEW:
        message = _("The audit trail has events of %(seconds)s s from now: the clock was put back. Set it by NTP.")
        return Finding("clock", Level.WARNING, message % {"seconds": f"{ahead:.0f}"})
    return Finding("clock", Level.GOOD, asks=_("The server and its database tell the same time."))


def latest() -> datetime:
    """The latest moment at which one of the last acts was recorded; the beginning of time where none was."""
    last = Event.objects.order_by("-pk").values("at")[:LAST]
    return last.aggregate(latest=Max("at"))["latest"] or datetime.min.replace(tzinfo=UTC)
