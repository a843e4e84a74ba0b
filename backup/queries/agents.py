"""Agents, their runs, and what each of them is to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from backup.models import Agent, Plan, Run
from backup.services import turns

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


@dataclass(frozen=True)
class Due:
    """A plan of an agent with its coming turns, and the run of it that lives, if one does."""

    plan: Plan
    turns: list[datetime]
    run: Run | None

    @property
    def is_due(self) -> bool:
        return self.turns[0] <= timezone.now()


def agents(actor: Actor, project: Project) -> QuerySet[Agent]:
    """The agents of a project, with how many plans they have and when they last saved."""
    return (
        Agent.objects.visible_to(actor)
        .filter(project=project)
        .select_related("project", "repository", "made_by")
        .annotate(
            plan_count=Count("plans", filter=Q(plans__ended_at=None), distinct=True),
            last_at=Max("runs__ended_at", filter=Q(runs__state__in=("done", "partial"))),
        )
    )


def runs(actor: Actor, project: Project) -> QuerySet[Run]:
    rows = Run.objects.visible_to(actor).filter(project=project)
    return rows.select_related("plan", "agent", "project", "asked_by", "snapshot")


def to_do(agent: Agent) -> list[Due]:
    """What an agent is to do, in three queries whatever the number of its plans."""
    rows = Plan.objects.filter(agent=agent, ended_at=None).select_related("agent", "repository")
    plans = list(rows.order_by("created_at"))
    live = {run.plan_id: run for run in Run.objects.filter(plan__in=plans, state__in=Run.LIVE)}
    newest, now = begun(plans), timezone.now()
    return [Due(plan, turns.turns(plan, newest[plan.pk], now), live.get(plan.pk)) for plan in plans]


def begun(plans: Iterable[Plan]) -> defaultdict[UUID, list[Run]]:
    """The last runs of each plan that have begun, the newest first."""
    place = Window(RowNumber(), partition_by="plan", order_by=F("started_at").desc())
    rows = Run.objects.filter(plan__in=list(plans)).exclude(started_at=None).annotate(place=place)
    found: defaultdict[UUID, list[Run]] = defaultdict(list)
    for run in rows.filter(place__lte=turns.LOOKED_AT).select_related("project").order_by("place"):
        found[run.plan_id].append(run)
    return found
