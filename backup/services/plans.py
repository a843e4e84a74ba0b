"""Set what is saved and when, and have it done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backup.models import Agent, Plan, Repository, Run
from backup.permissions import MANAGE, RUN
from backup.services import options, runs
from backup.services.checking import validated
from backup.services.options import Orders
from core import access, audit, jobs
from core.access import people
from core.errors import Conflict, Fault, Invalid
from core.jobs import rhythm
from core.jobs.services import person

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.accounts.models import User
    from core.jobs.models import Job

TASK = "backup.save"
NO_ORDERS = Orders()


@transaction.atomic
def create_plan(
    actor: Actor,
    project: Project,
    *,
    name: str,
    repository: Repository,
    every: str,
    datasets: bool = False,
    files: bool = False,
    instance: bool = False,
    zone: str = "",
    agent: Agent | None = None,
    orders: Orders = NO_ORDERS,
) -> Plan:
    """Make a plan and put it on the calendar: this server's, or that of an agent with its orders. Raises Invalid."""
    access.require(actor, MANAGE, project)
    plan = Plan(project=project, owner_id=person(actor), agent=agent)
    return _set(
        actor, plan, name=name, repository=repository, datasets=datasets, files=files, instance=instance, every=every,
        zone=zone, orders=orders,
    )  # fmt: skip


@transaction.atomic
def change_plan(
    actor: Actor,
    plan: Plan,
    *,
    name: str,
    repository: Repository,
    every: str,
    datasets: bool = False,
    files: bool = False,
    instance: bool = False,
    zone: str = "",
    orders: Orders = NO_ORDERS,
) -> Plan:
    """Change a plan; from now on it runs in the actor's name. Who runs it stays. Raises Invalid, Conflict."""
    access.require(actor, MANAGE, plan.project, obj=plan)
    plan = _living(plan)
    plan.owner_id = person(actor)
    return _set(
        actor, plan, name=name, repository=repository, datasets=datasets, files=files, instance=instance, every=every,
        zone=zone, orders=orders,
    )  # fmt: skip


def _set(
    actor: Actor,
    plan: Plan,
    *,
    name: str,
    repository: Repository,
    datasets: bool,
    files: bool,
    instance: bool,
    every: str,
    zone: str,
    orders: Orders,
) -> Plan:
    require_right(actor, plan, instance=instance)
    if repository.project_id != plan.project_id:
        raise Invalid([Fault("repository", "unknown", _("Choose a repository of this project."))])
    if not repository.is_confirmed:
        message = _("Confirm first that the key of this repository is kept: without it nothing can be restored.")
        raise Invalid([Fault("repository", "unconfirmed", message)])
    if plan.agent is None and not repository.saves_here:
        message = _("The server has no key to save into this repository: only agents do. Choose another one.")
        raise Invalid([Fault("repository", "agents-only", message)])
    options.check_zone(zone)
    was = (plan.every, plan.zone) if plan.counted_from else None
    plan.name, plan.repository, plan.every, plan.zone = name.strip(), repository, every, zone
    if (every, zone) != was:
        plan.counted_from = timezone.now()
    plan.instance = instance
    if plan.agent is None:
        plan.datasets, plan.files = datasets and not instance, files and not instance
    else:
        _order(plan, plan.agent, orders)
    validated(plan)
    plan.save()
    if plan.agent is None:
        jobs.schedule(
            actor, TASK, every=every, project=plan.project, arguments={"plan": str(plan.pk)}, key=f"backup {plan.pk}",
            time_zone=zone,
        )  # fmt: skip
    what: dict[str, Any] = {"instance": True} if plan.instance else {"datasets": plan.datasets, "files": plan.files}
    audit.record(actor, "backup.plan_saved", plan, **what, every=every)
    return plan


def require_right(actor: Actor, plan: Plan, *, instance: bool = False) -> None:
    """The whole instance is the affair of who runs it, whatever he may do in the project. Raises a Refusal."""
    if plan.instance or instance:
        people.require_administrator(cast("User", actor), "backup.save_instance")


def _order(plan: Plan, agent: Agent, orders: Orders) -> None:
    """Set what an agent is to do. Raises Invalid."""
    if agent.removed_at is not None or agent.project_id != plan.project_id:
        raise Invalid([Fault("agent", "unknown", _("Choose an agent of this project."))])
    if agent.repository_id != plan.repository_id:
        raise Invalid([Fault("repository", "other", _("This agent works with another repository."))])
    try:
        rhythm.parse(plan.every)
    except ValueError as error:
        raise Invalid([Fault("every", "rhythm", _("Say for example «daily 02:30» or «every 15 min»."))]) from error
    wanted = options.checked(agent.duty, orders, plan.repository.options_for(agent.duty))
    plan.datasets = plan.files = False
    plan.source, plan.options = wanted.source, wanted.options
    plan.paths, plan.excludes, plan.streams = list(wanted.paths), list(wanted.excludes), list(wanted.streams)


@transaction.atomic
def end_plan(actor: Actor, plan: Plan) -> Plan:
    """No more saves by this plan; what it saved stays. Raises Conflict."""
    access.require(actor, MANAGE, plan.project, obj=plan)
    require_right(actor, plan)
    plan = _living(plan)
    plan.ended_at = timezone.now()
    plan.save(update_fields=["ended_at"])
    if plan.agent_id is None:
        jobs.unschedule(actor, TASK, project=plan.project, key=f"backup {plan.pk}")
    for run in plan.runs.filter(state=Run.State.WAITING).select_for_update(of=("self",)):
        runs.close(run, Run.State.STOPPED)
    audit.record(actor, "backup.plan_ended", plan)
    return plan


@transaction.atomic
def run_plan(actor: Actor, plan: Plan) -> Job | Run:
    """Run it now, as a job of this server or by asking its agent. Raises Conflict when a run of it is under way."""
    if plan.agent_id is not None:
        return runs.ask_run(actor, plan)
    access.require(actor, RUN, plan.project, obj=plan)
    require_right(actor, plan)
    plan = _living(plan)
    return jobs.submit(
        actor,
        TASK,
        project=plan.project,
        arguments={"plan": str(plan.pk)},
        subject=plan,
        unique=f"plan {plan.pk}",
    )


def _living(plan: Plan) -> Plan:
    rows = Plan.objects.select_for_update(of=("self",)).select_related("project", "repository", "agent")
    plan = rows.get(pk=plan.pk)
    if plan.ended_at is not None:
        raise Conflict(_("This plan has ended."), "plan-ended")
    return plan
