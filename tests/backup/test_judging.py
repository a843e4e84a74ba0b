"""What the numbers of backups say: suspicious ones are told, again while they last, and nobody else silences them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from backup import metrics
from backup.models import Alert, Snapshot
from backup.services import alerting, judging
from core.access import Refused
from core.notices.models import Notice
from tests.backup.portal import Kept


def row(kept: Kept, days: float, **facts: int) -> Snapshot:
    """A backup of the source «laptop» so many days ago, as the watch would have found it."""
    moment = timezone.now() - timedelta(days=days)
    number = kept.repository.snapshots.count() + 100
    values = {
        "files": 1000,
        "bytes": 1 << 30,
        "added": 1 << 20,
        "fresh": 1 << 20,
        "dense": 1 << 18,
        "changed": 10,
        "unread": 0,
    }
    return Snapshot.objects.create(
        project=kept.repository.project,
        repository=kept.repository,
        source="laptop",
        writer="ff" * 16,
        sequence=number,
        snapshot_id=f"{number:064x}",
        manifest="",
        datasets=0,
        store_differs=False,
        started_at=moment,
        finished_at=moment,
        **(values | facts),
    )


def judged(kept: Kept) -> set[str]:
    return {found.kind for found in judging.judge(kept.repository) if found.source == "laptop"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"bytes": 1 << 28}, "shrunk"),
        ({"bytes": 5 << 30}, "grown"),
        ({"unread": 3}, "partial"),
        ({"fresh": 900 << 20, "dense": 880 << 20, "changed": 900}, "dense"),
    ],
)
def test_suspicious_numbers(kept: Kept, facts: dict[str, int], kind: str) -> None:
    """A backup that is much smaller or larger than usual, that lacks files or that stopped compressing is told."""
    for day in range(6, 1, -1):
        row(kept, day)
    assert judged(kept) == set()
    row(kept, 1, **facts)
    assert judged(kept) == {kind}


@pytest.mark.django_db
def test_new_films_are_no_ransomware(kept: Kept) -> None:
    """Content that never compressed, or a few new files of it, raises no alarm."""
    for day in range(6, 1, -1):
        row(kept, day, fresh=1 << 20, dense=1 << 20)
    row(kept, 1, fresh=900 << 20, dense=890 << 20)
    assert judged(kept) == set()


@pytest.mark.django_db
def test_a_source_that_falls_silent(kept: Kept) -> None:
    """A machine that saved every day and doesn't any more is told after three days."""
    for day in range(9, 4, -1):
        row(kept, day)
    assert judged(kept) == {"stale"}
    row(kept, 0.1)
    assert judged(kept) == set()


@pytest.mark.django_db
def test_a_clock_that_is_ahead_hides_nothing(kept: Kept) -> None:
    """A backup of the future counts from when the store took it: what comes later is judged, what doesn't is missed."""
    for days in (16, 15, 14, 13, 12):
        row(kept, days)
    taken = timezone.now() - timedelta(days=11)
    ahead = row(kept, -700)
    Snapshot.objects.filter(pk=ahead.pk).update(received_at=taken)
    assert judged(kept) == {"stale"}
    age = next(each.value for each in metrics.measures() if each.name == "suite_backup_last_success_age_seconds")
    assert abs(age - timedelta(days=11).total_seconds()) < 60
    row(kept, 0, fresh=1 << 30, dense=1 << 30)
    assert "dense" in judged(kept)


@pytest.mark.django_db
def test_told_again_while_it_lasts(kept: Kept) -> None:
    """What is severe is told again after a day, what isn't after a week; who wants quiet has it."""
    now = timezone.now()
    severe, light = alerting.Found("failed", source="a"), alerting.Found("partial", source="b")
    alerting.settle(kept.repository, [severe, light], now)
    for days, failed, partial in ((0.5, 1, 1), (1.1, 2, 1), (2.2, 3, 1), (7.5, 4, 2)):
        alerting.settle(kept.repository, [severe, light], now + timedelta(days=days))
        owner = kept.world.user["owner"]
        counts = [
            Notice.objects.filter(user=owner, kind=f"backup.alert_{kind}").count() for kind in ("failed", "partial")
        ]
        assert counts == [failed, partial]
    alert = Alert.objects.get(kind="failed")
    alerting.quiet(kept.world.user["owner"], alert, timezone.now() + timedelta(days=400))
    alert.refresh_from_db()
    assert alert.quiet_until is not None
    assert alert.quiet_until < timezone.now() + timedelta(days=32)
    alerting.settle(kept.repository, [severe, light], now + timedelta(days=20))
    assert Notice.objects.filter(user=kept.world.user["owner"], kind="backup.alert_failed").count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["member", "stranger"])
def test_only_who_manages_asks_for_quiet(kept: Kept, who: str) -> None:
    """Whoever doesn't manage the backups silences nothing."""
    alerting.settle(kept.repository, [alerting.Found("failed", source="a")])
    with pytest.raises(Refused):
        alerting.quiet(kept.world.user[who], Alert.objects.get(), timezone.now())


@pytest.mark.django_db
def test_numbers_for_prometheus(kept: Kept) -> None:
    """The age of the newest backup of each source is measured, and how many alerts of each kind there are."""
    row(kept, 2)
    alerting.settle(kept.repository, [alerting.Found("stale", source="laptop")])
    measured = {(each.name, *each.labels.values()): each.value for each in metrics.measures()}
    age = measured["suite_backup_last_success_age_seconds", str(kept.repository.pk), "laptop"]
    assert age == pytest.approx(2 * 86400, abs=600)
    assert measured["suite_backup_alerts", "stale"] == 1
