"""What the suite tells by itself: an access that ends soon, an invitation of somebody who has an account."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone

from core.access.models import Invitation, Membership
from core.accounts.models import User
from core.notices.models import Notice
from core.notices.services import notify

SOON = dt.timedelta(days=7)


def connect() -> None:
    post_save.connect(on_invitation, sender=Invitation, dispatch_uid="inbox.invited")


def on_invitation(*, instance: Invitation, created: bool, **_signal: Any) -> None:
    """He isn't a member yet: neither the project nor the secret of the link is told, the mail has both."""
    if created:
        notify(User.objects.filter(email__iexact=instance.email, is_active=True), "inbox.invited")


def remind() -> int:
    """Tell each member whose access ends within a week, once for each end. Says how many were told."""
    now = timezone.now()
    ending = Membership.objects.active().filter(ends_at__lte=now + SOON, user__is_active=True)
    return sum(remind_one(key) for key in list(ending.values_list("pk", flat=True)))


@transaction.atomic
def remind_one(key: UUID) -> bool:
    rows = Membership.objects.active().select_for_update(of=("self",)).select_related("user", "project")
    membership = rows.filter(pk=key).first()
    if membership is None or membership.ends_at is None:
        return False
    project = membership.project
    day = timezone.localdate(membership.ends_at).isoformat()
    told = Notice.objects.filter(user=membership.user, kind="inbox.membership_ends", details={"day": day})
    if told.filter(project_id=project.pk if project else None).exists():
        return False
    url = project.get_absolute_url() if project else ""
    return bool(notify([membership.user], "inbox.membership_ends", project=project, url=url, day=day))
