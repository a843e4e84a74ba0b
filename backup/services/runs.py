"""What agents do: asked for by a person or due, reported while it goes on, ended once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from backup.engine.errors import BackupError
from backup.engine.format import cipher, layout
from backup.models import Agent, Plan, Run, RunLine, Snapshot
from backup.models.agents import SILENT_AFTER
from backup.permissions import RUN
from backup.services import stores
from backup.services.refusing import reached
from core import access, audit, bells
from core.errors import Conflict, Fault, Invalid
from core.jobs.services import person

if TYPE_CHECKING:
    from core.access.scope import Actor

RESTARTED = timedelta(minutes=2)
"""An agent that begins a plan anew, and said nothing of the run before for so long, has lost that one."""
MOST_LINES = 20_000
"""Lines that are kept of one run."""
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
"""What clocks of machines say is kept between this and now: a backup of tomorrow would hide that none came since."""
State = Run.State


@dataclass(frozen=True)
class Line:
    number: int
    at: datetime
    level: str
    text: str


@dataclass(frozen=True)
class Report:
    """How far an agent is. `number` grows with each report of a run."""

    number: int
    files: int = 0
    bytes: int = 0
    total: int | None = None
    added: int = 0
    unread: int = 0
    doing: str = ""
    lines: Sequence[Line] = ()


@dataclass(frozen=True)
class Taken:
    """What an agent says of a snapshot it made. That there is such an object is looked up, not believed."""

    snapshot_id: str
    sequence: int
    manifest: str
    source: str
    host: str
    files: int
    bytes: int
    added: int
    fresh: int
    dense: int
    changed: int
    unread: int
    store_differs: bool
    started_at: datetime
    finished_at: datetime
    tags: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    state: str
    error: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    snapshot: Taken | None = None


class NotYours(Exception):
    """The agent has no such plan or run."""


def group(run_id: UUID) -> str:
    """The bell of those who watch a run."""
    return f"backup.run.{run_id.hex}"


@transaction.atomic
def ask_run(actor: Actor, plan: Plan) -> Run:
    """Have an agent run a plan as soon as it asks what is to be done. Raises Conflict."""
    access.require(actor, RUN, plan.project, obj=plan)
    plan = _locked(plan.pk)
    agent = plan.agent
    if plan.ended_at is not None or agent is None:
        raise Conflict(_("This plan has ended."), "plan-ended")
    if agent.removed_at is not None or not agent.key_id:
        raise Conflict(_("The agent of this plan isn’t there, or has no key yet."), "agent-not-ready")
    live = plan.runs.filter(state__in=Run.LIVE).first()
    if live is not None and live.state == State.WAITING:
        return live
    if live is not None:
        raise Conflict(_("A run of this plan is under way."), "run-live")
    run = Run.objects.create(project=plan.project, plan=plan, agent=agent, asked_by_id=person(actor))
    audit.record(actor, "backup.run_asked", run, plan=plan.name)
    return run


@transaction.atomic
def ask_stop(actor: Actor, run: Run) -> Run:
    """Stop a run: at once if it waits, at its next report if it goes on. Raises Conflict when it has ended."""
    access.require(actor, RUN, run.project, obj=run)
    run = Run.objects.select_for_update(of=("self",)).select_related("project", "plan").get(pk=run.pk)
    if not run.is_live:
        raise Conflict(_("This run has ended already."), "run-ended")
    if run.stop_asked_at is None:
        run.stop_asked_at = timezone.now()
        run.save(update_fields=["stop_asked_at"])
        audit.record(actor, "backup.run_stop_asked", run, plan=run.plan.name)
    if run.state == State.WAITING:
        close(run, State.STOPPED)
    _ring(run)
    return run


@transaction.atomic
def begin(agent: Agent, *, plan_id: UUID, run_id: UUID, started_at: datetime | None = None) -> Run:
    """An agent begins a run, under an id of its own or that of one that waits; said twice, it is the same run.

    Raises NotYours, and Conflict where the plan has ended or is being run.
    """
    plan = _locked(plan_id, agent)
    run = Run.objects.select_for_update(of=("self",)).select_related("project", "plan").filter(pk=run_id).first()
    if run is not None and (run.agent_id, run.plan_id) != (agent.pk, plan.pk):
        raise NotYours
    if run is not None and run.state == State.RUNNING:
        _heard(run)
        return run
    if plan.ended_at is not None:
        raise Conflict(_("This plan has ended."), "plan-ended")
    if run is not None and not (run.state == State.WAITING or run.silent):
        raise Conflict(_("This run has ended already."), "run-ended")
    _make_way(plan, run)
    now = timezone.now()
    if run is None:
        run = Run(pk=run_id, project=agent.project, plan=plan, agent=agent)
    run.started_at = run.started_at or _moment(started_at or now)
    run.state, run.heard_at, run.ended_at, run.silent = State.RUNNING, now, None, False
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError as error:
        raise Conflict(_("A run of this plan is under way."), "run-live") from error
    _ring(run)
    return run


@transaction.atomic
def report(agent: Agent, run_id: UUID, told: Report) -> Run:
    """Take what an agent says of its run. One that was given up for silent goes on. Raises NotYours."""
    run = _own(agent, run_id)
    _keep_lines(run, told.lines)
    if run.silent and not run.plan.runs.filter(state__in=Run.LIVE).exists():
        run.state, run.ended_at, run.silent, run.error = State.RUNNING, None, False, None
    if run.state == State.RUNNING:
        run.heard_at = timezone.now()
        if told.number > run.reported:
            run.reported, run.doing = told.number, told.doing
            run.files, run.bytes, run.total = told.files, told.bytes, told.total
            run.added, run.unread = told.added, told.unread
        run.save()
        _ring(run)
    return run


@transaction.atomic
def end(agent: Agent, run_id: UUID, told: Report, outcome: Outcome) -> Run:
    """An agent has ended its run; said twice, it has ended once. Raises NotYours, Invalid."""
    run = report(agent, run_id, told)
    if not run.is_live:
        return run
    if outcome.snapshot is not None:
        run.snapshot = _snapshot(agent, run, outcome.snapshot)
    run.result = outcome.result
    close(run, outcome.state, error=outcome.error)
    return run


def close(run: Run, state: str, *, error: str = "", silent: bool = False) -> None:
    """End a live run whose row the caller has locked."""
    now = timezone.now()
    run.state, run.error, run.silent = state, error or None, silent
    run.ended_at = max(now, run.started_at or now)
    run.doing = None
    run.save()
    audit.record(
        None,
        "backup.run_ended",
        run,
        outcome="failed" if state == State.FAILED else "done",
        plan=run.plan.name,
        state=str(state),
        files=run.files,
        bytes=run.bytes,
        unread=run.unread,
    )
    _ring(run)


def fail_silent() -> None:
    """Give up the runs whose agents weren't heard of for long: they fail in words, and go on should they come back."""
    before = timezone.now() - SILENT_AFTER
    for pk in list(Run.objects.filter(state=State.RUNNING, heard_at__lt=before).values_list("pk", flat=True)):
        with transaction.atomic():
            rows = Run.objects.select_for_update(of=("self",), skip_locked=True).select_related("plan__owner")
            run = rows.filter(pk=pk, state=State.RUNNING, heard_at__lt=before).first()
            if run is not None:
                with translation.override(run.plan.owner.language):
                    words = _("The agent wasn’t heard of for 15 minutes. The run goes on should it come back.")
                close(run, State.FAILED, error=words, silent=True)


