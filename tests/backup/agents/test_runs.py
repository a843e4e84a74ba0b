"""Runs: begun once, reported while they go on, ended once, asked for, stopped and seen by their people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backup.models import Plan, Run, RunLine, Snapshot
from backup.services import plans, runs, watching
from core import bells
from core.access import Refused
from core.audit.models import Event
from core.errors import Conflict
from tests.backup.agents.conftest import ROOT, Fleet, Machine
from tests.backup.agents.telling import begin, end, line, report, taken
from tests.race import race

ApiOf = Callable[[str], APIClient]


def test_the_whole_way(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """Begun, reported with lines, ended with a snapshot that the repository holds: rows, journal and counts agree."""
    begun = begin(saving, plan)
    assert (begun.status_code, begun.json()["state"], begun.json()["stop"]) == (201, "running", False)
    address = f"runs/{begun.json()['id']}/progress/"
    told = saving.call("post", address, report(1, total=100, doing="/srv/données", lines=[line(1, "Début à 02:30")]))
    assert (told.status_code, told.json()["stop"]) == (200, False)
    run = Run.objects.get()
    assert (run.files, run.bytes, run.total, run.percent, run.doing) == (1, 10, 100, 10, "/srv/données")
    name, raw = saving.snapshot()
    assert saving.put(name, raw).status_code == 201
    ended = end(saving, str(run.pk), snapshot=taken(name, raw, tags=["ward"]), result={"new_blobs": 3})
    assert (ended.status_code, ended.json()["state"]) == (200, "done")
    run.refresh_from_db()
    row = Snapshot.objects.get()
    assert run.snapshot == row
    assert (row.plan, row.source, row.writer, row.sequence) == (plan, "ward data", saving.agent.key_id, 1)
    assert (row.files, row.bytes, row.fresh, row.dense, row.changed, row.tags) == (12, 3456, 90, 5, 7, ["ward"])
    assert row.received_at is not None
    assert abs(timezone.now() - row.received_at) < timedelta(minutes=1), "by the clock of the store"
    assert (run.state, run.result, run.lines.get().text) == ("done", {"new_blobs": 3}, "Début à 02:30")
    actions = Event.objects.filter(object_id__in=[str(run.pk), str(row.pk)]).order_by("id")
    assert list(actions.values_list("action", "outcome", "actor_id")) == [
        ("backup.snapshot_made", "done", None),
        ("backup.run_ended", "done", None),
    ]


def test_said_twice_it_counts_once(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """A call whose answer was lost is sent again: one run, each line once, no number going back, one end."""
    number = uuid4()
    assert begin(saving, plan, number).json() == begin(saving, plan, number).json()
    progress = f"runs/{number}/progress/"
    newest = report(5, lines=[line(1), line(2), line(3)])
    for told in (report(3, lines=[line(1), line(2)]), newest, newest, report(4, lines=[line(2, "changed")])):
        assert saving.call("post", progress, told).status_code == 200
    run = Run.objects.get()
    assert (run.files, run.reported) == (5, 5)
    assert [(each.number, each.text) for each in run.lines.all()] == [(1, "x"), (2, "x"), (3, "x")]
    name, raw = saving.snapshot()
    saving.put(name, raw)
    for _time in range(2):
        assert end(saving, str(number), snapshot=taken(name, raw)).json()["state"] == "done"
    assert end(saving, str(number), state="failed", error="late").json()["state"] == "done"
    assert saving.call("post", progress, report(99)).json() == {"id": str(number), "state": "done", "stop": True}
    assert (Run.objects.get().files, Snapshot.objects.count()) == (9, 1)
    assert Event.objects.filter(action="backup.run_ended").count() == 1
    assert begin(saving, plan, number).status_code == 409, "it isn't begun again"


def test_one_run_of_a_plan_at_a_time(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """While one goes on, no other of the plan begins; of another plan it does."""
    assert begin(saving, plan).status_code == 201
    assert begin(saving, plan).json()["type"].endswith(":run-live")
    with pytest.raises(Conflict):
        runs.ask_run(fleet.owner, plan)
    assert begin(saving, fleet.plan(saving)).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_begin_at_once(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """Two processes with one token don't both begin a plan."""

    def act(number: Any) -> None:
        runs.begin(saving.agent, plan_id=plan.pk, run_id=number)

    assert race(act, [(uuid4(),), (uuid4(),)], Conflict) == ["done", "refused"]


