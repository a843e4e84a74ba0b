"""An upgrade goes on while people work."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from core.access.management.commands import upgrade


def hold(until: threading.Event, held: threading.Event) -> None:
    """Be somebody who uses a table that the migrations need."""
    settings = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: settings[name] for name in names if settings.get(name)}) as other:
        other.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        held.set()
        until.wait(30)


@pytest.mark.django_db(transaction=True)
def test_a_migration_steps_back_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that somebody uses isn't waited for long: the migration lets others go on, then tries again."""
    until, held, pauses = threading.Event(), threading.Event(), []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        until.set()
        other.join()

    monkeypatch.setattr(upgrade, "PATIENCE", "50ms")
    monkeypatch.setattr(upgrade.time, "sleep", pause)
    other = threading.Thread(target=hold, args=(until, held))
    other.start()
    assert held.wait(30)
    call_command("upgrade")
    assert pauses == [upgrade.PAUSE]


@pytest.mark.django_db(transaction=True)
def test_another_fault_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong for another cause than a table in use is told at once."""

    def broken(*args: object, **options: object) -> None:
        raise OperationalError("the disk is full")

    monkeypatch.setattr(upgrade, "call_command", broken)
    with pytest.raises(OperationalError, match="full"):
        upgrade.migrate()
