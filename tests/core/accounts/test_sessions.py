"""Sessions that are over leave nothing behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.module_loading import import_string

from core import tool
from core.access.demo import World
from core.accounts import sessions


@pytest.mark.django_db
def test_expired_sessions_are_forgotten() -> None:
    """The daily upkeep deletes sessions that are over, and no other."""
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    sessions.forget_expired()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_every_upkeep_can_be_done(world: World) -> None:
    """What the apps name as their daily upkeep exists, and may be done at any time."""
    names = [name for room in tool.rooms() for name in room.upkeep]
    assert names
    for name in names:
        import_string(name)()