def test_an_ended_plan_is_not_run(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """Once its plan has ended, nothing begins; what goes on may end."""
    number = uuid4()
    begin(saving, plan, number)
    plans.end_plan(fleet.owner, plan)
    assert end(saving, str(number)).json()["state"] == "done"
    assert begin(saving, plan).json()["type"].endswith(":plan-ended")


def test_foreign_runs_are_not_there(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """An agent finds no plan and no run of another, neither to begin, to report, nor to end."""
    other = fleet.ready()
    number = begin(saving, plan).json()["id"]
    assert begin(other, plan).status_code == 404
    assert other.call("post", f"runs/{number}/progress/", report(9)).status_code == 404
    assert end(other, number).status_code == 404
    own = fleet.plan(other)
    assert begin(other, own, number).status_code == 404, "another's number"
    waiting = runs.ask_run(fleet.owner, own)
    assert saving.call("post", f"runs/{waiting.pk}/progress/", report(1)).status_code == 404
    assert other.call("post", f"runs/{waiting.pk}/progress/", report(1)).status_code == 404, "not begun"
    assert begin(saving, plan, uuid4(), started_at="soon").status_code == 422
    assert Run.objects.get(pk=number).files == 0


def test_a_snapshot_is_looked_up(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """That a snapshot was made isn't believed: the repository holds it under the agent's own key, byte for byte."""
    number = begin(saving, plan).json()["id"]
    name, raw = saving.snapshot()
    answer = end(saving, number, snapshot=taken(name, raw))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "missing")
    saving.put(name, raw)
    wrong = taken(name, raw) | {"snapshot_id": "00" * 32}
    assert end(saving, number, snapshot=wrong).json()["errors"][0]["code"] == "other"
    assert Run.objects.get().state == "running", "nothing was half taken"
    assert not Snapshot.objects.exists()
    assert end(saving, number, snapshot=taken(name, raw)).status_code == 200
    second = begin(saving, plan).json()["id"]
    assert end(saving, second, snapshot=taken(name, raw)).json()["errors"][0]["code"] == "taken"


def test_the_watch_may_be_quicker(fleet: Fleet, saving: Machine, plan: Plan) -> None:
    """A snapshot that the server has seen by itself gets its plan and its facts when the agent tells of it."""
    number = begin(saving, plan).json()["id"]
    name, raw = saving.snapshot()
    saving.put(name, raw)
    watching.watch(fleet.kept.repository)
    assert Snapshot.objects.get().plan is None
    assert end(saving, number, snapshot=taken(name, raw)).status_code == 200
    row = Snapshot.objects.get()
    assert (row.plan, row.manifest, row.run.pk.hex) == (plan, "ab" * 32, number.replace("-", ""))


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": -1},
        {"files": 1 << 64},
        {"lines": [{"number": 0, "at": "2026-11-01T02:30:00Z", "text": "x"}]},
        {"lines": [{"number": 1, "at": "never", "text": "x"}]},
        {"lines": [{"number": 1, "at": "2026-11-01T02:30:00Z", "text": "x" * 2001}]},
        {"lines": [{"number": 1, "at": "2026-11-01T02:30:00Z", "text": "x", "level": "fatal"}]},
        {"lines": [line(number) for number in range(1, 502)]},
        {"state": "waiting"},
        {"result": {"/srv/Dupont.pdf": 1}},
        {"result": {"name": "Dupont"}},
        {"result": {"packs": 10**300}},
        {"result": {"drill": {"deeper": {"still": 1}}}},
        {"result": {f"n{'x' * number}": 1 for number in range(39)} | {"a": 1, "b": 2}},
        {"snapshot": {"snapshot_id": "x"}},
    ],
)
def test_what_is_malformed_is_refused_whole(saving: Machine, plan: Plan, wrong: dict[str, Any]) -> None:
    """A number, a line or a result that no agent of ours sends is refused, and nothing of it is kept."""
    number = begin(saving, plan).json()["id"]
    assert end(saving, number, **({"state": "done"} | wrong) if "state" in wrong else {**wrong}).status_code == 422
    run = Run.objects.get()
    assert (run.state, run.reported, run.lines.count()) == ("running", 0, 0)


