"""What the scheduler does for participants once a minute."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ecrf.models import Guest
from ecrf.services.participants import kiosk, mailing, schedule

KEPT = timedelta(days=30)


def tick() -> None:
    """Invite who is due, send what is due, forget what was put aside for tablets that nobody gave back."""
    schedule.invite_due()
    mailing.send_due()
    kiosk.close_over()


def forget_visits() -> None:
    """Visits that were over long ago: what was done in them stands in the journal and the fragments."""
    Guest.objects.filter(expires_at__lt=timezone.now() - KEPT, aside__isnull=True).delete()
