"""The mail that sums up what somebody hasn't read: daily or weekly at his hour, never twice."""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.inbox import mail
from core.notices.models import Notice, Rhythm

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
MOST = 50


def send_due(now: dt.datetime | None = None) -> int:
    """Send the summaries that are due. Says how many left."""
    now = now or timezone.now()
    people = User.objects.filter(is_active=True, pk__in=unmailed().values("user"))
    sent, until = 0, time.monotonic() + mail.ROUND
    for user in people.select_related("notice_rhythm"):
        if (due := due_before(getattr(user, "notice_rhythm", None) or Rhythm(user=user), now)) is None:
            continue
        try:
            sent += send_one(user, due, now)
        except mail.UNSENT as error:
            logger.warning("the summary of %s could not be mailed now (%s)", user.pk, type(error).__name__)
            if not isinstance(error, mail.OF_ONE_MAIL):
                break
        if time.monotonic() > until:
            break
    return sent


def unmailed() -> QuerySet[Notice]:
    return Notice.objects.filter(mailed_at=None, read_at=None, in_digest=True, at_once=False)


def due_before(rhythm: Rhythm, now: dt.datetime) -> dt.datetime | None:
    """The last moment a summary was due; None where it has left since, or none is wished."""
    if rhythm.every == Rhythm.Every.NEVER:
        return None
    here = timezone.localtime(now)
    due = here.replace(hour=rhythm.hour, minute=0, second=0, microsecond=0)
    if rhythm.every == Rhythm.Every.WEEK:
        due -= dt.timedelta(days=(due.weekday() - rhythm.weekday) % 7)
    if due > here:
        due -= dt.timedelta(days=7 if rhythm.every == Rhythm.Every.WEEK else 1)
    return None if rhythm.digested_at and rhythm.digested_at >= due else due


@transaction.atomic
def send_one(user: User, due: dt.datetime, now: dt.datetime) -> bool:
    """One summary of what came before it was due. The person's row is held, so that two schedulers send one."""
    Rhythm.objects.get_or_create(user=user)
    rhythm = Rhythm.objects.select_for_update(skip_locked=True).filter(user=user).first()
    if rhythm is None or due_before(rhythm, now) is None:
        return False
    notices = list(unmailed().filter(user=user, created_at__lt=due).order_by("created_at"))
    Rhythm.objects.filter(user=user).update(digested_at=now)
    if not notices:
        return False
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)
    with translation.override(user.language):
        told = mail.tell(user, notices[-MOST:])
        subject = _("What is new for you in the suite")
        reference = f"summary-{user.pk}-{due:%Y%m%d%H}"
        mail.message(user, subject, "inbox/mail/digest.txt", told, "summary", reference).send()
    return True