def test_words_of_a_run_are_sealed(saving: Machine, plan: Plan) -> None:
    """What a run says may name files: the database holds it encrypted."""
    number = begin(saving, plan).json()["id"]
    secret = "/srv/Dupont Marie.pdf"
    saving.call("post", f"runs/{number}/progress/", report(1, doing=secret, lines=[line(1, secret)]))
    end(saving, number, state="failed", error=secret)
    sealed = [*Run.objects.values_list("error", flat=True), *RunLine.objects.values_list("text", flat=True)]
    assert all(secret.encode() not in each.value for each in sealed)
    assert Run.objects.get().error == RunLine.objects.get().text == secret
    assert secret not in str(list(Event.objects.values_list("details", flat=True)))


def test_too_many_lines_are_let_fall(saving: Machine, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that never stops talking fills no disk."""
    monkeypatch.setattr(runs, "MOST_LINES", 3)
    number = begin(saving, plan).json()["id"]
    saving.call("post", f"runs/{number}/progress/", report(1, lines=[line(each) for each in range(1, 9)]))
    assert RunLine.objects.count() == 3


def test_a_run_that_is_asked_for(fleet: Fleet, saving: Machine, plan: Plan, api_of: ApiOf) -> None:
    """The agent sees that a run waits, and asks again soon; it begins that one, under its number."""
    assert saving.state()["ask_again"] > 10
    asked = runs.ask_run(fleet.owner, plan)
    state = saving.state()
    assert state["ask_again"] < 10
    [told] = state["plans"]
    assert (told["run"], told["waits"]) == (str(asked.pk), True)
    assert begin(saving, plan).status_code == 409, "no other before the one that waits"
    assert begin(saving, plan, asked.pk).status_code == 201
    asked.refresh_from_db()
    assert (asked.state, asked.asked_by) == ("running", fleet.owner)
    [told] = saving.state()["plans"]
    assert (told["waits"], told["stop"]) == (False, False)


@pytest.mark.parametrize(
    ("who", "may"),
    [("owner", True), ("administrator", True), ("monitor", False), ("member", False), ("stranger", False)],
)
def test_who_stops_a_run(fleet: Fleet, saving: Machine, plan: Plan, who: str, may: bool) -> None:
    """Who may run may stop: a run that waits ends at once, one that goes on at its next report."""
    number = begin(saving, plan).json()["id"]
    run, actor = Run.objects.get(), fleet.world.user[who]
    if not may:
        with pytest.raises(Refused):
            runs.ask_stop(actor, run)
        return
    runs.ask_stop(actor, run)
    assert saving.state()["plans"][0]["stop"] is True
    assert saving.call("post", f"runs/{number}/progress/", report(1)).json()["stop"] is True
    assert end(saving, number, state="stopped").json()["state"] == "stopped"
    waiting = runs.ask_run(actor, plan)
    assert runs.ask_stop(actor, waiting).state == "stopped"
    with pytest.raises(Conflict):
        runs.ask_stop(actor, waiting)


def test_watchers_hear_the_bell(
    fleet: Fleet, saving: Machine, plan: Plan, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """Each change of a run rings, by its number alone."""
    rung: list[tuple[str, Any]] = []
    monkeypatch.setattr(bells, "ring", lambda group, message: rung.append((group, message)))
    with django_capture_on_commit_callbacks(execute=True):
        number = begin(saving, plan).json()["id"]
        saving.call("post", f"runs/{number}/progress/", report(1, doing="/srv/secret"))
        end(saving, number)
    assert {group for group, _message in rung} == {f"backup.run.{number.replace('-', '')}"}
    assert all(message == {"type": "run.changed"} for _group, message in rung)
    assert len(rung) >= 3


def test_runs_are_seen_by_their_people(fleet: Fleet, saving: Machine, plan: Plan, api_of: ApiOf) -> None:
    """Who may see the backups sees runs and what they said; others find none."""
    number = begin(saving, plan).json()["id"]
    saving.call("post", f"runs/{number}/progress/", report(1, lines=[line(1, "/srv/a")]))
    for who, status in (("owner", 200), ("monitor", 200), ("member", 404), ("stranger", 404)):
        api = api_of(who)
        assert api.get(f"{ROOT}/runs/{number}/").status_code == status
        assert api.get(f"{ROOT}/runs/{number}/lines/").status_code == status
        assert len(api.get(f"{ROOT}/runs/").json()["results"]) == (1 if status == 200 else 0)
        assert len(api.get(f"{ROOT}/agents/").json()["results"]) == (1 if status == 200 else 0)
    assert api_of("owner").get(f"{ROOT}/runs/{number}/lines/").json()[0]["text"] == "/srv/a"
