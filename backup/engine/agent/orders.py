"""What an agent is to do, as the portal told it and as it is remembered while the portal is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backup.engine.agent import options as table


@dataclass(frozen=True)
class Plan:
    id: str
    name: str
    source: str
    paths: Sequence[str]
    excludes: Sequence[str]
    streams: Sequence[str]
    options: Mapping[str, Any]
    zone: str
    turns: Sequence[float]
    """Seconds since 1970, ascending: the first is due once it is over."""
    run: str = ""
    """Of the run that waits for the agent, or that the portal thinks is going on."""
    waits: bool = False
    stop: bool = False


@dataclass(frozen=True)
class Orders:
    duty: str
    plans: Sequence[Plan]
    ask_again: float
    sealed_key: str = ""
    key_id: str = ""


def read(state: Mapping[str, Any]) -> Orders:
    """What a portal answered, or what was remembered of it. Raises KeyError, TypeError, ValueError otherwise."""
    duty = str(state["duty"])
    return Orders(
        duty=duty,
        plans=[_plan(duty, one) for one in state["plans"]],
        ask_again=min(max(float(state["ask_again"]), 1.0), 3600.0),
        sealed_key=str(state["sealed_key"]),
        key_id=str(state["key_id"]),
    )


def _plan(duty: str, told: Mapping[str, Any]) -> Plan:
    known = {option.name for option in table.of(duty)}
    given = {name: value for name, value in told["options"].items() if name in known}  # a newer portal knows more
    options, _faults = table.read(duty, given)
    return Plan(
        id=_number(told["id"]),
        name=told["name"],
        source=told["source"],
        paths=list(told["paths"]),
        excludes=list(told["excludes"]),
        streams=list(told["streams"]),
        options=options,
        zone=told["zone"],
        turns=[datetime.fromisoformat(turn).timestamp() for turn in told["turns"]],
        run=_number(told["run"]) if told["run"] else "",
        waits=bool(told["waits"]),
        stop=bool(told["stop"]),
    )


def _number(told: object) -> str:
    """What names a plan or a run here, also in names of files: a portal that means harm gives no path."""
    return str(UUID(str(told)))


def due(plans: Sequence[Plan], begun: Mapping[str, float], now: float) -> Plan | None:
    """The plan to run now: one that somebody waits for, or the one that is due for longest.

    `begun` says when each was last begun here: turns before that were made, though the portal may not know it yet.
    """
    for plan in plans:
        if plan.waits:
            return plan
    ready = [(turn, plan) for plan in plans if (turn := _turn(plan, begun)) is not None and turn <= now]
    return min(ready, key=lambda one: one[0])[1] if ready else None


def next_turn(plans: Sequence[Plan], begun: Mapping[str, float]) -> float | None:
    """When the next plan is due, as far as it is known."""
    return min((turn for plan in plans if (turn := _turn(plan, begun)) is not None), default=None)


def _turn(plan: Plan, begun: Mapping[str, float]) -> float | None:
    last = begun.get(plan.id, 0.0)
    return next((turn for turn in plan.turns if turn > last), None)
