"""Say what is wrong to those who look after the backups, again while it lasts, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backup.models import Alert, Plan, Repository
from backup.permissions import MANAGE, VIEW
from core import access, audit
from core.access.models import Membership
from core.notices.services import notify

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.accounts.models import User

AGAIN = timedelta(days=1)
"""How soon what is severe is told again while it lasts; other things after a week."""
LONGEST_QUIET = timedelta(days=31)


@dataclass(frozen=True)
class Found:
    kind: str
    source: str = ""
    plan: Plan | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, UUID | None]:
        return self.kind, self.source, self.plan.pk if self.plan else None


@transaction.atomic
def settle(row: Repository, found: Iterable[Found], now: datetime | None = None) -> None:
    """Make the alerts of a repository agree with what was found, and tell of each change once."""
    now = now or timezone.now()
    Repository.objects.select_for_update().get(pk=row.pk)
    living = {
        (alert.kind, alert.source, alert.plan_id): alert
        for alert in row.alerts.filter(resolved_at=None).select_related("project", "repository", "plan")
    }
    for each in {one.key: one for one in found}.values():
        alert = living.pop(each.key, None)
        if alert is None:
            alert = _raise(row, each, now)
        elif alert.details != each.details or alert.seen_at != now:
            alert.details, alert.seen_at = each.details, now
            alert.save(update_fields=["details", "seen_at"])
        if _is_due(alert, now):
            _tell(alert, f"backup.alert_{alert.kind}", urgent=alert.is_severe)
            alert.told_at = now
            alert.save(update_fields=["told_at"])
    for alert in living.values():
        _resolve(alert, now)


@transaction.atomic
def quiet(actor: Actor, alert: Alert, until: datetime) -> Alert:
    """Hear no more of an alert for a while. It is shown all the same."""
    access.require(actor, MANAGE, alert.project, obj=alert)
    alert.quiet_until = min(until, timezone.now() + LONGEST_QUIET)
    alert.quieted_by_id = actor.pk
    alert.save(update_fields=["quiet_until", "quieted_by"])
    audit.record(actor, "backup.alert_quieted", alert, kind=alert.kind, until=alert.quiet_until.isoformat())
    return alert


def _raise(row: Repository, found: Found, now: datetime) -> Alert:
    alert = Alert.objects.create(
        project_id=row.project_id,
        repository=row,
        plan=found.plan,
        source=found.source,
        kind=found.kind,
        details=found.details,
        seen_at=now,
    )
    audit.record(None, "backup.alert_raised", alert, kind=alert.kind)
    return alert


def _resolve(alert: Alert, now: datetime) -> None:
    alert.resolved_at = now
    alert.save(update_fields=["resolved_at"])
    audit.record(None, "backup.alert_resolved", alert, kind=alert.kind)
    if alert.told_at is not None:
        _tell(alert, "backup.alert_resolved", urgent=False)


def _is_due(alert: Alert, now: datetime) -> bool:
    if alert.quiet_until is not None and now < alert.quiet_until:
        return False
    again = AGAIN if alert.is_severe else 7 * AGAIN
    return alert.told_at is None or now - alert.told_at >= again


def _tell(alert: Alert, kind: str, *, urgent: bool) -> None:
    url = alert.get_absolute_url()
    notify(keepers(alert), kind, project=alert.project, url=url, urgent=urgent, what=alert.about)


def keepers(alert: Alert) -> list[User]:
    """Who manages the backups of the project, and may see them."""
    project = alert.project
    here = Q(project=project) | Q(organisation=project.organisation_id)
    rows = Membership.objects.active().granting(MANAGE).filter(here, user__is_active=True).select_related("user")
    return [user for user in {row.user_id: row.user for row in rows}.values() if access.can(user, VIEW, project)]
