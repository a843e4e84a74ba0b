"""Pages of what is saved and when."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from backup import queries
from backup.models import Agent, Plan, Run
from backup.permissions import MANAGE
from backup.services import plans as services
from backup.web.agent_forms import FORMS, show_orders
from backup.web.forms import PlanForm, rhythm_words
from backup.web.home import project_of, rights, runs_instance
from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.table import Column, Table
from core.web.views import page, reads, see_other, writes


def fetch(request: HttpRequest, project: Project, pk: UUID) -> Plan:
    row: Plan = access.fetch(queries.plans(request.user, project), request.user, pk=pk)
    return row


@reads
def plan(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    table = Table(
        request,
        queries.snapshots(request.user, found).filter(plan=row),
        columns=(
            Column("finished_at", _("Backup of"), sort=("finished_at",), template="backup/cells/snapshot.html"),
            Column("whole", _("State"), template="backup/cells/whole.html"),
            Column("files", _("Files"), sort=("files",), numeric=True),
            Column("bytes", _("Size"), sort=("bytes",), template="backup/cells/size.html"),
            Column("added", _("Added"), sort=("added",), template="backup/cells/size.html"),
        ),
        name="snapshots",
        caption=_("Backups of this plan"),
        order=("-finished_at",),
        empty={
            "icon": "clock",
            "title": _("No backup yet"),
            "text": _("The first one comes at the hour set, or when you run it now."),
        },
    )
    context = {
        "project": found,
        "plan": row,
        "watched": queries.watch(row),
        "rhythm": rhythm_words(row.every),
        "kept_from": row.instance and not runs_instance(request),
        **rights(request, found),
    }
    return table.respond("backup/plan.html", context)


@page
def create(request: HttpRequest, project: str) -> HttpResponse:
    return _edit(request, project_of(request, project), None)


@page
def change(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    return _edit_of_agent(request, found, row, row.agent) if row.agent else _edit(request, found, row)


def _edit_of_agent(request: HttpRequest, project: Project, row: Plan, agent: Agent) -> HttpResponse:
    """The form in the words of the agent's duty."""
    access.require(request.user, MANAGE, project, obj=row)
    form = FORMS[Agent.Duty(agent.duty)](request.POST or None, repository=agent.repository, plan=row)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.change_plan(request.user, row, repository=row.repository, **form.values)
        except Invalid as error:
            show_orders(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The plan is saved."))
            return see_other(saved.get_absolute_url(), request)
    context = {"project": project, "agent": agent, "plan": row, "form": form}
    return render(request, "backup/agent_plan_form.html", context, status=422 if form.errors else 200)


def _edit(request: HttpRequest, project: Project, row: Plan | None) -> HttpResponse:
    access.require(request.user, MANAGE, project)
    repositories = queries.saved_here(request.user, project)
    if row is not None:
        services.require_right(request.user, row)
    of_instance = runs_instance(request)
    form = PlanForm(request.POST or None, repositories=repositories, plan=row, of_instance=of_instance)
    if request.method == "POST" and form.is_valid():
        try:
            if row is None:
                saved = services.create_plan(request.user, project, **form.values)
            else:
                saved = services.change_plan(request.user, row, **form.values)
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The plan is saved."))
            return see_other(saved.get_absolute_url(), request)
    context = {"project": project, "plan": row, "form": form, "has_repository": repositories.exists()}
    return render(request, "backup/plan_form.html", context, status=422 if form.errors else 200)


@writes
def run(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    try:
        started = services.run_plan(request.user, row)
    except Conflict as error:
        messages.warning(request, str(error.message))
        return see_other(row.get_absolute_url(), request)
    return see_other((started if isinstance(started, Run) else row).get_absolute_url(), request)


@writes
def end(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    try:
        services.end_plan(request.user, row)
    except Conflict as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The plan has ended. What it saved stays."))
    return see_other(reverse("backup:home", args=[found.slug]), request)
