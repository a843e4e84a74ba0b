"""Unusual reading is found in the journal, told once, and answered by those who answer for the data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World
from core.access.models import Membership
from core.audit.models import Event, Link
from core.errors import Conflict, Invalid
from core.journal import services, watching
from core.journal.engine import unusual
from core.journal.models import Activity, Alert, Cursor, Kind
from core.notices.models import Notice
from tests.core.access.conftest import role

Happened = Callable[..., None]
NOON = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


@pytest.fixture
def happened(world: World) -> Happened:
    """So many sealed events of one person, from a moment on, a second apart."""

    def happened(
        count: int, action: str = "ecrf.entry_read", who: str = "member", at: datetime = NOON, **fields: Any
    ) -> None:
        same = fields.pop("same", False)
        made = Event.objects.bulk_create(
            Event(
                actor_id=world.user[who].pk,
                action=action,
                project_id=world.project.pk,
                object_type="ecrf.entry",
                object_id="same" if same else f"{at.timestamp()}-{number}",
                at=at + timedelta(seconds=number),
                channel="page",
                **fields,
            )
            for number in range(count)
        )
        last = Link.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        Link.objects.bulk_create(
            Link(sequence=last + number, event_id=event.pk, hash=bytes(32)) for number, event in enumerate(made, 1)
        )

    return happened


@pytest.fixture(autouse=True)
def at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the hour at which it runs: all hours are those of work, unless it says otherwise."""
    monkeypatch.setattr(unusual, "is_off", lambda moment: False)


def kinds() -> list[str]:
    return sorted(Alert.objects.values_list("kind", flat=True))


def test_ordinary_work_raises_nothing(happened: Happened) -> None:
    """A day on the ward, with an export and a refusal, is nothing to tell of."""
    happened(30)
    happened(1, "ecrf.entries_exported")
    happened(2, "access.refused", outcome="refused")
    assert watching.watch() == 0
    row = Activity.objects.get()
    assert (row.reads, row.exports, row.refusals) == (30, 1, 2)


@pytest.mark.parametrize(
    ("count", "fields", "kind"),
    [
        (200, {"same": True}, "volume"),
        (40, {}, "series"),
        (5, {"action": "ecrf.entries_exported"}, "exports"),
        (10, {"action": "access.refused", "outcome": "refused"}, "refusals"),
        (1, {"action": "access.emergency_opened"}, "emergency"),
    ],
)
def test_each_rule(happened: Happened, world: World, count: int, fields: dict[str, Any], kind: str) -> None:
    """One fewer raises nothing; the one that is too many raises one alert, and one notice to each data controller."""
    if count > 1:
        happened(count - 1, **fields)
        assert watching.watch() == 0
    happened(1, **({"at": NOON + timedelta(minutes=5)} | fields))
    assert watching.watch() == 1
    alert = Alert.objects.get()
    assert (alert.kind, alert.count, alert.person) == (kind, count, world.user["member"])
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (world.user["owner"], f"audit.alert_{kind}")
    assert notice.details == {"person": "Nolwenn Kerbrat", "number": count}
    assert notice.urgent is (kind == "emergency")
    assert Event.objects.filter(action="audit.alert_raised", project_id=world.project.pk).count() == 1


def test_nothing_is_told_twice(happened: Happened) -> None:
    """More of the same in the same hour raises the number, not another alert; read again, nothing counts twice."""
    happened(200, same=True)
    assert watching.watch() == 1
    happened(50, same=True, at=NOON + timedelta(minutes=10))
    assert watching.watch() == 0
    assert watching.watch() == 0
    assert (Alert.objects.get().count, Activity.objects.get().reads) == (250, 250)
    assert Notice.objects.count() == 1


def test_far_more_than_his_own_past(happened: Happened) -> None:
    """Who reads five things an hour and suddenly sixty is told of, long before the bound for everybody."""
    for day in range(1, 26):
        happened(5, at=NOON - timedelta(days=day), same=True)
    assert watching.watch() == 0
    happened(60, same=True)
    assert watching.watch() == 1
    assert kinds() == ["volume"]


