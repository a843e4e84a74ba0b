"""Tell who hasn't finished, before the day and on it; and who oversees the campaign, from that day on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from core import audit
from core.access import rules
from core.accounts.models import User
from core.notices.services import notify
from core.reviews import reviewers
from core.reviews.engine.reminding import next_day
from core.reviews.models import OVERSEE, Campaign, Line

if TYPE_CHECKING:
    from collections.abc import Iterable


def remind(today: dt.date | None = None) -> int:
    """Tell what is due today of each open campaign, once however many schedulers ask. Says of how many campaigns."""
    today = today or timezone.localdate()
    due = Campaign.objects.filter(closed_at=None, remind_on__lte=today)
    return sum(remind_of(key, today) for key in list(due.values_list("pk", flat=True)))


@transaction.atomic
def remind_of(key: UUID, today: dt.date) -> bool:
    rows = Campaign.objects.select_for_update(of=("self",), skip_locked=True).select_related("project", "organisation")
    campaign = rows.filter(pk=key, closed_at=None, remind_on__lte=today).first()
    if campaign is None:
        return False
    campaign.remind_on = next_day(campaign.due_on, today)
    campaign.save(update_fields=["remind_on"])
    lines = Line.objects.filter(campaign=campaign)
    reviewers.assign_anew(lines)
    late = campaign.due_on <= today
    counts = dict(lines.open().exclude(reviewer=None).values_list("reviewer").annotate(many=Count("pk")).order_by())
    for person in User.objects.filter(pk__in=counts):
        tell([person], campaign, "reviews.late" if late else "reviews.reminded", counts[person.pk], urgent=late)
    if late and (left := lines.open().count()):
        tell(overseers(campaign), campaign, "reviews.escalated", left, urgent=True)
        audit.record(None, "reviews.campaign_escalated", campaign, undecided=left)
    return True


def tell(people: Iterable[User], campaign: Campaign, kind: str, count: int, *, urgent: bool) -> None:
    url, day = campaign.get_absolute_url(), campaign.due_on.isoformat()
    notify(people, kind, project=campaign.project, url=url, urgent=urgent, count=count, day=day)


def overseers(campaign: Campaign) -> list[User]:
    """Who oversees what the campaign is about; where nobody does any more, who administers the organisation."""
    if campaign.project is not None:
        rows = rules.members_holding(OVERSEE, campaign.project).select_related("user")
        if people := list({row.user_id: row.user for row in rows}.values()):
            return people
    return list(User.objects.filter(pk__in=reviewers.administrators(campaign.organisation)))
