"""The pages of agents, as people use them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from backup.engine.agent import holding
from backup.engine.agent import options as table
from backup.models import Agent, Plan, Run, RunLine
from backup.services import runs
from backup.services.runs import Line, Report
from backup.templatetags import agents as tags
from backup.web.agent_forms import FORMS, usual
from tests.backup.agents.conftest import Fleet, Machine
from tests.queries import queries_of

ClientOf = Callable[[str], Client]


def url(fleet: Fleet, name: str, *arguments: object) -> str:
    return reverse(f"backup:{name}", args=[fleet.world.project.slug, *arguments])


SAVE_FORM = {
    "name": "Nuit",
    "source": "pharmacie",
    "paths": "/srv/data\r\n\r\n/home",
    "excludes": "*.tmp",
    "tags": "pharmacie, nuit",
    "skip_unchanged": "on",
    "rhythm": "daily",
    "at": "03:15",
    "zone": "Indian/Reunion",
    "limit_upload": "2M",
    "windows": "mon-fri 08:00-18:00=500k",
    "retries": "3",
}


def test_the_whole_way(fleet: Fleet, client_of: ClientOf) -> None:
    """A manager adds an agent, copies its command, plans for it once it has its key, runs, follows, stops, removes."""
    client = client_of("owner")
    form = {"name": "Pharmacie 3", "duty": "save", "repository": str(fleet.kept.repository.pk)}
    answer = client.post(url(fleet, "agent-create"), form)
    page = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r"suite-backup agent enrol (\S+) ((?:[0-9A-Z]{4}-?){4})", page)
    assert found is not None
    agent = Agent.objects.get()
    shown = client.get(agent.get_absolute_url()).content.decode()
    assert found[2] not in shown, "the code is shown once"
    again = client.post(url(fleet, "agent-renew", agent.pk)).content.decode()
    assert found[2] not in again
    Agent.objects.all().delete()
    machine = fleet.ready(name="Pharmacie 3")
    assert client.get(url(fleet, "agent-plan", machine.agent.pk)).status_code == 200
    answer = client.post(url(fleet, "agent-plan", machine.agent.pk), SAVE_FORM)
    assert answer.status_code == 303, answer.context["form"].errors
    plan = Plan.objects.get(agent=machine.agent)
    assert (plan.every, plan.zone, plan.paths) == ("daily 03:15", "Indian/Reunion", ["/srv/data", "/home"])
    assert (plan.options["tags"], plan.options["skip_unchanged"]) == (["pharmacie", "nuit"], True)
    assert (plan.options["limit_upload"], plan.options["retries"]) == ("2M", 3)
    shown = client.get(url(fleet, "plan-change", plan.pk)).content.decode()
    assert "/srv/data\n/home" in shown
    assert client.post(url(fleet, "plan-change", plan.pk), SAVE_FORM | {"name": "Jour"}).status_code == 303
    plan.refresh_from_db()
    assert (plan.name, plan.options["windows"]) == ("Jour", ["mon-fri 08:00-18:00=500k"])
    answer = client.post(url(fleet, "plan-run", plan.pk))
    run = Run.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    page = client.get(run.get_absolute_url()).content.decode()
    assert f"/ws/backup/runs/{run.pk}/" in page
    assert client.post(url(fleet, "run-stop", run.pk)).status_code == 303
    run.refresh_from_db()
    assert run.state == "stopped"
    client.post(url(fleet, "agent-remove", machine.agent.pk))
    machine.agent.refresh_from_db()
    assert machine.agent.state == "removed"
    assert "Pharmacie 3" not in client.get(url(fleet, "agents")).content.decode()


def test_a_key_comes_from_the_page(fleet: Fleet, client_of: ClientOf) -> None:
    """Who manages and may restore is asked for the master key; what his browser made of it is delivered or refused."""
    machine = fleet.enrolled()
    address = url(fleet, "agent-key", machine.agent.pk)
    for who, asked in (("owner", True), ("administrator", False), ("monitor", False)):
        text = client_of(who).get(machine.agent.get_absolute_url()).content.decode()
        assert (address in text) is asked
        assert (holding.mark(bytes.fromhex(machine.agent.seal_to)) in text) is asked
    key, sealed = fleet.sealed(machine)
    assert key.badge is not None
    whole = {"sealed": base64.b64encode(sealed).decode(), "badge": base64.b64encode(key.badge.raw).decode()}
    client = client_of("owner")
    for wrong in ({}, whole | {"badge": "é"}, whole | {"badge": whole["sealed"]}, whole | {"sealed": "AAAA"}):
        assert client.post(address, wrong).status_code == 303
        machine.agent.refresh_from_db()
        assert not machine.agent.key_id
    client.post(address, whole)
    machine.agent.refresh_from_db()
    assert (machine.agent.key_id, bytes(machine.agent.sealed_key)) == (key.key_id.hex(), sealed)
    assert client.post(url(fleet, "agent-key", fleet.expected().agent.pk), whole).status_code == 303


@pytest.mark.parametrize("duty", table.DUTIES)
def test_each_duty_has_its_form(fleet: Fleet, client_of: ClientOf, duty: str) -> None:
    """A form holds every option of its duty and none of another, filled with the usual; sent as it is, it is a plan."""
    machine = fleet.ready(duty)
    form = FORMS[Agent.Duty(duty)](repository=fleet.kept.repository)
    assert {option.name for option in table.of(duty)} <= set(form.fields)
    assert not {option.name for option in table.OPTIONS if duty not in option.duties} & set(form.fields)
    data = {"name": "Nuit", "source": "x", "paths": "/srv", "rhythm": "daily", "at": "02:30", "zone": "Europe/Paris"}
    for name, value in usual(duty, fleet.kept.repository).items():
        if name in form.fields and value is not False:
            data[name] = ", ".join(value) if isinstance(value, list) else "on" if value is True else str(value)
    answer = client_of("owner").post(url(fleet, "agent-plan", machine.agent.pk), data)
    assert answer.status_code == 303, answer.context["form"].errors
    plan = Plan.objects.get(agent=machine.agent)
    kept = {"keep_daily": "14", "keep_weekly": "8", "keep_monthly": "24"} if duty == "keep" else {}
    assert plan.options == kept
    assert plan.settled == {option.name: option.default for option in table.of(duty)} | kept


def test_refused_forms_keep_what_was_typed(fleet: Fleet, client_of: ClientOf, saving: Machine) -> None:
    """Each fault stands at its field, with the number of its line, also one that is folded; nothing typed is lost."""
    client = client_of("owner")
    wrong = SAVE_FORM | {"paths": "/srv\nrelative", "limit_upload": "fast", "source": "a:b"}
    answer = client.post(url(fleet, "agent-plan", saving.agent.pk), wrong)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert set(errors) == {"paths", "limit_upload", "source"}
    with translation.override("en"):
        answer = client.post(url(fleet, "agent-plan", saving.agent.pk), wrong, headers={"Accept-Language": "en"})
    assert "2" in str(answer.context["form"].errors["paths"])
    page = answer.content.decode()
    assert "relative" in page
    assert re.search(r"<details[^>]* open>", page)
    form = {"name": "", "duty": "rule", "repository": ""}
    answer = client.post(url(fleet, "agent-create"), form)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"name", "duty", "repository"})
    taken = {"name": saving.agent.name, "duty": "save", "repository": str(fleet.kept.repository.pk)}
    assert set(client.post(url(fleet, "agent-create"), taken).context["form"].errors) == {"name"}


def test_a_run_is_shown_live(fleet: Fleet, client_of: ClientOf, saving: Machine) -> None:
    """The page and its fragment tell numbers, what it is at and each line; at its end what came of it."""
    plan = fleet.plan(saving)
    run = runs.begin(saving.agent, plan_id=plan.pk, run_id=uuid4())
    lines = [
        Line(1, timezone.now(), "info", "begun"),
        Line(2, timezone.now(), "error", "<script>alert(1)</script>"),
    ]
    runs.report(saving.agent, run.pk, Report(1, 1200, 5_000_000, 10_000_000, 300, 2, "/srv/données", lines))
    client = client_of("monitor")
    for page in (run.get_absolute_url(), url(fleet, "run-progress", run.pk)):
        answer = client.get(page)
        text = answer.content.decode()
        assert 'data-live="yes"' in text
        assert 'value="5000000"' in text
        assert "/srv/données" in text
        assert "&lt;script&gt;" in text
        assert url(fleet, "run-stop", run.pk) not in text, "the monitor has no button"
    assert url(fleet, "run-stop", run.pk) in client_of("owner").get(run.get_absolute_url()).content.decode()
    runs.close(Run.objects.get(), "failed", error="/srv est parti")
    text = client.get(run.get_absolute_url()).content.decode()
    assert 'data-live="no"' in text
    assert "/srv est parti" in text
    assert "data-reload" not in text


def test_a_long_log_shows_its_end(fleet: Fleet, client_of: ClientOf, saving: Machine) -> None:
    """Of thousands of lines a page shows the newest."""
    run = runs.begin(saving.agent, plan_id=fleet.plan(saving).pk, run_id=uuid4())
    rows = [
        RunLine(project=run.project, run=run, number=number, at=timezone.now(), text=f"line-{number}-")
        for number in range(1, 700)
    ]
    RunLine.objects.bulk_create(rows)
    text = client_of("owner").get(run.get_absolute_url()).content.decode()
    assert "line-699-" in text
    assert "line-100-" not in text


def test_buttons_follow_rights(fleet: Fleet, client_of: ClientOf, saving: Machine) -> None:
    """Nobody has a button that would be refused."""
    plan = fleet.plan(saving)
    for who, manages, runs_ in (("owner", True, True), ("administrator", False, True), ("monitor", False, False)):
        client = client_of(who)
        text = client.get(saving.agent.get_absolute_url()).content.decode()
        assert (url(fleet, "agent-remove", saving.agent.pk) in text) is manages
        assert (url(fleet, "agent-plan", saving.agent.pk) in text) is manages
        assert (url(fleet, "plan-run", plan.pk) in text) is runs_
        assert (url(fleet, "agent-create") in client.get(url(fleet, "agents")).content.decode()) is manages


def test_states_are_told(fleet: Fleet, client_of: ClientOf, saving: Machine) -> None:
    """Expected, without a key, there, silent: each has its word and what to do."""
    fleet.expected(name="Awaited")
    fleet.enrolled(name="Keyless")
    quiet = fleet.ready(name="Quiet").agent
    Agent.objects.filter(pk=quiet.pk).update(seen_at=timezone.now() - timedelta(hours=2))
    with translation.override("en"):
        text = client_of("owner").get(url(fleet, "agents"), headers={"Accept-Language": "en"}).content.decode()
    assert all(str(word) in text for name, (_look, word) in tags.AGENTS.items() if name != "removed")
    page = client_of("owner").get(quiet.get_absolute_url(), headers={"Accept-Language": "en"}).content.decode()
    assert "systemctl status" in page


def test_no_health_data_in_titles(fleet: Fleet, client_of: ClientOf, saving: Machine) -> None:
    """Names that people give stay out of the titles of pages, which end in histories."""
    plan = fleet.plan(saving)
    run = runs.begin(saving.agent, plan_id=plan.pk, run_id=uuid4())
    for thing in (saving.agent, plan, run):
        title = re.search(r"<title>(.*?)</title>", client_of("owner").get(thing.get_absolute_url()).text, re.DOTALL)
        assert title is not None
        assert plan.name not in title[1]
        assert saving.agent.name not in title[1]


@pytest.mark.parametrize("name", ["agents", "runs", "agent", "home"])
def test_constant_queries(fleet: Fleet, client_of: ClientOf, saving: Machine, name: str) -> None:
    """A page asks the database as often for many agents, plans and runs as for one of each."""
    arguments = [saving.agent.pk] if name == "agent" else []
    address, client = url(fleet, name, *arguments), client_of("owner")
    plan = fleet.plan(saving)
    run_of(plan)
    few = queries_of(client, address)
    for _number in range(4):
        other = fleet.plan(saving)
        fleet.plan(fleet.ready())
        for _day in range(3):
            run_of(other)
    assert queries_of(client, address) <= few


def run_of(plan: Plan) -> None:
    assert plan.agent is not None
    now = timezone.now()
    Run.objects.create(
        project=plan.project, plan=plan, agent=plan.agent, state="done", started_at=now, ended_at=now, files=1
    )


def test_what_came_of_it_in_words(fleet: Fleet, saving: Machine) -> None:
    """Counts of a check, a drill or a prune are told in words; what has none isn't."""
    result: dict[str, Any] = {"reclaimed": 5_000_000, "drill": {"files": 12}, "unknown": 1, "skipped": True}
    with translation.override("en"):
        told = tags.told(Run(result=result))
        assert [(str(word), value) for word, value in told] == [
            ("Given back", "5.0\N{NO-BREAK SPACE}MB"),
            ("Files restored for a trial", "12"),
        ]