def test_at_night(happened: Happened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has worked by day for weeks and reads at night once is told of; who works at night is not."""
    for day in range(2, 26):
        happened(1, at=NOON - timedelta(days=day))
        happened(1, at=NOON - timedelta(days=day), who="other_site")
    happened(1, at=NOON - timedelta(days=2, hours=3), who="other_site")
    nights = {timezone.localtime(NOON), timezone.localtime(NOON - timedelta(days=2, hours=3))}
    monkeypatch.setattr(unusual, "is_off", lambda moment: moment in nights)
    happened(2, at=NOON)
    happened(2, at=NOON, who="other_site")
    assert watching.watch() == 1
    alert = Alert.objects.get()
    assert (alert.kind, str(alert.person)) == ("hours", "Nolwenn Kerbrat")


def test_the_past_is_learned_from_and_not_told(happened: Happened) -> None:
    """Events that are older than a day, such as those of a journal that is taken over, raise nothing."""
    happened(500, at=NOON - timedelta(days=3))
    assert watching.watch() == 0
    assert Activity.objects.get().reads == 500


def test_unsealed_events_wait(world: World) -> None:
    """Only what has its place in the chain is looked at."""
    for _number in range(9):
        Event.objects.create(
            actor_id=world.user["member"].pk, project_id=world.project.pk, action="x.exported", channel="page"
        )
    assert watching.watch() == 0
    assert not Activity.objects.exists()


def test_a_rule_of_the_project(happened: Happened, world: World) -> None:
    """A controller sets another number, or switches a rule off; that is in the journal."""
    owner = world.user["owner"]
    services.set_rule(owner, world.project, "exports", is_on=True, threshold=2)
    services.set_rule(owner, world.project, "refusals", is_on=False, threshold=None)
    happened(2, "ecrf.entries_exported")
    happened(50, "access.refused", outcome="refused")
    watching.watch()
    assert kinds() == ["exports"]
    told = Event.objects.filter(action="audit.rule_set").order_by("pk").values_list("details", flat=True)
    assert list(told) == [
        {"rule": "exports", "on": True, "number": 2},
        {"rule": "refusals", "on": False, "number": None},
    ]
    for wrong in (("exports", 0), ("exports", 10**9), ("nothing", 1)):
        with pytest.raises(Invalid):
            services.set_rule(owner, world.project, wrong[0], is_on=True, threshold=wrong[1])
    with pytest.raises(PermissionDenied):
        services.set_rule(world.user["monitor"], world.project, "exports", is_on=False, threshold=None)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_count_once(happened: Happened) -> None:
    """While one process reads on, another goes away."""
    happened(3)
    watching.watch()
    happened(3, at=NOON + timedelta(minutes=1))
    with transaction.atomic():
        Cursor.objects.select_for_update().get(name=watching.NAME)
        other: list[tuple[int, int]] = []
        thread = threading.Thread(target=lambda: (other.append(watching.watch_batch()), connection.close()))
        thread.start()
        thread.join()
    assert other == [(0, 0)]
    watching.watch()
    assert Activity.objects.get().reads == 6


@pytest.fixture
def alert(happened: Happened) -> Alert:
    happened(5, "ecrf.entries_exported")
    watching.watch()
    return Alert.objects.get()


def test_an_alert_is_answered(client_of: Callable[[str], Client], alert: Alert, world: World) -> None:
    """A controller reads it, says what he found, and it is answered; an answer needs words, and is given once."""
    client, address = client_of("owner"), alert.get_absolute_url()
    assert client.get(address).status_code == 200
    assert client.post(address, {"comment": "  "}).status_code == 422
    assert client.post(address, {"comment": "Planned monitoring."}).status_code == 303
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.comment) == (world.user["owner"], "Planned monitoring.")
    with pytest.raises(Conflict):
        services.acknowledge(world.user["owner"], alert, "again")
    listed = client.get(reverse("audit:alerts", args=[world.project.slug]), {"state": "open"})
    assert listed.context["table"].count == 0
    assert Event.objects.filter(action="audit.alerts_read", actor_id=world.user["owner"].pk).count() == 2
    assert Event.objects.filter(action="audit.alert_answered").get().object_id == str(alert.pk)


def test_nobody_answers_what_is_about_himself(
    client_of: Callable[[str], Client], api_of: Callable[[str], APIClient], alert: Alert, world: World
) -> None:
    """Whom an alert is about leaves the answer to somebody else, and the page says why; who is alone may give it."""
    alert.person = world.user["owner"]
    alert.save()
    second = Membership.objects.create(user=world.user["monitor"], project=world.project, given_by=world.user["owner"])
    second.roles.set([role("controller")])
    client, address = client_of("owner"), alert.get_absolute_url()
    page = client.get(address).content.decode()
    assert "<textarea" not in page
    assert "c’est à quelqu’un d’autre de répondre" in page
    assert client.post(address, {"comment": "Nothing."}).status_code == 303
    answer = api_of("owner").post(reverse("api:journal:alert-acknowledge", args=[alert.pk]), {"comment": "Nothing."})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "own-alert")
    alert.refresh_from_db()
    assert alert.acknowledged_at is None
    assert "<textarea" in client_of("monitor").get(address).content.decode()
    second.ends_at = timezone.now()
    second.save()
    assert "<textarea" in client.get(address).content.decode()
    assert services.acknowledge(world.user["owner"], alert, "Nobody else is here.").acknowledged_at


def test_who_reads_the_journal_only_reads(client_of: Callable[[str], Client], alert: Alert) -> None:
    """A monitor sees the alert and can't answer it; who isn't in the project finds nothing."""
    address = alert.get_absolute_url()
    assert client_of("monitor").get(address).status_code == 200
    assert client_of("monitor").post(address, {"comment": "x"}).status_code == 403
    assert client_of("stranger").get(address).status_code == 404


def test_the_page_of_rules(client_of: Callable[[str], Client], world: World) -> None:
    """What is set is shown again; a number that is none is refused at its field."""
    client, address = client_of("owner"), reverse("audit:rules", args=[world.project.slug])
    everything = {kind: "on" for kind in Kind.values if kind != "hours"}
    assert client.post(address, everything | {"volume_number": "-3"}).status_code == 422
    assert client.post(address, everything | {"volume_number": "75"}).status_code == 303
    form = client.get(address).context["form"]
    assert (form["volume_number"].value(), form["hours"].value(), form["series"].value()) == (75, False, True)


def test_over_rest(api_of: Callable[[str], APIClient], alert: Alert, world: World) -> None:
    """The same over REST: list, one, answer, rules."""
    api = api_of("owner")
    (found,) = api.get(reverse("api:journal:alert-list"), {"answered": False}).json()["results"]
    assert (found["kind"], found["person_name"], found["count"]) == ("exports", "Nolwenn Kerbrat", 5)
    address = reverse("api:journal:alert-acknowledge", args=[alert.pk])
    assert api.post(address, {"comment": "Planned."}).json()["comment"] == "Planned."
    assert api.post(address, {"comment": "Again."}).status_code == 409
    rules = reverse("api:journal:alert-rules")
    assert api.put(rules, {"project": world.project.slug, "kind": "volume", "is_on": False, "threshold": 9}).json() == {
        "kind": "volume",
        "is_on": False,
        "threshold": 9,
        "usual": 200,
    }
    listed = api.get(rules, {"project": world.project.slug}).json()
    assert [rule["is_on"] for rule in listed if rule["kind"] == "volume"] == [False]


def test_the_arithmetic() -> None:
    """The window of a series slides; night and weekend are by the clock; one's usual is nineteen hours of twenty."""
    start = datetime(2026, 11, 23, 12, tzinfo=UTC)
    read = [(start + timedelta(minutes=number), f"{number % 15}") for number in range(40)]
    assert unusual.most_within(read, timedelta(minutes=10))[0] == 11
    assert unusual.most_within([], timedelta(minutes=10)) == (0, None)
    assert unusual.usual([1] * 19 + [90]) == 90
    assert unusual.usual([1] * 20 + [90]) == 1
    assert not unusual.too_much(60, [90] * 30, 200)
    assert not unusual.too_much(60, [1] * 5, 200), "somebody new has no past"
    assert unusual.is_reading("ecrf.entry_read")
    assert not unusual.is_reading("audit.journal_read")