def _locked(plan_id: UUID, agent: Agent | None = None) -> Plan:
    rows = Plan.objects.select_for_update(of=("self",)).select_related("project", "repository", "agent")
    plan = (rows.filter(agent=agent) if agent else rows).filter(pk=plan_id).first()
    if plan is None:
        raise NotYours
    return plan


def _own(agent: Agent, run_id: UUID) -> Run:
    rows = Run.objects.select_for_update(of=("self",)).select_related("project", "plan")
    run = rows.filter(pk=run_id, agent=agent).first()
    if run is None or run.state == State.WAITING:
        raise NotYours
    return run


def _make_way(plan: Plan, run: Run | None) -> None:
    """Close what the agent itself has lost. Raises Conflict where another run goes on."""
    others = plan.runs.filter(state__in=Run.LIVE).select_related("project", "plan").select_for_update(of=("self",))
    for other in others.exclude(pk=run.pk) if run is not None else others:
        heard = other.heard_at or other.created_at
        if other.state == State.WAITING or timezone.now() - heard < RESTARTED:
            raise Conflict(_("A run of this plan is under way."), "run-live")
        close(other, State.FAILED, error=_("The agent was started anew while it was under way."))


def _moment(said: datetime) -> datetime:
    return min(max(said, EARLIEST), timezone.now())


