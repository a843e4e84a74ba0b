"""A dataset that is older than what it was made from says so, whoever changes that at the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

import pyarrow as pa
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from core import datasets
from core.access.demo import World
from core.datasets.models import Dataset

WAITING = """SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"""


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("earlier", ["none", "fresh", "stale"])
def test_a_change_not_yet_committed(world: World, table: pa.Table, earlier: str) -> None:
    """Who adds a version waits for a change that is under way, and so finds it before he says what he has read."""
    project, owner = world.project, world.user["owner"]
    if earlier != "none":
        datasets.publish(owner, project, "stays", table, title="x", provenance={})
    if earlier == "stale":
        datasets.mark_stale(project, "stays")
    marked, leave = Event(), Event()

    def change() -> None:
        with transaction.atomic():
            project.name = "Changed"
            project.save(update_fields=["name"])
            datasets.mark_stale(project, "stays")
            marked.set()
            leave.wait(60)
        connections.close_all()

    def export(started: datetime) -> str:
        marked.wait(60)
        with datasets.prepared(owner, project, "stays", table, title="x") as rows, transaction.atomic():
            datasets.add(owner, rows, {}, as_of=started)
            seen = type(project).objects.get(pk=project.pk).name
        connections.close_all()
        return str(seen)

    with ThreadPoolExecutor(2) as pool:
        changing, exporting = pool.submit(change), pool.submit(export, timezone.now())
        try:
            while not waiting() and not exporting.done():
                time.sleep(0.01)
        finally:
            leave.set()
        changing.result()
        assert exporting.result() == "Changed"
    assert Dataset.objects.get().versions.count() == (1 if earlier == "none" else 2)


@pytest.mark.django_db(transaction=True)
def test_changes_do_not_wait_for_each_other(world: World) -> None:
    """Many people change what one dataset is made from at once."""
    with transaction.atomic():
        datasets.mark_stale(world.project, "stays")

        def another() -> None:
            with transaction.atomic():
                datasets.mark_stale(world.project, "stays")
            connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(another).result(60)
