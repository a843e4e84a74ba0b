"""The demo: forty subjects, the same on every machine, loaded once."""

from __future__ import annotations

import pytest

from core.access.demo import World
from ecrf.demo import load
from ecrf.models import Entry, Subject


@pytest.mark.slow
def test_demo(world: World) -> None:
    """Forty subjects at two sites, complete, begun, locked and doubtful records; loaded again, nothing is doubled."""
    load(world)
    load(world)
    assert Subject.objects.count() == Entry.objects.count() == 40
    assert Subject.objects.filter(site=world.site_a).count() == 24
    complete = Entry.objects.filter(is_complete=True).count()
    assert 15 < complete < 35
    assert Entry.objects.exclude(locked_at=None).exists()
    assert any(page["warnings"] for entry in Entry.objects.all() for page in entry.pages.values())
    first = Entry.objects.get(subject__number="BRO-001")
    assert first.values["qsofa"] is not None
