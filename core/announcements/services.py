"""Say something to everybody; shut the suite and open it again."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access.people import require_administrator
from core.accounts.models import User
from core.announcements.models import Announcement, Dismissal, Maintenance
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor

MANAGE = "announcements.manage"
FRESH = 3.0
"""Seconds for which a process takes its word for the mode: each request would ask the database otherwise."""
_known: tuple[float, Maintenance] | None = None


def current(actor: Actor) -> QuerySet[Announcement]:
    """What is announced now and this person hasn't put away."""
    now = timezone.now()
    rows = Announcement.objects.filter(starts_at__lte=now, ends_at__gt=now)
    return rows.exclude(dismissals__user=actor.pk) if actor.pk else rows


@transaction.atomic
def announce(
    actor: User,
    text_fr: str,
    text_en: str,
    level: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    announcement: Announcement | None = None,
) -> Announcement:
    """Show this at the head of every page in that time; with an announcement, change it. Raises Invalid."""
    require_administrator(actor, MANAGE)
    faults = [
        Fault(place, "required", _("Say it in French and in English."))
        for place, text in (("text_fr", text_fr), ("text_en", text_en))
        if not text.strip()
    ]
    if ends_at <= max(starts_at, timezone.now()):
        faults.append(Fault("ends_at", "range", _("It must end after it begins, and not in the past.")))
    if level not in Announcement.Level.values:
        faults.append(Fault("level", "unknown", _("Choose one of the levels.")))
    if faults:
        raise Invalid(faults)
    row = announcement or Announcement(author=actor)
    if announcement and (row.text_fr, row.text_en) != (text_fr, text_en):
        row.dismissals.all().delete()  # what one has put away said something else
    row.text_fr, row.text_en, row.level, row.starts_at, row.ends_at = text_fr, text_en, level, starts_at, ends_at
    row.save()
    audit.record(actor, f"announcements.{'changed' if announcement else 'published'}", row, level=level)
    return row


@transaction.atomic
def withdraw(actor: User, announcement: Announcement) -> None:
    """Show it no more."""
    require_administrator(actor, MANAGE)
    audit.record(actor, "announcements.withdrawn", announcement, level=announcement.level)
    announcement.delete()


def dismiss(actor: User, announcement: Announcement) -> None:
    """This person has read it."""
    Dismissal.objects.get_or_create(user=actor, announcement=announcement)


def maintenance() -> Maintenance:
    """Whether the suite is open, at most some seconds ago."""
    global _known
    now = time.monotonic()
    if _known is None or now - _known[0] > FRESH:
        _known = (now, Maintenance.objects.first() or Maintenance())
    return _known[1]


def forget() -> None:
    """Ask the database again at the next request of this process."""
    global _known
    _known = None


@transaction.atomic
def set_maintenance(actor: User | None, mode: str, until: dt.datetime | None = None) -> Maintenance:
    """Shut the suite, let it be read only, or open it; None is the operator at his console. Raises Invalid.

    Long work that is under way goes on to its end. The end that is told opens nothing by itself.
    """
    if actor is not None:
        require_administrator(actor, MANAGE)
    until = None if mode == Maintenance.Mode.OFF else until
    faults = []
    if mode not in Maintenance.Mode.values:
        faults.append(Fault("mode", "unknown", _("Choose open, reading only or shut.")))
    if until is not None and until <= timezone.now():
        faults.append(Fault("until", "past", _("The end is in the past.")))
    if faults:
        raise Invalid(faults)
    row, _made = Maintenance.objects.update_or_create(pk=1, defaults={"mode": mode, "until": until})
    audit.record(actor, "announcements.maintenance_set", mode=mode)
    transaction.on_commit(forget)
    return row
