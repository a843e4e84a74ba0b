"""An installation is looked at as an auditor would: what is missing is said, and by what it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core import jobs, tool
from core.access.demo import World
from core.health import controls, machine
from core.jobs import health
from core.jobs.models import Job
from core.journal.services import VERIFY
from core.tool import Finding, Level

RIGHT: dict[str, Any] = {
    "HTTPS": True,
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
    "DEBUG": False,
    "DEMO": False,
    "EMAIL_HOST": "mail.example",
    "EMAIL_USE_TLS": True,
    "SECRET_NAMES": ["VAULT_KEY", "DATABASE_URL"],
}


def set_right(settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """An installation in which nothing is missing."""
    for name, value in RIGHT.items():
        setattr(settings, name, value)
    database = {**settings.DATABASES["default"], "HOST": "db.example", "OPTIONS": {"sslmode": "verify-full"}}
    monkeypatch.setitem(settings.DATABASES, "default", database)
    monkeypatch.setitem(settings.CACHES, "default", dict(settings.CACHES["default"]))
    monkeypatch.setattr(controls, "keeps_time", lambda: True)
    key = folder / "vault_key"
    key.touch(0o600)
    monkeypatch.delenv("VAULT_KEY", raising=False)
    monkeypatch.setenv("VAULT_KEY_FILE", str(key))
    monkeypatch.setenv("DATABASE_URL", "postgresql://suite@db.example/suite")
    real = Path.read_text
    swaps = "Filename Type Size\n/dev/zram0 partition 1\n"
    monkeypatch.setattr(Path, "read_text", lambda self: swaps if str(self) == "/proc/swaps" else real(self))


BREAKS: dict[str, tuple[Callable[[], Finding], Callable[[Settings, pytest.MonkeyPatch, Path], Any]]] = {
    "https": (controls.https, lambda settings, patch, folder: setattr(settings, "HTTPS", False)),
    "proxies": (
        controls.proxies,
        lambda settings, patch, folder: setattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0),
    ),
    "debug": (controls.for_real, lambda settings, patch, folder: setattr(settings, "DEBUG", True)),
    "embedded": (
        controls.own_database,
        lambda settings, patch, folder: settings.DATABASES["default"].update(HOST=f"{settings.DATA_DIR}/run"),
    ),
    "old": (controls.own_database, lambda settings, patch, folder: patch.setattr(controls, "NEWEST_POSTGRES", 10**7)),
    "database in clear": (
        controls.database_by_tls,
        lambda settings, patch, folder: settings.DATABASES["default"].update(OPTIONS={"sslmode": "require"}),
    ),
    "no mail": (controls.mail_by_tls, lambda settings, patch, folder: setattr(settings, "EMAIL_HOST", "")),
    "mail in clear": (controls.mail_by_tls, lambda settings, patch, folder: setattr(settings, "EMAIL_USE_TLS", False)),
    "bare key": (controls.secrets_in_files, lambda settings, patch, folder: patch.setenv("VAULT_KEY", "x")),
    "bare password": (
        controls.secrets_in_files,
        lambda settings, patch, folder: patch.setenv("DATABASE_URL", "postgresql://suite:hunter2@db.example/suite"),
    ),
    "open file": (controls.secrets_in_files, lambda settings, patch, folder: (folder / "vault_key").chmod(0o644)),
    "valkey in clear": (
        controls.valkey_by_tls,
        lambda settings, patch, folder: settings.CACHES["default"].update(LOCATION="redis://valkey.example:6379/0"),
    ),
    "no time": (controls.time, lambda settings, patch, folder: patch.setattr(controls, "keeps_time", lambda: False)),
    "swap": (
        controls.swap,
        lambda settings, patch, folder: patch.setattr(Path, "read_text", lambda self: "head\n/swapfile file 1\n"),
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_a_fault_is_found_and_nothing_else(
    case: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, db: None
) -> None:
    """Where all is right the control is good; with one thing wrong it says what, never a secret."""
    check, spoil = BREAKS[case]
    set_right(settings, monkeypatch, tmp_path)
    assert check().level is Level.GOOD
    spoil(settings, monkeypatch, tmp_path)
    finding = check()
    assert finding.level is not Level.GOOD
    assert finding.message
    assert "hunter2" not in str(finding.message)


def test_an_organisation_without_second_factor_is_named(world: World) -> None:
    """The operator reads which organisation must be spoken to."""
    organisation = world.project.organisation
    organisation.requires_second_factor = False
    organisation.save()
    assert organisation.name in str(controls.second_factor().message)


def test_the_command_says_all_and_fails(db: None) -> None:
    """`manage.py hds_check` lists every control with its source, and ends with a failure where one fails."""
    out = StringIO()
    with pytest.raises(CommandError, match=r"deploy\.https"):
        call_command("hds_check", "--json", stdout=out)
    rows = json.loads(out.getvalue())
    assert len(rows) == sum(len(room.controls) for room in tool.rooms())
    assert all(row["asked_by"] for row in rows)


@pytest.mark.parametrize(
    ("free", "level"), [(0.5, Level.GOOD), (0.09, Level.WARNING), (0.01, Level.FAILED)], ids=["half", "little", "none"]
)
def test_a_full_disk_is_told(free: float, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little room on the disk is a warning, hardly any a failure."""
    usage = type("usage", (), {"total": 1000, "free": int(free * 1000)})
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: usage)
    assert machine.disk().level is level


def test_clocks_apart_are_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose clock has jumped is told: its codes and the order of its events would be wrong."""
    assert machine.clock().level is Level.GOOD
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr(machine.timezone, "now", lambda: later)
    assert machine.clock().level is Level.WARNING


def test_a_silent_scheduler_is_told(db: None) -> None:
    """A scheduler that has not been seen for two minutes is a failure."""
    health.scheduler_at_work()
    assert health.scheduler().level is Level.GOOD
    cache.set(health.SEEN, timezone.now() - timedelta(minutes=3))
    assert health.scheduler().level is Level.FAILED
    cache.delete(health.SEEN)
    assert health.scheduler().level is Level.FAILED


def test_work_that_nobody_takes_is_told(world: World) -> None:
    """A job that has waited for ten minutes though it is due says that workers are missing."""
    job = jobs.submit(world.user["owner"], VERIFY, project=world.project)
    assert health.worker().level is Level.GOOD
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_job SET created_at = now() - interval '11 minutes'")
    assert health.worker().level is Level.WARNING
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now() + timedelta(hours=1))
    assert health.worker().level is Level.GOOD
