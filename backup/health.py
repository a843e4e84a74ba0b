"""What whoever runs the instance must know of its backups."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import ngettext

from backup import queries
from core.tool import Finding, Level


def late_backups() -> Finding:
    """Plans that have missed a turn or failed, in any project."""
    count = sum(each.look in ("warning", "failed") for each in queries.every_plan(timezone.now()))
    if not count:
        return Finding("backup.late", Level.GOOD)
    words = ngettext(
        "%(count)d backup plan is late or failed. Its page says why.",
        "%(count)d backup plans are late or failed. Their pages say why.",
        count,
    )
    return Finding("backup.late", Level.WARNING, words % {"count": count})
