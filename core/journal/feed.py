"""Send the sealed events to a syslog receiver, one after another, at least once each.

Syslog knows no receipts. So each batch has a connection of its own, whose end is the receipt: we say that we have
ended, and only when the receiver has read up to there and closed its side do we note how far it came. A receiver that
dies resets the connection instead; what it may have missed is sent again.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import audit
from core.audit.models import Event, Link
from core.journal import export
from core.journal.engine import syslog
from core.journal.models import Cursor
from core.journal.telling import Teller
from core.journal.wire import deliver
from core.tool import Finding, Level

logger = logging.getLogger(__name__)

NAME = "syslog"
BATCH = 500
BATCHES = 4
"""So many batches at once, then the scheduler has other things to do."""
LATE = timedelta(minutes=15)
PAUSES = (5, 10, 30, 60, 120, 300)
"""Seconds until the next try, by how often it has failed."""


def feed() -> int:
    """Send what has been sealed since. Says how many events; none while another process sends."""
    if not settings.AUDIT_SYSLOG:
        return 0
    total = 0
    for _number in range(BATCHES):
        count = feed_batch()
        total += count
        if count < BATCH:
            break
    return total


def feed_batch() -> int:
    """The next events, under the lock of the cursor. It moves only once they have been read."""
    Cursor.objects.get_or_create(name=NAME)
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update(skip_locked=True).filter(name=NAME).first()
        now = timezone.now()
        if cursor is None or (cursor.next_at and cursor.next_at > now):
            return 0
        links = list(Link.objects.filter(sequence__gt=cursor.sequence).order_by("sequence")[:BATCH])
        if not links:
            return 0
        try:
            deliver(settings.AUDIT_SYSLOG, settings.AUDIT_SYSLOG_CA, messages(links))
        except OSError as error:
            put_off(cursor, error)
            return 0
        note(cursor, len(links))
        cursor.sequence = links[-1].sequence
        cursor.moved_at, cursor.failing_since, cursor.next_at, cursor.failures, cursor.error = now, None, None, 0, ""
        cursor.save()
    return len(links)


def messages(links: list[Link]) -> list[bytes]:
    """The events in English with their place in the chain. Names of things stay inside: a receiver has no rights."""
    events = Event.objects.in_bulk([link.event_id for link in links])
    found = []
    with override("en"):
        teller = Teller(AnonymousUser())
        teller.learn(events.values())
        for link in links:
            if (event := events.get(link.event_id)) is not None:
                told = export.record(event, teller) | {"sequence": link.sequence, "hash": bytes(link.hash).hex()}
                found.append(syslog.frame(syslog.message(told, export.host_name())))
    return found


def put_off(cursor: Cursor, error: OSError) -> None:
    """Try again later, the later the more often it has failed; nothing is lost meanwhile."""
    now = timezone.now()
    pause = PAUSES[min(cursor.failures, len(PAUSES) - 1)]
    cursor.failing_since = cursor.failing_since or now
    cursor.next_at, cursor.failures = now + timedelta(seconds=pause), cursor.failures + 1
    cursor.error = f"{type(error).__name__}: {error}"[:300]
    cursor.save()
    logger.warning("the syslog receiver was not reached, next try in %s s: %s", pause, type(error).__name__)


def note(cursor: Cursor, count: int) -> None:
    """That the journal leaves the suite stands in it: once a day and receiver, or each message would cause the next."""
    receiver, today = urlsplit(settings.AUDIT_SYSLOG).netloc, timezone.localdate().isoformat()
    before: dict[str, Any] = cursor.details
    if (before.get("receiver"), before.get("day")) != (receiver, today):
        audit.record(
            None, "audit.journal_fed", receiver=receiver, day=before.get("day", today), events=before.get("events", 0)
        )
        before = {"receiver": receiver, "day": today, "events": 0}
    cursor.details = {**before, "events": before["events"] + count}


def health() -> Finding:
    """Whether the receiver gets what is sealed."""
    name = "audit.syslog"
    if not settings.AUDIT_SYSLOG:
        return Finding(name, Level.GOOD, _("No receiver is set."))
    cursor = Cursor.objects.filter(name=NAME).first() or Cursor(name=NAME)
    first = Link.objects.filter(sequence__gt=cursor.sequence).order_by("sequence").first()
    if first is None:
        return Finding(name, Level.GOOD)
    since = Event.objects.filter(pk=first.event_id).values_list("at", flat=True).first()
    behind = timezone.now() - since if since else LATE
    words = {"minutes": int(behind.total_seconds() // 60), "error": cursor.error or _("it was not tried")}
    if behind < LATE and not cursor.failures:
        return Finding(name, Level.GOOD)
    text = _(
        "The syslog receiver is %(minutes)d minutes behind. Nothing is lost: it is sent once it answers. "
        "The last error: %(error)s"
    )
    return Finding(name, Level.FAILED if behind >= LATE else Level.WARNING, text % words)
