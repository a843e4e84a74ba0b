"""What the scheduler does for participants once a minute."""

from __future__ import annotations

from ecrf.services.participants import kiosk, mailing, schedule


def tick() -> None:
    """Invite who is due, send what is due, forget what was put aside for tablets that nobody gave back."""
    schedule.invite_due()
    mailing.send_due()
    kiosk.close_over()
