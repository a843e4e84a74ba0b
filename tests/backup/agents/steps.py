"""What people and machines do before anything can be tried: enrol, get a key, have a plan that is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from backup.models import Agent, Plan, Run
from backup.services import agents
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.agents.machines import Computer

SETTLED = 2.5
"""Seconds after which a file is known by its times, and a snapshot isn't of this very moment any more."""


def enrol(fleet: Fleet, computer: Computer, portal: str, duty: str = "save", *more: str) -> Agent:
    """The machine as an agent, without its key."""
    expected = fleet.expected(duty)
    done = computer("agent", "enrol", portal, expected.code, "--name", "ward-3", *more, "--json")
    assert done.summary["agent"] == str(expected.agent.pk)
    return Agent.objects.get(pk=expected.agent.pk)


def give_key(fleet: Fleet, agent: Agent) -> str:
    """Seal a key to the machine, as a browser does: the key's number."""
    key, sealed = fleet.sealed(Machine(agent, "", b""))
    assert key.badge is not None
    agents.deliver_key(fleet.owner, agent, sealed=sealed, badge=key.badge.raw)
    return key.key_id.hex()


def ready(fleet: Fleet, computer: Computer, portal: str, duty: str = "save", *more: str) -> Agent:
    agent = enrol(fleet, computer, portal, duty, *more)
    give_key(fleet, agent)
    agent.refresh_from_db()
    return agent


def planned(fleet: Fleet, agent: Agent, computer: Computer, **orders: Any) -> Plan:
    """A plan that is due."""
    given = {"source": "ward data", "paths": [str(computer.data)]} | orders if agent.duty == "save" else orders
    plan = fleet.plan(Machine(agent, "", b""), "daily 02:30", **given)
    overdue(plan)
    return plan


def overdue(plan: Plan) -> None:
    past = timezone.now() - timedelta(days=2)
    Plan.objects.filter(pk=plan.pk).update(counted_from=past)
    Run.objects.filter(plan=plan).update(started_at=past)


def token(computer: Computer) -> str:
    """What the machine is known by."""
    return (computer.own / "token").read_text().strip()
