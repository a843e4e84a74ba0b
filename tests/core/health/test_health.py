from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from core import tool
from core.health import checks, services
from core.tool import Finding, Level


@pytest.fixture(autouse=True)
def _forget_migrated() -> Iterator[None]:
    services.remember_migrated.cache_clear()
    yield
    services.remember_migrated.cache_clear()


def refuse(*args: object, **kwargs: object) -> None:
    raise OperationalError("connection to server at 10.1.2.3 refused")


def test_alive_asks_nothing(client: Client) -> None:
    """The process says that it lives without the database: a restart wouldn't help there."""
    assert client.get("/healthz").content == b"alive\n"


def test_ready_when_all_is_there(client: Client, db: None) -> None:
    """With the database, Valkey and every migration, people can be served."""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": dict.fromkeys(["database", "valkey", "migrations"], "good")}


def test_not_ready_without_the_database(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the database it says 503, and strangers don't learn where the database is."""
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "failed"
    assert "10.1.2.3" not in answer.text


def test_not_ready_without_valkey(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Valkey it says 503."""

    def refuse_too(*args: object) -> None:
        raise redis.ConnectionError("refused")

    monkeypatch.setattr(cache, "get", refuse_too)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "good", "valkey": "failed", "migrations": "good"}


def test_not_ready_before_the_migrations(client: Client, db: None) -> None:
    """While a migration is missing it says 503, and 200 once it has been applied."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'access' RETURNING name")
        names = [name for (name,) in cursor.fetchall()]
        assert client.get("/readyz").json()["checks"]["migrations"] == "failed"
        for name in names:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('access', %s, now())", [name])
    assert client.get("/readyz").status_code == 200


def broken() -> Finding:
    raise ZeroDivisionError("1/0")


def uneasy() -> Finding:
    return Finding("disk", Level.WARNING, "The disk is nearly full.")


@pytest.fixture
def own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    room = next(room for room in tool.rooms() if room.label == "health")
    monkeypatch.setattr(room, "health", (f"{__name__}.broken", f"{__name__}.uneasy"))


def test_a_check_that_breaks_hides_no_other(own_checks: None, db: None) -> None:
    """A check that raises is a finding of its own, and the others are still made."""
    findings = {finding.name: finding.level for finding in checks.all_findings()}
    assert findings[f"{__name__}.broken"] is Level.FAILED
    assert findings["disk"] is Level.WARNING


def test_every_check_of_every_room_can_run(db: None) -> None:
    """What the rooms and tools declare exists, and says how the instance feels."""
    names = [name for room in tool.rooms() for name in room.health]
    assert len(checks.all_findings()) == len(names) > 0


def test_the_administrator_reads_what_to_do(client_of: Callable[[str], Client], own_checks: None) -> None:
    """The page of the administrator shows each finding with what to do about it, and machines get the same."""
    client = client_of("administrator")
    assert "The disk is nearly full." in client.get("/health/").text
    listed = client.get("/health/", headers={"Accept": "application/json"}).json()
    assert listed["level"] == "failed"
    assert {"name": "disk", "level": "warning", "message": "The disk is nearly full."} in listed["findings"]


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", "Basic right"])
def test_metrics_are_not_there_for_strangers(client: Client, db: None, settings: Settings, sent: str) -> None:
    """Without the token there is no such page, also where no token is set."""
    for token in ("right", ""):
        settings.METRICS_TOKEN = token
        assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_prometheus_reads_the_checks(client: Client, own_checks: None, db: None, settings: Settings) -> None:
    """With the token Prometheus gets requests, process and each check as a number."""
    settings.METRICS_TOKEN = "right"
    answer = client.get("/metrics", headers={"Authorization": "Bearer right"})
    assert 'suite_check_good{check="disk",level="warning"} 0.0' in answer.text
    assert "django_http_requests_total_by_method_total" in answer.text
    assert answer["Content-Type"].startswith("text/plain")
