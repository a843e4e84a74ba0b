"""Plans and repositories as people see them: how they stand, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup.models import Opening, Plan, Repository, Run, Snapshot
from backup.queries.agents import begun
from backup.services import turns
from core.jobs.models import Job, Schedule
from core.portal.search import Hit

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.models import Project
    from core.access.scope import Actor

WORDS = {
    "done": gettext_lazy("Up to date"),
    "running": gettext_lazy("Being saved"),
    "waiting": gettext_lazy("Not yet run"),
    "warning": gettext_lazy("Late"),
    "failed": gettext_lazy("Failed"),
    "locked": gettext_lazy("Ended"),
}


@dataclass(frozen=True)
class Watched:
    """A plan with what one must know of it: its last save, its last job, and whether something is wrong."""

    plan: Plan
    last: Snapshot | None
    job: Job | None
    next_at: datetime | None
    look: str
    run: Run | None = None
    """The newest run of its agent, where an agent does it."""

    @property
    def word(self) -> _StrPromise | str:
        return WORDS[self.look]

    @property
    def success_at(self) -> datetime | None:
        """When it last did what it is for; who looks after a repository makes no backup."""
        if self.last is not None:
            return self.last.finished_at
        return self.run.ended_at if self.run and self.run.state in (Run.State.DONE, Run.State.PARTIAL) else None

    @property
    def needs_attention(self) -> bool:
        return self.look in ("warning", "failed") or (self.last is not None and not self.last.is_whole)


def plans(actor: Actor, *projects: Project) -> QuerySet[Plan]:
    rows = Plan.objects.visible_to(actor).filter(project__in=projects)
    return rows.select_related("repository", "project", "owner", "agent")


def repositories(actor: Actor, *projects: Project) -> QuerySet[Repository]:
    """The repositories of these projects, with how much they hold."""
    return (
        Repository.objects.visible_to(actor)
        .filter(project__in=projects)
        .select_related("project", "created_by", "confirmed_by")
        .annotate(
            snapshot_count=Count("snapshots"),
            stored=Sum("snapshots__added"),
            last_at=Max("snapshots__finished_at"),
        )
    )


def repository_names(actor: Actor, project: Project) -> dict[UUID, str]:
    """The names of its repositories, in their order."""
    rows = Repository.objects.visible_to(actor).filter(project=project).order_by("name")
    return dict(rows.values_list("pk", "name"))


def saved_here(actor: Actor, project: Project) -> QuerySet[Repository]:
    """Those that this server may save into: their key is confirmed, and it has one of its own."""
    confirmed = repositories(actor, project).exclude(confirmed_at=None)
    return confirmed.filter(pk__in=[row.pk for row in confirmed if row.saves_here])  # the key is sealed


def snapshots(actor: Actor, project: Project) -> QuerySet[Snapshot]:
    rows = Snapshot.objects.visible_to(actor).filter(project=project)
    return rows.select_related("plan", "repository", "project", "job")


def openings(actor: Actor, project: Project) -> QuerySet[Opening]:
    rows = Opening.objects.visible_to(actor).filter(project=project)
    return rows.select_related("snapshot__project", "repository", "project", "asked_by")


def watched(actor: Actor, *projects: Project) -> list[Watched]:
    """The living plans of these projects and how they stand, in six queries whatever their number."""
    return _watched(list(plans(actor, *projects).filter(ended_at=None)), timezone.now())


def watch_each(found: list[Plan]) -> list[Watched]:
    """How each of these plans stands, the ended ones too."""
    return _watched(found, timezone.now())


def watch(plan: Plan, now: datetime | None = None) -> Watched:
    return _watched([plan], now or timezone.now())[0]


def every_plan(now: datetime, repository: Repository | None = None) -> list[Watched]:
    """The living plans of the whole instance, or of one repository, for who looks after them."""
    rows = Plan.objects.filter(ended_at=None).select_related("agent", "repository")
    return _watched(list(rows if repository is None else rows.filter(repository=repository)), now)


def _watched(found: list[Plan], now: datetime) -> list[Watched]:
    newest = Snapshot.objects.filter(plan=OuterRef("pk")).order_by("-finished_at").values("pk")[:1]
    newest_of_each = Plan.objects.filter(pk__in=[plan.pk for plan in found]).values(newest=Subquery(newest))
    lasts = Snapshot.objects.filter(pk__in=newest_of_each).select_related("project", "plan")
    by_plan = {snapshot.plan_id: snapshot for snapshot in lasts}
    schedules = {row.key: row for row in Schedule.objects.filter(task="backup.save", key__in=map(_key, found))}
    keys = Q(arguments__plan__in=[str(plan.pk) for plan in found])
    jobs: dict[str, Job] = {}
    for job in Job.objects.filter(keys, task="backup.save").order_by("-created_at").select_related("project")[:500]:
        jobs.setdefault(job.arguments["plan"], job)
    of_agents = [plan for plan in found if plan.agent_id is not None]
    done = begun(of_agents)
    running = Run.objects.filter(plan__in=of_agents, state__in=Run.LIVE).select_related("project")
    live = {run.plan_id: run for run in running}
    return [
        _by_agent(plan, by_plan.get(plan.pk), done[plan.pk], live.get(plan.pk), now)
        if plan.agent_id is not None
        else Watched(
            plan=plan,
            last=(last := by_plan.get(plan.pk)),
            job=(newest_job := jobs.get(str(plan.pk))),
            next_at=schedules[_key(plan)].next_at if _key(plan) in schedules else None,
            look=_look(plan, last, newest_job, now),
        )
        for plan in found
    ]


def _by_agent(plan: Plan, last: Snapshot | None, done: list[Run], live: Run | None, now: datetime) -> Watched:
    """A plan whose runs are an agent's. One that looks after the repository makes no backup and is due too."""
    newest = live or (done[0] if done else None)
    well = next((run.ended_at for run in done if run.state in (Run.State.DONE, Run.State.PARTIAL)), None)
    if plan.ended_at is not None:
        look = "locked"
    elif live is not None and live.state == Run.State.RUNNING:
        look = "running"
    elif newest is not None and newest.state == Run.State.FAILED:
        look = "failed"
    elif now > plan.late_after(max(well or plan.created_at, plan.counted_from or plan.created_at)):
        look = "warning"
    else:
        look = "done" if well else "waiting"
    next_at = None if plan.ended_at is not None else turns.next_turn(plan, done)
    return Watched(plan=plan, last=last, job=None, next_at=next_at, look=look, run=newest)


def _key(plan: Plan) -> str:
    return f"backup {plan.pk}"


def _look(plan: Plan, last: Snapshot | None, job: Job | None, now: datetime) -> str:
    if plan.ended_at is not None:
        return "locked"
    if job is not None and job.is_live:
        return "running"
    if job is not None and job.state == Job.State.FAILED:
        return "failed"
    since = last.finished_at if last else plan.created_at
    if now > plan.late_after(since):
        return "warning"
    return "done" if last else "waiting"


def search(actor: Actor, words: str) -> list[Hit]:
    """Plans and repositories by name."""
    found: list[Hit] = []
    for rows, kind, icon in (
        (Plan.objects.visible_to(actor).filter(ended_at=None), _("Backup plan"), "calendar-repeat"),
        (Repository.objects.visible_to(actor), _("Backup repository"), "shield-lock"),
    ):
        for word in words.split():
            rows = rows.filter(name__icontains=word)
        found += [
            Hit(row.name, row.get_absolute_url(), kind=kind, icon=icon, project=row.project.name)
            for row in rows.select_related("project")[:10]
        ]
    return found
