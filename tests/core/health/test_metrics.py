"""What monitoring watches is what the suite measures."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from core.access.demo import World
from core.audit.models import Checkpoint
from core.health import certificate, metrics
from core.jobs.models import Job

RULES = Path(__file__).resolve().parents[3] / "deploy" / "monitoring" / "alerts.yml"
NAME = re.compile(r"\b(?:suite|django)_[a-z_]+\b")


def test_every_rule_watches_something_that_is_measured(
    world: World, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No alert waits for a metric that nobody gives."""
    settings.HTTPS = True
    monkeypatch.setattr(certificate, "seen", time.time)
    Job.objects.create(
        task="a", owner=world.user["owner"], queue="default", state="failed", ended_at=world.project.created_at
    )
    Job.objects.create(task="b", owner=world.user["owner"], queue="heavy")
    Checkpoint.objects.create(sequence=1, hash=b"", at=world.project.created_at, key="k", signature=b"")
    client.get("/")
    page = metrics.page().decode()
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    watched = {name for rule in rules for name in NAME.findall(rule["expr"])}
    assert len(watched) > 6
    assert {name for name in watched if f"\n{name}" not in f"\n{page}"} == set()


def test_work_is_measured_by_queue_and_state(world: World) -> None:
    """A waiting job counts in its queue; an empty queue is measured too."""
    Job.objects.create(task="b", owner=world.user["owner"], queue="heavy")
    page = metrics.page().decode()
    assert 'suite_jobs{queue="heavy",state="waiting"} 1.0' in page
    assert 'suite_jobs{queue="backup",state="waiting"} 0.0' in page


def test_what_several_web_processes_counted_is_added_up(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever process Prometheus asks answers for all of them."""
    count = "from prometheus_client import Counter; Counter('asked', 'Requests.').inc()"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", count], check=True)
    assert "asked_total 2.0" in metrics.page().decode()


def test_a_measure_that_breaks_hides_no_other(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one room can't answer, the checks and the other rooms are still told."""

    def broken() -> None:
        raise ConnectionError

    monkeypatch.setattr(certificate, "measures", broken)
    page = metrics.page().decode()
    assert "suite_check_good" in page
    assert "suite_jobs" in page
