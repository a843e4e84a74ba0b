"""What agents are told to do: checked by one table, due by a rhythm in its zone, made up once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backup import queries
from backup.api.agent_serializers import OptionsSerializer
from backup.engine.agent import options as table
from backup.models import Agent, Plan, Run
from backup.services import options, plans, turns
from backup.services.options import Orders
from core.access import Refused
from core.errors import Conflict, Invalid
from core.jobs.models import Schedule
from tests.backup.agents.conftest import ROOT, Fleet, Machine

ApiOf = Callable[[str], APIClient]


USUAL = {duty: {option.name: option.default for option in table.of(duty)} for duty in table.DUTIES}


def faults(duty: str, **given: Any) -> set[tuple[str, str]]:
    """Place and code of each fault of these orders."""
    with pytest.raises(Invalid) as error:
        options.checked(duty, Orders(**given), USUAL[duty])
    return {(fault.place, fault.code) for fault in error.value.faults}


SAVE = {"source": "data", "paths": ["/srv"]}


def test_orders_are_checked_whole() -> None:
    """Every fault of a plan is named by its place, all at once."""
    found = faults(
        "save",
        source="a:b",
        paths=["/srv", "relative", "/srv/../etc", "/x\0y"],
        excludes=["*.tmp", "[a"],
        streams=["postgresql:service=app", "rm -rf /", "sqlite:/srv/app.db"],
        options={
            "tags": ["good", "a,b", ""],
            "limit_upload": "fast",
            "windows": ["mon-fri 08:00-18:00=500k", "always"],
            "skip_unchanged": "yes",
            "exclude_larger_than": -1,
            "workers": True,
            "keep_last": "3",
            "unknown": 1,
        },
    )
    assert found == {
        ("source", "name"),
        ("paths.1", "path"),
        ("paths.2", "path"),
        ("paths.3", "path"),
        ("excludes.1", "pattern"),
        ("streams.1", "stream"),
        ("streams.2", "stream"),
        ("options.tags.1", "tag"),
        ("options.tags.2", "tag"),
        ("options.limit_upload", "rate"),
        ("options.windows.1", "window"),
        ("options.skip_unchanged", "kind"),
        ("options.exclude_larger_than", "range"),
        ("options.workers", "kind"),
        ("options.keep_last", "unknown"),
        ("options.unknown", "unknown"),
    }


def test_a_plan_says_what_it_is_for() -> None:
    """What saves nothing, and what would keep nothing, is no plan; only who saves is told what."""
    assert faults("save", source="data") == {("paths", "required")}
    assert faults("save", paths=["/srv"]) == {("source", "name")}
    assert faults("save", source="latest", paths=["/srv"]) == {("source", "name")}
    assert faults("keep") == {("options.keep_last", "empty")}
    assert faults("keep", options={"keep_last": "0", "keep_within": "soon", "keep_daily": "many"}) == {
        ("options.keep_within", "span"),
        ("options.keep_daily", "count"),
        ("options.keep_last", "empty"),
    }
    assert faults("check", source="x", paths=["/srv"]) == {("source", "unused"), ("paths", "unused")}
    assert faults("save", **SAVE, excludes=["x"] * 501) == {("excludes", "many")}


def test_what_is_not_said_is_the_usual() -> None:
    """A plan holds what isn't as usual; said whole, it is the same."""
    for duty, given in (("save", SAVE), ("keep", {"options": {"keep_daily": "7"}}), ("check", {})):
        wanted = options.checked(duty, Orders(**given), USUAL[duty])
        assert wanted.options == given.get("options", {})
        again = options.checked(duty, Orders(**(given | {"options": USUAL[duty] | wanted.options})), USUAL[duty])
        assert again.options == wanted.options


def test_the_table_is_one() -> None:
    """The API has a field for each row of it, of the row's kind, with the row's words."""
    fields = OptionsSerializer().fields
    assert list(fields) == [option.name for option in table.OPTIONS]
    assert all(str(fields[option.name].help_text).startswith(option.help) for option in table.OPTIONS)
    assert set(options.WORDS) == set(table.Wrong)


def test_an_agent_s_plan_is_not_the_server_s(fleet: Fleet, saving: Machine) -> None:
    """It has no place on the server's calendar and is never a job; who may run it asks the agent."""
    plan = fleet.plan(saving, "daily 03:00")
    assert not Schedule.objects.filter(key=f"backup {plan.pk}").exists()
    assert (plan.datasets, plan.files, plan.source, plan.paths) == (False, False, "ward data", ["/srv/data"])
    asked = plans.run_plan(fleet.world.user["administrator"], plan)
    assert isinstance(asked, Run)
    assert asked.state == "waiting"
    assert plans.run_plan(fleet.owner, plan) == asked, "asked twice, it waits once"
    for who in ("member", "monitor", "stranger"):
        with pytest.raises(Refused):
            plans.run_plan(fleet.world.user[who], plan)
    plans.end_plan(fleet.owner, plan)
    asked.refresh_from_db()
    assert asked.state == "stopped"
    with pytest.raises(Conflict):
        plans.run_plan(fleet.owner, plan)