def _heard(run: Run) -> None:
    run.heard_at = timezone.now()
    run.save(update_fields=["heard_at"])


def _keep_lines(run: Run, lines: Sequence[Line]) -> None:
    RunLine.objects.bulk_create(
        [
            RunLine(
                project=run.project, run=run, number=line.number, at=_moment(line.at), level=line.level, text=line.text
            )
            for line in lines
            if line.number <= MOST_LINES
        ],
        ignore_conflicts=True,  # what was said before is kept once
    )


def _snapshot(agent: Agent, run: Run, taken: Taken) -> Snapshot:
    """The row of a snapshot that the agent's key has signed, whether or not the watch was quicker. Raises Invalid."""
    received = _received(agent, taken)
    facts = {
        "plan": run.plan,
        "manifest": taken.manifest,
        "source": taken.source,
        "host": taken.host,
        "tags": list(taken.tags),
        "files": taken.files,
        "bytes": taken.bytes,
        "added": taken.added,
        "fresh": taken.fresh,
        "dense": taken.dense,
        "changed": taken.changed,
        "unread": taken.unread,
        "store_differs": taken.store_differs,
        "started_at": _moment(taken.started_at),
        "finished_at": _moment(max(taken.started_at, taken.finished_at)),
        "received_at": received,
    }
    place = {"writer": agent.key_id, "sequence": taken.sequence}
    try:
        with transaction.atomic():
            row, _made = Snapshot.objects.update_or_create(
                repository=agent.repository,
                snapshot_id=taken.snapshot_id,
                defaults=facts,
                create_defaults=facts | place | {"project": agent.project, "datasets": 0},
            )
    except IntegrityError as error:
        message = _("Another snapshot was recorded under this number.")
        raise Invalid([Fault("snapshot", "number", message)]) from error
    if hasattr(row, "run") and row.run.pk != run.pk:
        raise Invalid([Fault("snapshot", "taken", _("Another run has made this snapshot."))])
    audit.record(
        None,
        "backup.snapshot_made",
        row,
        snapshot=row.snapshot_id,
        files=row.files,
        bytes=row.bytes,
        unread=row.unread,
    )
    return row


def _received(agent: Agent, taken: Taken) -> datetime:
    """When the store took it. Raises Invalid where it has no such snapshot of the agent's key, and Away."""
    name = layout.snapshot_name(bytes.fromhex(agent.key_id), taken.sequence)
    try:
        with reached():
            store = stores.store_of(agent.repository)
            if cipher.digest(store.read(name)).hex() != taken.snapshot_id:
                raise Invalid([Fault("snapshot", "other", _("The repository holds another snapshot of this number."))])
            received = store.look(name).received
    except BackupError as error:
        raise Invalid([Fault("snapshot", "missing", _("The repository holds no such snapshot."))]) from error
    return datetime.fromtimestamp(received / 10**9, timezone.get_current_timezone())


def _ring(run: Run) -> None:
    transaction.on_commit(lambda: bells.ring(group(run.pk), {"type": "run.changed"}))
