"""What several tests of the room begin with."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from core import tool
from core.jobs.models import Job
from ecrf.services import include_subject, save_entry
from tests.ecrf.conftest import publish


@pytest.fixture
def full(world, settings, tmp_path: Path):
    """The project with what the demos of the rooms and tools put into it, and an entry."""
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "core.files.storage.Disk", "OPTIONS": {"location": tmp_path / "files"}},
    }
    for room in tool.rooms():
        if room.demo and room.label != "ecrf":  # forty subjects take long: one will do
            import_string(room.demo)(world)
    Job.objects.all().delete()  # what demos have read and run by a worker comes later, or not at all
    subject = include_subject(world.user["member"], world.site_a)
    save_entry(world.user["member"], subject, publish(world), 0, {"weight": "80"})
    return world
