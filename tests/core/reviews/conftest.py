"""A campaign over the demo's organisation, due in a month."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core.access.demo import World
from core.reviews import services
from core.reviews.models import Campaign
from tests.core.files.conftest import disk

__all__ = ["disk"]


@pytest.fixture
def campaign(world: World) -> Campaign:
    """Opened by the administrator, over the organisation with its one project."""
    due = timezone.localdate() + timedelta(days=30)
    return services.open_campaign(world.user["administrator"], world.organisation, "Second half", due)