def test_a_plan_is_of_its_agent_s_repository(fleet: Fleet, saving: Machine) -> None:
    """An agent of another repository, or one that was removed, isn't planned for."""
    plan = fleet.plan(saving)
    Agent.objects.filter(pk=saving.agent.pk).update(removed_at=timezone.now(), secret_hash="")
    plan.refresh_from_db()
    with pytest.raises(Invalid):
        plans.change_plan(
            fleet.owner, plan, name="x", repository=fleet.kept.repository, every="daily 01:00", orders=Orders(**SAVE)
        )


def test_over_rest(fleet: Fleet, saving: Machine, api_of: ApiOf) -> None:
    """A manager plans for an agent, changes what it saves, and has it run; faults have their place."""
    api = api_of("owner")
    wanted = {
        "project": fleet.world.project.slug,
        "name": "Ward data",
        "repository": str(fleet.kept.repository.pk),
        "agent": str(saving.agent.pk),
        "every": "weekly mon 03:00",
        "zone": "America/Cayenne",
        **SAVE,
        "options": {"skip_unchanged": True, "tags": ["ward"]},
    }
    made = api.post(f"{ROOT}/plans/", wanted)
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["agent"], body["zone"], body["options"]["tags"]) == (wanted["agent"], "America/Cayenne", ["ward"])
    address = f"{ROOT}/plans/{body['id']}/"
    wrong = api.put(address, wanted | {"paths": ["srv"], "options": {"tagz": ["x"]}})
    assert (wrong.status_code, wrong.json()["errors"][0]["place"]) == (422, "options.tagz")
    wrong = api.put(address, wanted | {"paths": ["srv"], "zone": "Mars"})
    assert [fault["place"] for fault in wrong.json()["errors"]] == ["zone"]
    wrong = api.put(address, wanted | {"paths": ["srv"], "every": "daily 03:00"})
    assert [fault["place"] for fault in wrong.json()["errors"]] == ["paths.0"]
    assert api.put(address, wanted | {"paths": ["/home"]}).json()["paths"] == ["/home"]
    started = api.post(f"{address}run/")
    asked = started.json()["run"]
    assert (started.status_code, asked["state"], asked["agent"]) == (202, "waiting", wanted["agent"])
    run = f"{ROOT}/runs/{asked['id']}/"
    assert [each["id"] for each in api.get(f"{ROOT}/runs/?plan={body['id']}").json()["results"]] == [asked["id"]]
    assert api_of("stranger").get(run).status_code == 404
    assert api_of("monitor").get(run).status_code == 200
    assert api_of("monitor").post(f"{run}stop/").status_code == 403
    assert api.post(f"{run}stop/").json()["state"] == "stopped"
    assert api.post(f"{run}stop/").status_code == 409


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def run_of(plan: Plan, state: str, started: str, minutes: int = 5) -> Run:
    begun = at(started)
    return Run(plan=plan, state=state, started_at=begun, created_at=begun, ended_at=begun + timedelta(minutes=minutes))


def test_turns_in_the_plan_s_own_zone() -> None:
    """A plan is due by the clock of its zone, summer time and all."""
    plan = Plan(every="daily 02:30", zone="Europe/Paris", counted_from=at("2026-03-27T12:00"))
    assert turns.turns(plan, [], at("2026-03-27T13:00"))[:3] == [
        at("2026-03-28T01:30"),
        at("2026-03-29T01:30"),  # the hour that is skipped: as much later as the clock jumps
        at("2026-03-30T00:30"),
    ]


def test_missed_turns_are_made_up_once() -> None:
    """A machine that was off for a week is due at once, and after that at its next turn."""
    plan = Plan(every="daily 02:30", zone="UTC", counted_from=at("2026-01-01T00:00"))
    last = run_of(plan, "done", "2026-01-02T02:30")
    now = at("2026-01-09T12:00")
    found = turns.turns(plan, [last], now)
    assert found[:2] == [at("2026-01-03T02:30"), at("2026-01-10T02:30")]
    made_up = run_of(plan, "running", "2026-01-09T12:00")
    assert turns.next_turn(plan, [made_up, last]) == at("2026-01-10T02:30")


def test_a_new_rhythm_counts_from_now() -> None:
    """Whoever sets another hour in the afternoon doesn't start a run at once."""
    plan = Plan(every="daily 14:00", zone="UTC", counted_from=at("2026-01-02T15:00"))
    assert turns.next_turn(plan, [run_of(plan, "done", "2026-01-02T02:30")]) == at("2026-01-03T14:00")


