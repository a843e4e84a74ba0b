"""Reads of visits: what is due where and when, what each is today, in words; no record is opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from ecrf.engine import schedule
from ecrf.engine.schedule import State
from ecrf.models import Visit
from ecrf.overview import AWAITED
from ecrf.progress import Progress

if TYPE_CHECKING:
    from core.access.scope import Actor

LOOKS: Mapping[State, Progress] = {
    State.NO_DATE: Progress("waiting", _("Day not known yet"), icon="calendar-question"),
    State.NOT_DUE: Progress("waiting", _("Not due yet"), icon="calendar"),
    State.OPEN: Progress("running", _("Window open"), icon="calendar-event"),
    State.DUE: Progress("warning", _("Due now"), icon="calendar-due"),
    State.OVERDUE: Progress("failed", _("Overdue"), icon="calendar-exclamation"),
    State.DONE: Progress("done", _("Took place"), icon="calendar-check"),
    State.OUTSIDE: Progress("warning", _("Done outside its window"), icon="calendar-time"),
    State.UNDATED: Progress("done", _("Entered, without a date"), icon="calendar-stats"),
    State.NOT_DONE: Progress("locked", _("Not done"), icon="calendar-cancel"),
    State.SKIPPED: Progress("waiting", _("Skipped"), icon="calendar-off"),
}
SOON = 7
"""What is due within so many days is near."""


def visits_of(actor: Actor, *projects: Project) -> QuerySet[Visit]:
    rows = Visit.objects.visible_to(actor).filter(subject__project__in=projects)
    return rows.select_related("subject__site", "subject__project", "form__current")


def state_of(visit: Visit, today: date) -> State:
    return schedule.state_of(
        today,
        due=visit.due,
        opens=visit.opens,
        closes=visit.closes,
        known=visit.known,
        passed_over=visit.passed_over,
    )


def is_outside() -> Q:
    return Q(actual__lt=F("opens")) | Q(actual__gt=F("closes"))


def overdue(today: date) -> Q:
    return Q(closes__lt=today, **AWAITED)


def near(today: date, days: int = SOON) -> Q:
    """Due by then, or with an open window, and not overdue."""
    last = today + timedelta(days=days)
    return Q(**AWAITED) & (Q(due__lte=last) | Q(opens__lte=today)) & (Q(closes=None) | Q(closes__gte=today))


def in_state(rows: QuerySet[Visit], value: str) -> QuerySet[Visit]:
    """The choices of the list: what waits, what went wrong, what is over."""
    today = timezone.localdate()
    kept: dict[str, Q] = {
        "all": Q(),
        "awaited": overdue(today) | near(today),
        "near": near(today),
        "overdue": overdue(today),
        "later": Q(**AWAITED, due__gt=today + timedelta(days=SOON)) & (Q(opens=None) | Q(opens__gt=today)),
        "outside": is_outside(),
        "done": Q(actual__isnull=False) & ~is_outside() | Q(actual=None, is_entered=True),
        "not_done": ~Q(not_done_reason=""),
        "skipped": Q(passed_over=True, actual=None, is_entered=False, not_done_reason="", closes__lt=today),
    }
    return rows.filter(kept[value])


STATES = (
    ("awaited", _("Due within a week, or overdue")),
    ("near", _("Due within a week")),
    ("overdue", _("Overdue")),
    ("later", _("Not due yet")),
    ("outside", _("Done outside its window")),
    ("done", _("Took place")),
    ("not_done", _("Not done")),
    ("skipped", _("Skipped")),
    ("all", _("All visits")),
)


def days_of(rows: QuerySet[Visit], first: date, last: date) -> list[dict[str, Any]]:
    """How many visits are awaited each day, by form, event and site: no subject is named."""
    counted = rows.filter(due__gte=first, due__lte=last, **AWAITED).order_by("due", "place")
    names = ("due", "form", "event", "place", "subject__site__code")
    return list(counted.values(*names).annotate(count=Count("pk")))
