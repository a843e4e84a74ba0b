"""Whether long work gets done: somebody takes it up, and somebody watches over it."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from core.jobs import execution
from core.tool import Finding, Level

TOO_LONG = timedelta(minutes=10)
"""A due job that has waited so long is seen by no worker, or by too few."""
SEEN = "jobs.scheduler.seen"
SILENT = timedelta(minutes=2)


def scheduler_at_work() -> None:
    """The scheduler says that it lives; it calls this twice a minute."""
    cache.set(SEEN, timezone.now(), timeout=None)


def scheduler() -> Finding:
    """The scheduler has been seen lately."""
    seen = cache.get(SEEN)
    if seen is None or timezone.now() - seen > SILENT:
        message = _("The scheduler doesn’t run: nothing is sealed, planned or swept. Start manage.py scheduler.")
        return Finding("jobs.scheduler", Level.FAILED, message)
    return Finding("jobs.scheduler", Level.GOOD, asks=_("The scheduler has been seen lately."))


def worker() -> Finding:
    """What is due is taken up."""
    oldest = execution.waiting().aggregate(since=Min("created_at"))["since"]
    if oldest and timezone.now() - oldest > TOO_LONG:
        message = _("Work has waited since %(when)s. Do the workers run, and are they enough?")
        when = timezone.localtime(oldest).strftime("%H:%M")
        return Finding("jobs.worker", Level.WARNING, message % {"when": when})
    return Finding("jobs.worker", Level.GOOD, asks=_("What is due is taken up."))
