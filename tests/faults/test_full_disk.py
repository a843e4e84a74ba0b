"""There is no room left for the audit trail: what can't be recorded isn't done, and isn't shown.

The table lies on a disk of four megabytes, which the test fills up. Only root mounts such a disk.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core import audit, embedded
from core.access.demo import World
from core.access.models import Project
from core.audit.models import Event
from core.audit.sealing import seal
from core.audit.verification import verify
from core.embedded import postgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


class SmallDisk:
    """A disk for the events alone. Only root may mount it: for anybody else these tests fail, and say so."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def mount(self) -> None:
        self.place.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "none", self.place], check=True)
        space = self.place / "space"
        space.mkdir(mode=0o700)
        if postgres.mode() == "setpriv":
            os.chown(space, postgres.NOBODY, postgres.NOBODY)
        self.ask(f"CREATE TABLESPACE small LOCATION '{space}'")
        self.ask("ALTER TABLE audit_event SET TABLESPACE small")

    def unmount(self) -> None:
        self.empty()
        self.ask("ALTER TABLE audit_event SET TABLESPACE pg_default")
        self.ask("DROP TABLESPACE small")
        subprocess.run(["umount", self.place], check=True)

    def fill(self) -> None:
        """To the last byte, and then the last page that PostgreSQL had begun."""
        filler = self.place / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            until_it_fails(lambda: file.write(b"\0" * 4096))
        with pytest.raises(OperationalError, match="No space left"):
            until_it_fails(lambda: audit.record(None, "jobs.job_done"))

    def empty(self) -> None:
        (self.place / "filler").unlink(missing_ok=True)

    def ask(self, statement: str) -> None:
        folder = embedded.locate(str(settings.DATA_DIR))
        name = connection.settings_dict["NAME"]
        with psycopg.connect(postgres.url(folder, postgres.SUPERUSER, name), autocommit=True) as link:
            link.execute(statement)


def until_it_fails(act: Callable[[], object]) -> None:
    for _time in range(10_000):
        act()


@pytest.fixture
def disk(world: World, tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk")
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


def test_what_cannot_be_recorded_is_not_done(
    world: World, disk: SmallDisk, client_of: Callable[[str], Client], api_of: Callable[[str], APIClient]
) -> None:
    """A page and a program get 507 in words, and nothing was changed or shown; once there is room, the same works.

    Lost: nothing. The journal has no gap, and its chain is whole.
    """
    client, program = client_of("owner"), api_of("owner")
    client.raise_request_exception = program.raise_request_exception = False
    project = reverse("access:settings", args=[world.project.slug])
    journal = reverse("audit:journal", args=[world.project.slug])
    resource = reverse("api:access:project-detail", args=[world.project.slug])
    name = world.project.name
    disk.fill()
    before = Event.objects.count()

    page = client.post(project, {"name": "Another"})
    assert page.status_code == 507
    assert "place" in page.text
    problem = program.patch(resource, {"name": "Another"})
    assert (problem.status_code, problem.json()["type"]) == (507, "urn:suite-interhop:problem:no-room")
    assert client.get(journal).status_code == 507, "who reads the journal stands in it, or doesn't read it"
    assert Project.objects.get(pk=world.project.pk).name == name
    assert Event.objects.count() == before

    disk.empty()
    assert client.post(project, {"name": "Another"}).status_code == 302
    assert Project.objects.get(pk=world.project.pk).name == "Another"
    assert client.get(journal).status_code == 200
    seal()
    assert verify().is_intact
