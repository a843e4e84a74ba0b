"""Set what is saved and when, and have it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backup.models import Plan, Repository
from backup.permissions import MANAGE, RUN
from backup.services.checking import validated
from core import access, audit, jobs
from core.errors import Conflict, Fault, Invalid
from core.jobs.services import person

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.jobs.models import Job

TASK = "backup.save"


@transaction.atomic
def create_plan(
    actor: Actor, project: Project, *, name: str, repository: Repository, datasets: bool, files: bool, every: str
) -> Plan:
    """Make a plan and put it on the calendar. Raises Invalid."""
    access.require(actor, MANAGE, project)
    plan = Plan(project=project, owner_id=person(actor))
    return _set(actor, plan, name=name, repository=repository, datasets=datasets, files=files, every=every)


@transaction.atomic
def change_plan(
    actor: Actor, plan: Plan, *, name: str, repository: Repository, datasets: bool, files: bool, every: str
) -> Plan:
    """Change a plan; from now on it runs in the actor's name. Raises Invalid, Conflict."""
    access.require(actor, MANAGE, plan.project, obj=plan)
    plan = _living(plan)
    plan.owner_id = person(actor)
    return _set(actor, plan, name=name, repository=repository, datasets=datasets, files=files, every=every)


def _set(
    actor: Actor, plan: Plan, *, name: str, repository: Repository, datasets: bool, files: bool, every: str
) -> Plan:
    if repository.project_id != plan.project_id:
        raise Invalid([Fault("repository", "unknown", _("Choose a repository of this project."))])
    if not repository.is_confirmed:
        message = _("Confirm first that the key of this repository is kept: without it nothing can be restored.")
        raise Invalid([Fault("repository", "unconfirmed", message)])
    plan.name, plan.repository, plan.every = name.strip(), repository, every
    plan.datasets, plan.files = datasets, files
    validated(plan)
    plan.save()
    jobs.schedule(
        actor, TASK, every=every, project=plan.project, arguments={"plan": str(plan.pk)}, key=f"backup {plan.pk}"
    )
    audit.record(actor, "backup.plan_saved", plan, datasets=datasets, files=files, every=every)
    return plan


@transaction.atomic
def end_plan(actor: Actor, plan: Plan) -> Plan:
    """No more saves by this plan; what it saved stays. Raises Conflict."""
    access.require(actor, MANAGE, plan.project, obj=plan)
    plan = _living(plan)
    plan.ended_at = timezone.now()
    plan.save(update_fields=["ended_at"])
    jobs.unschedule(actor, TASK, project=plan.project, key=f"backup {plan.pk}")
    audit.record(actor, "backup.plan_ended", plan)
    return plan


@transaction.atomic
def run_plan(actor: Actor, plan: Plan) -> Job:
    """Save now, as a job. Raises Conflict when somebody else's run of it is under way."""
    access.require(actor, RUN, plan.project, obj=plan)
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
    plan = Plan.objects.select_for_update(of=("self",)).select_related("project", "repository").get(pk=plan.pk)
    if plan.ended_at is not None:
        raise Conflict(_("This plan has ended."), "plan-ended")
    return plan