def test_what_failed_is_tried_again_soon() -> None:
    """As often as the plan says, after longer and longer pauses, and never later than its next turn."""
    plan = Plan(every="daily 02:30", zone="UTC", counted_from=at("2026-01-01T00:00"), options={"retries": 2})
    first = run_of(plan, "failed", "2026-01-02T02:30")
    assert turns.next_turn(plan, [first]) == at("2026-01-02T02:45")
    second = run_of(plan, "failed", "2026-01-02T02:45")
    assert turns.next_turn(plan, [second, first]) == at("2026-01-02T03:10")
    third = run_of(plan, "failed", "2026-01-02T03:10")
    assert turns.next_turn(plan, [third, second, first]) == at("2026-01-03T02:30")
    well = run_of(plan, "done", "2026-01-01T02:30")
    assert turns.next_turn(plan, [first, well]) == at("2026-01-02T02:45")
    hourly = Plan(every="every 5 min", zone="UTC", counted_from=at("2026-01-01T00:00"), options={"retries": 2})
    assert turns.next_turn(hourly, [first]) == at("2026-01-02T02:35")


def test_a_timetable_lasts(fleet: Fleet, saving: Machine) -> None:
    """An agent is told turns enough to go on alone for days, by minutes, and for months, by months."""
    now = timezone.now()
    for every, days in (("every 30 min", 2), ("daily 02:30", 30), ("monthly 1 04:00", 80)):
        found = turns.turns(Plan(every=every, counted_from=now), [], now)
        assert found == sorted(found)
        assert found[-1] > now + timedelta(days=days)
        assert len(found) <= turns.MOST


def test_what_an_agent_is_told(fleet: Fleet, saving: Machine) -> None:
    """Its own plans that live, each with turns and orders, in as many queries for ten plans as for one."""
    plan = fleet.plan(saving, options={"tags": ["ward"]})
    other = fleet.ready("save")
    fleet.plan(other)
    ended = fleet.plan(saving)
    plans.end_plan(fleet.owner, ended)
    [told] = saving.state()["plans"]
    assert (told["id"], told["source"], told["paths"]) == (str(plan.pk), "ward data", ["/srv/data"])
    assert (told["due"], told["run"], told["waits"], told["stop"]) == (False, None, False, False)
    assert told["options"]["tags"] == ["ward"]
    Plan.objects.filter(pk=plan.pk).update(counted_from=timezone.now() - timedelta(days=3))
    assert saving.state()["plans"][0]["due"] is True


def test_an_answer_that_has_not_changed_is_not_sent(fleet: Fleet, saving: Machine) -> None:
    """With the ETag of what it has, an agent is told in a few bytes that nothing is new."""
    fleet.plan(saving)
    first = saving.call("get", "state/")
    again = saving.call("get", "state/", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    fleet.plan(saving)
    assert saving.call("get", "state/", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_constant_queries(fleet: Fleet, saving: Machine, django_assert_max_num_queries: Any) -> None:
    """What an agent is told, and how plans stand, costs the same for one plan as for ten."""
    fleet.plan(saving)
    saving.state()
    with django_assert_max_num_queries(10) as few:
        saving.state()
    with django_assert_max_num_queries(20) as few_watched:
        queries.watched(fleet.owner, fleet.world.project)
    for number in range(9):
        plan = fleet.plan(saving)
        for day in range(4):
            moment = timezone.now() - timedelta(days=day + 1)
            Run.objects.create(
                project=plan.project,
                plan=plan,
                agent=saving.agent,
                state="failed" if number % 2 else "done",
                started_at=moment,
                ended_at=moment,
            )
    with django_assert_max_num_queries(len(few)):
        assert len(saving.state()["plans"]) == 10
    with django_assert_max_num_queries(len(few_watched)):
        assert len(queries.watched(fleet.owner, fleet.world.project)) == 11


def test_how_a_plan_of_an_agent_stands(fleet: Fleet, saving: Machine) -> None:
    """Waiting, running, done, failed and late are told of an agent's plan as of the server's."""
    plan = fleet.plan(saving, "daily 02:30")
    assert queries.watch(plan).look == "waiting"
    now = timezone.now()
    run = Run.objects.create(
        project=plan.project, plan=plan, agent=saving.agent, state="running", started_at=now, heard_at=now
    )
    assert (queries.watch(plan).look, queries.watch(plan).run) == ("running", run)
    for state, look in (("done", "done"), ("partial", "done"), ("failed", "failed"), ("stopped", "waiting")):
        Run.objects.filter(pk=run.pk).update(state=state, ended_at=now)
        assert queries.watch(plan).look == look
    Plan.objects.filter(pk=plan.pk).update(created_at=now - timedelta(days=9), counted_from=now - timedelta(days=9))
    Run.objects.all().delete()
    plan.refresh_from_db()
    assert queries.watch(plan).look == "warning"
