"""What is watched, over REST: sources with their age and health, alerts and quiet, and filters as on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backup.models import Alert
from backup.services import alerting
from core.audit.models import Event
from tests.backup.portal import Kept
from tests.backup.rows import snapshot
from tests.queries import queries_of

ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/backup"


@pytest.mark.django_db
def test_sources_tell_their_age_and_health(kept: Kept, api_of: ApiOf) -> None:
    """Each source says how old its newest backup is, whether it was whole, what is wrong with it and how it grows."""
    snapshot(kept.repository, "pharmacy", days=35, bytes=100)
    snapshot(kept.repository, "pharmacy", days=2, bytes=150, unread=1)
    snapshot(kept.repository, "imaging", days=1)
    alerting.settle(
        kept.repository, [alerting.Found("partial", source="pharmacy"), alerting.Found("dense", source="imaging")]
    )
    api = api_of("monitor")
    rows = {row["source"]: row for row in api.get(f"{ROOT}/sources/?project={kept.world.project.slug}").data["results"]}
    pharmacy = rows["pharmacy"]
    assert pharmacy["age"] == pytest.approx(2 * 86400, abs=600)
    assert (pharmacy["health"], pharmacy["alerts"], pharmacy["is_whole"]) == ("warning", ["partial"], False)
    assert (pharmacy["snapshots"], pharmacy["growth"], pharmacy["host"]) == (2, 50, "pharmacy-host")
    assert (rows["imaging"]["health"], rows["imaging"]["growth"]) == ("failed", None)
    for query, found in {
        "health=failed": ["imaging"],
        "older_than=129600": ["pharmacy"],
        "source=imaging": ["imaging"],
        "q=pharm": ["pharmacy"],
        "host=nowhere": [],
    }.items():
        assert [row["source"] for row in api.get(f"{ROOT}/sources/?{query}").data["results"]] == found, query
    assert api.get(f"{ROOT}/sources/?health=bad").status_code == 422
    assert api_of("stranger").get(f"{ROOT}/sources/").data["results"] == []
    few = queries_of(api, f"{ROOT}/sources/")
    for number in range(10):
        snapshot(kept.repository, f"more-{number}")
    assert queries_of(api, f"{ROOT}/sources/") == few


@pytest.mark.django_db
def test_alerts_are_listed_and_quieted(kept: Kept, api_of: ApiOf) -> None:
    """Alerts are found by state and severity; who manages the backups asks for quiet, which is audited."""
    alerting.settle(kept.repository, [alerting.Found("grown", source="old", details={"percent": 400})])
    alerting.settle(kept.repository, [alerting.Found("dense", source="b", details={"percent": 97})])
    api = api_of("owner")
    found = {
        "": ["dense", "grown"],
        "is_resolved=false": ["dense"],
        "is_resolved=true": ["grown"],
        "is_severe=true": ["dense"],
        "is_severe=false": ["grown"],
        "kind=grown": ["grown"],
        "source=b": ["dense"],
    }
    for query, kinds in found.items():
        assert [row["kind"] for row in api.get(f"{ROOT}/alerts/?{query}").data["results"]] == kinds, query
    alert = Alert.objects.get(kind="dense")
    address = f"{ROOT}/alerts/{alert.pk}/"
    assert api.get(address).data["details"] == {"percent": 97}
    quieted = api.post(f"{address}quiet/", {"days": 3})
    assert quieted.data["quieted_by"] == kept.world.user["owner"].email
    alert.refresh_from_db()
    assert alert.quiet_until is not None
    assert abs(alert.quiet_until - timezone.now() - timedelta(days=3)) < timedelta(minutes=5)
    assert Event.objects.filter(action="backup.alert_quieted").count() == 1
    assert api.post(f"{address}quiet/", {"days": 32}).status_code == 422
    assert api_of("monitor").post(f"{address}quiet/").status_code == 403
    assert api_of("stranger").get(address).status_code == 404


@pytest.mark.django_db
def test_what_pages_narrow_by_resources_do_too(kept: Kept, api_of: ApiOf) -> None:
    """Backups are found by source, machine, time, whole or not, held, forgotten or gone; plans by their end."""
    now = timezone.now()
    facts: dict[str, dict[str, object]] = {
        "whole": {},
        "partial": {"unread": 1},
        "held": {"held": True},
        "forgotten": {"forgotten_at": now},
        "gone": {"forgotten_at": now, "gone_at": now},
        "old": {"days": 90.0},
    }
    for source, each in facts.items():
        snapshot(kept.repository, source, **each)  # type: ignore[arg-type]
    api = api_of("monitor")
    long_ago = (now - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query, sources in {
        "is_whole=false": {"partial"},
        "held=true": {"held"},
        "is_forgotten=true": {"forgotten", "gone"},
        "is_gone=true": {"gone"},
        "source=whole": {"whole"},
        "host=old-host": {"old"},
        f"finished_at__lt={long_ago}": {"old"},
    }.items():
        found = {row["source"] for row in api.get(f"{ROOT}/snapshots/?{query}").data["results"]}
        assert found == sources, query
    assert len(api.get(f"{ROOT}/plans/?is_ended=false").data["results"]) == 1
    assert api.get(f"{ROOT}/plans/?is_ended=true").data["results"] == []
