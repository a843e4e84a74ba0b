"""Work that comes again: one row per schedule, read by one tick a minute."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid, place_of
from core.jobs import registry, rhythm, rights, services
from core.jobs.models import Schedule

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

logger = logging.getLogger(__name__)


@transaction.atomic
def schedule(
    actor: Actor,
    task: str,
    *,
    every: str,
    project: Project | None = None,
    arguments: dict[str, Any] | None = None,
    key: str = "",
    time_zone: str = "",
) -> Schedule:
    """Have a task done again and again, in the actor's name; `key` tells several schedules of one task apart.

    Said again, it replaces what was said before. The caller has checked that the actor may. Raises Invalid.
    """
    declared = registry.get(task)
    if declared.needs and project is not None:
        access.require(actor, declared.needs, project)
    try:
        next_at = rhythm.parse(every).after(timezone.now(), zone := ZoneInfo(time_zone or settings.TIME_ZONE))
    except (ValueError, KeyError) as error:
        raise Invalid([Fault("every", "rhythm", _("Say for example «daily 02:30» or «every 15 min»."))]) from error
    values = {
        "owner_id": services.person(actor),
        "permissions": services.left_to(actor),
        "arguments": arguments or {},
        "every": every,
        "time_zone": zone.key,
    }
    row, _created = Schedule.objects.update_or_create(
        task=task, project=project, key=key, defaults={**values, "next_at": next_at, "is_active": True}
    )
    audit.record(actor, "jobs.schedule_set", row, task=task, every=every)
    return row


@transaction.atomic
def unschedule(actor: Actor, task: str, *, project: Project | None = None, key: str = "") -> None:
    """No longer; what it started goes on. The caller has checked that the actor may."""
    for row in Schedule.objects.filter(task=task, project=project, key=key):
        audit.record(actor, "jobs.schedule_removed", row, task=task)
        row.delete()


def tick() -> int:
    """Submit what is due, each schedule once however many tickers there are. Says how many jobs it submitted.

    What was missed while nothing ran is done once, not as often as it was missed.
    """
    due = Schedule.objects.filter(is_active=True, next_at__lte=Now())
    count = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                rows = due.select_for_update(of=("self",), skip_locked=True).select_related("owner", "project")
                if (row := rows.filter(pk=pk).first()) is not None:
                    count += fire(row)
        except DatabaseError:
            raise
        except Exception as error:  # one that can't be submitted holds up no other, and is tried again
            logger.error("schedule %s was not started: %s at %s", pk, type(error).__qualname__, place_of(error))
    return count


def fire(row: Schedule) -> bool:
    """Submit the job of a schedule that is due and whose row is locked, and say when it is due next."""
    reason = rights.lost(row) if registry.find(row.task) else "unknown task"
    if reason:
        Schedule.objects.filter(pk=row.pk).update(is_active=False)
        audit.record(row.owner, "jobs.schedule_ended", row, outcome="failed", task=row.task)
        logger.warning("schedule %s ended: its owner or its task is gone", row.pk)
        return False
    next_at = rhythm.parse(row.every).after(timezone.now(), ZoneInfo(row.time_zone))
    Schedule.objects.filter(pk=row.pk).update(next_at=next_at)
    try:
        job = services.submit(
            rights.as_asked(row),
            row.task,
            project=row.project,
            arguments=row.arguments,
            subject=row,
            unique=f"schedule {row.pk}",
        )
    except Conflict:
        return False
    Schedule.objects.filter(pk=row.pk).update(last_job=job)
    return True
