"""The lists of the backups: what they narrow, sort, export and cost, and who sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backup import queries
from backup.models import Alert, Plan, Repository
from backup.services import alerting, plans
from core.audit.models import Event
from core.jobs import execution
from tests.backup.portal import Kept
from tests.backup.rows import snapshot
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
LISTS = ("alerts", "sources", "snapshots", "plans", "repositories", "agents", "runs")


def url(kept: Kept, name: str, *arguments: object) -> str:
    return reverse(f"backup:{name}", args=[kept.world.project.slug, *arguments])


def listed(client: Client, address: str) -> list[object]:
    """The rows that a list shows."""
    answer = client.get(address)
    assert answer.status_code == 200
    return list(answer.context["table"].page)


@pytest.mark.django_db
def test_backups_are_narrowed(kept: Kept, client_of: ClientOf) -> None:
    """The list of backups is narrowed by repository, source, machine, plan, state, what is kept, and time."""
    client, now = client_of("owner"), timezone.now()
    old = snapshot(kept.repository, "pharmacy", days=40)
    broken = snapshot(kept.repository, "pharmacy", days=3, unread=2)
    held = snapshot(kept.repository, "imaging", days=2, held=True)
    forgotten = snapshot(kept.repository, "imaging", days=2, forgotten_at=now)
    gone = snapshot(kept.repository, "imaging", days=2, forgotten_at=now, gone_at=now)
    planned = snapshot(kept.repository, "", days=1, plan=kept.plan)
    address = url(kept, "snapshots")
    found = {
        "": [planned, held, forgotten, gone, broken, old],
        "source=pharmacy": [broken, old],
        "host=imaging-host": [held, forgotten, gone],
        f"plan={kept.plan.pk}": [planned],
        "state=partial": [broken],
        "kept=held": [held],
        "kept=forgotten": [forgotten],
        "kept=gone": [gone],
        "kept=kept": [planned, held, broken, old],
        f"to={timezone.localdate() - timedelta(days=30)}": [old],
        f"from={timezone.localdate() - timedelta(days=1)}": [planned],
        "q=nightly": [planned],
        f"repository={kept.repository.pk}&sort=source&source=pharmacy": [broken, old],
    }
    for query, rows in found.items():
        assert set(listed(client, f"{address}?{query}")) == set(rows), query
    assert listed(client, address)[0] == planned, "the newest first"


@pytest.mark.django_db
def test_a_backup_without_plan_names_its_source(kept: Kept, client_of: ClientOf) -> None:
    """Where a backup was made by hand, pages name its source and never «None»."""
    row = snapshot(kept.repository, "pharmacy")
    client = client_of("owner")
    pages = (
        ("home", url(kept, "home")),
        ("repository", kept.repository.get_absolute_url()),
        ("own", row.get_absolute_url()),
    )
    for name, address in pages:
        page = client.get(address).content.decode()
        assert "pharmacy" in page, name
        assert ">None<" not in page, name
    assert listed(client, url(kept, "snapshots")) == [row]
    assert "None" not in client.get(f"{url(kept, 'snapshots')}?export=csv").content.decode()


@pytest.mark.django_db
def test_sources_in_trouble_stand_first(kept: Kept, client_of: ClientOf) -> None:
    """Sources are listed with the worst first, told apart by health, with their growth since a month."""
    for source in ("archive", "imaging", "pharmacy"):
        snapshot(kept.repository, source, days=31, bytes=1 << 29)
        snapshot(kept.repository, source)
    alerting.settle(
        kept.repository, [alerting.Found("dense", source="pharmacy"), alerting.Found("shrunk", source="imaging")]
    )
    client = client_of("owner")
    rows = listed(client, url(kept, "sources"))
    assert [row.source for row in rows] == ["pharmacy", "imaging", "archive"]  # type: ignore[attr-defined]
    assert [row.growth for row in rows] == [1 << 29] * 3  # type: ignore[attr-defined]
    assert [row.backups for row in rows] == [2, 2, 2]  # type: ignore[attr-defined]
    assert [row.source for row in listed(client, url(kept, "sources") + "?state=warning")] == ["imaging"]  # type: ignore[attr-defined]
    told, count = queries.sources(kept.world.user["owner"], kept.world.project, 3)
    assert count == 3
    assert [(each.name, each.look) for each in told] == [
        ("pharmacy", "failed"),
        ("imaging", "warning"),
        ("archive", "done"),
    ]


@pytest.mark.django_db
def test_what_is_wrong_with_a_plan_is_wrong_with_its_source(kept: Kept) -> None:
    """An alert about a plan counts for the backups of this plan, in lists as on the overview."""
    owner, project = kept.world.user["owner"], kept.world.project
    snapshot(kept.repository, kept.plan.row, plan=kept.plan)
    snapshot(kept.repository, "pharmacy")
    alerting.settle(kept.repository, [alerting.Found("failed", plan=kept.plan)])
    by_list = {row.source: row.alarm for row in queries.counted(queries.newest(owner, project))}
    by_python = {each.newest.source: queries.LOOKS.index(each.look) for each in queries.sources(owner, project)[0]}
    assert by_list == by_python == {kept.plan.row: 0, "pharmacy": 2}


@pytest.mark.django_db
def test_plans_are_narrowed_by_how_they_stand(kept: Kept, client_of: ClientOf) -> None:
    """Plans are found by their state; ended ones stand last."""
    ended = Plan.objects.create(
        project=kept.world.project,
        repository=kept.repository,
        name="Ancient",
        owner=kept.plan.owner,
        ended_at=timezone.now(),
    )
    client = client_of("owner")
    assert listed(client, url(kept, "plans")) == [kept.plan, ended]
    assert listed(client, url(kept, "plans") + "?state=locked") == [ended]
    assert listed(client, url(kept, "plans") + "?state=waiting") == [kept.plan]
    kept.save()
    assert listed(client, url(kept, "plans") + "?state=done") == [kept.plan]


@pytest.mark.django_db
def test_alerts_and_their_page(kept: Kept, client_of: ClientOf) -> None:
    """What lasts stands before what is over, the severe first; a page says what to do, and who wants quiet has it."""
    alerting.settle(kept.repository, [alerting.Found("grown", source="old", details={"percent": 400})])
    alerting.settle(
        kept.repository,
        [
            alerting.Found("shrunk", source="a", details={"percent": 20}),
            alerting.Found("dense", source="b", details={"percent": 97}),
        ],
    )
    client = client_of("owner")
    assert [row.kind for row in listed(client, url(kept, "alerts"))] == ["dense", "shrunk", "grown"]  # type: ignore[attr-defined]
    assert [row.kind for row in listed(client, url(kept, "alerts") + "?state=resolved")] == ["grown"]  # type: ignore[attr-defined]
    assert [row.kind for row in listed(client, url(kept, "alerts") + "?severity=light&state=open")] == ["shrunk"]  # type: ignore[attr-defined]
    alert = Alert.objects.get(kind="shrunk")
    assert "20" in client.get(alert.get_absolute_url()).content.decode()
    assert client.post(url(kept, "alert-quiet", alert.pk), {"days": "31"})["Location"] == alert.get_absolute_url()
    alert.refresh_from_db()
    assert alert.quiet_until is not None
    assert alert.quiet_until > timezone.now() + timedelta(days=30)
    assert [row.kind for row in listed(client, url(kept, "alerts") + "?state=loud")] == ["dense"]  # type: ignore[attr-defined]
    assert url(kept, "alert-quiet", alert.pk) not in client_of("monitor").get(alert.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_the_severe_stands_above_what_is_not(kept: Kept, client_of: ClientOf) -> None:
    """A plan that failed stands with the severe alerts, before what only asks for a look."""
    alerting.settle(kept.repository, [alerting.Found("shrunk", source="imaging"), alerting.Found("dense", source="b")])
    kept.repository.path.rename(kept.repository.path.parent / "away")
    execution.execute(plans.run_plan(kept.world.user["owner"], kept.plan).pk, threaded=False)
    page = client_of("owner").get(url(kept, "home")).content.decode()
    order = [page.index(words) for words in (">b</a>", f"{kept.plan.name}", ">imaging</a>")]
    assert order == sorted(order)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_lists_are_exported_and_audited(kept: Kept, client_of: ClientOf, name: str) -> None:
    """Each list is a file too; who took it is in the audit trail."""
    snapshot(kept.repository, "=cmd|pharmacy")
    alerting.settle(kept.repository, [alerting.Found("shrunk", source="pharmacy")])
    answer = client_of("monitor").get(f"{url(kept, name)}?export=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert ";=cmd" not in answer.content.decode(), "no cell is a formula"
    event = Event.objects.filter(action="backup.list_exported").get()
    assert (event.details["list"], event.actor_id) == (name, kept.world.user["monitor"].pk)
    assert client_of("member").get(f"{url(kept, name)}?export=csv").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*LISTS, "home", "calendar", "growth"])
def test_pages_ask_as_often_for_many(kept: Kept, client_of: ClientOf, name: str) -> None:
    """A page asks the database as often for thirty sources, plans and alerts as for one."""
    client = client_of("owner")
    address = url(kept, name, kept.repository.pk) if name == "growth" else url(kept, name)

    def more(number: int) -> None:
        for days in (31, 5, 1):
            snapshot(kept.repository, f"source-{number}", days=days)
        plan = Plan.objects.create(
            project=kept.world.project, repository=kept.repository, name=f"P{number}", owner=kept.plan.owner
        )
        snapshot(kept.repository, plan.row, plan=plan)
        Repository.objects.create(
            project=kept.world.project,
            name=f"R{number}",
            repository_id=f"{number:032x}",
            control_code="1",
            has_passphrase=False,
            created_by=kept.plan.owner,
        )

    more(0)
    alerting.settle(kept.repository, [alerting.Found("shrunk", source="source-0")])
    few = queries_of(client, address)
    for number in range(1, 30):
        more(number)
    alerting.settle(kept.repository, [alerting.Found("shrunk", source=f"source-{number}") for number in range(30)])
    assert min(queries_of(client, address) for _time in range(2)) <= few, "once a while the portal asks for more"
