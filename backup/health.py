"""What whoever runs the instance must know of its backups."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backup import queries
from backup.services import places
from core.health.checks import run
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


def places_answer() -> Finding:
    """Each place where backups may be kept can be reached, and written to."""
    asks = _("Every place for backups that the settings name can be reached and written to.")
    wrong = [f"{one.choice.label}: {places.in_words(one.fault)}" for one in places.seen() if one.fault]
    wrong += [f"{label}: {places.KINDS['gone']}" for label in places.undeclared()]
    if not wrong:
        return Finding("backup.places", Level.GOOD, asks=asks)
    words = _("Backups can’t be kept in these places. %(places)s.") % {"places": "; ".join(wrong)}
    return Finding("backup.places", Level.FAILED, words, asks)


def kept_elsewhere() -> Finding:
    """Backups can be kept on another disk or machine than the data."""
    asks = _("There is a place for backups on another disk or machine than the data.")
    if len(places.choices()) > 1:
        return Finding("backup.elsewhere", Level.GOOD, asks=asks)
    words = _("Backups can only be kept beside the data. Set BACKUP_FOLDERS or BACKUP_PLACES_FILE.")
    return Finding("backup.elsewhere", Level.WARNING, words, asks)


def deployed(app_configs: Any, **_options: Any) -> list[checks.CheckMessage]:
    """The same for `check --deploy`."""
    found = [run(f"backup.health.{name}") for name in ("places_answer", "kept_elsewhere")]
    return [checks.Warning(str(one.message), id=one.name) for one in found if one.level is not Level.GOOD]
