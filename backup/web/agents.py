"""Pages of the machines that save their own data: made, enrolled, given their key, watched and removed."""

from __future__ import annotations

import base64
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from backup import queries
from backup.engine.agent import holding
from backup.models import Agent
from backup.permissions import MANAGE
from backup.services import agents as services
from backup.services import plans
from backup.web.agent_forms import FORMS, AgentForm, show_orders
from backup.web.home import project_of, rights
from backup.web.lists import answer, of_repositories
from backup.web.tabs import tabs
from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web import assets
from core.web.forms import show_faults
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, see_other, writes

COLUMNS = (
    Column("name", gettext_lazy("Agent"), sort=("name",), link=True),
    Column("state", gettext_lazy("State"), template="backup/cells/agent.html"),
    Column("duty", gettext_lazy("Duty"), "get_duty_display", sort=("duty",)),
    Column("host", gettext_lazy("Machine"), sort=("host",)),
    Column("repository", gettext_lazy("Repository"), "repository.name", sort=("repository__name",)),
    Column("plan_count", gettext_lazy("Plans"), sort=("plan_count",), numeric=True),
    Column("last_at", gettext_lazy("Last success"), template="backup/cells/ago.html"),
    Column("seen_at", gettext_lazy("Last heard of"), sort=("seen_at",), template="backup/cells/ago.html"),
)


def fetch(request: HttpRequest, project: Project, pk: UUID) -> Agent:
    row: Agent = access.fetch(queries.agents(request.user, project), request.user, pk=pk)
    return row


@reads
def agent_list(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    held = rights(request, found)
    empty = {
        "icon": "devices",
        "title": _("No agent yet"),
        "text": _("An agent is a program on a machine that saves its own data. What it sends only your key opens."),
    }
    if held["may_manage"]:
        empty |= {"url": reverse("backup:agent-create", args=[found.slug]), "action": _("Add an agent")}
    table = Table(
        request,
        queries.agents(request.user, found).filter(removed_at=None),
        columns=COLUMNS,
        name="agents",
        caption=_("Agents"),
        search=("name__icontains", "host__icontains"),
        filters=(Filter("duty", _("Duty"), Agent.Duty.choices), of_repositories(request, found)),
        order=("name",),
        export="agents",
        empty=empty,
    )
    lead = _(
        "Machines that save their own data, encrypted before it leaves them, and those that look after a repository."
    )
    return answer(request, found, table, title=_("Backup agents"), lead=lead)


@reads
def agent(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    mine = [each for each in queries.watched(request.user, found) if each.plan.agent_id == row.pk]
    context = {
        "project": found,
        "agent": row,
        "watched": mine,
        "runs": queries.runs(request.user, found).filter(agent=row)[:20],
        "key_role": services.ROLE_OF[Agent.Duty(row.duty)].name.lower(),
        "mark": holding.mark(bytes.fromhex(row.seal_to)),
        "worker": assets.address("backup-worker.js"),
        "tabs": tabs(request, found, "agents"),
        **rights(request, found),
    }
    return render(request, "backup/agent.html", context)


@never_cache
@page
def create(request: HttpRequest, project: str) -> HttpResponse:
    """The form; then, once and in this answer alone, the code."""
    found = project_of(request, project)
    access.require(request.user, MANAGE, found)
    repositories = queries.repositories(request.user, found).exclude(confirmed_at=None)
    form = AgentForm(request.POST or None, repositories=repositories)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_agent(request.user, found, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        else:
            return _code(request, found, made)
    context = {"project": found, "form": form, "has_repository": repositories.exists()}
    return render(request, "backup/agent_form.html", context, status=422 if form.errors else 200)


@never_cache
@writes
def renew(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Another code, shown once."""
    found = project_of(request, project)
    row = fetch(request, found, pk)
    try:
        made = services.renew_code(request.user, row)
    except Conflict as error:
        messages.warning(request, str(error.message))
        return see_other(row.get_absolute_url(), request)
    return _code(request, found, made)


@writes
def key(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What the browser has made of the master key: the agent's, sealed to its machine, and the badge."""
    found = project_of(request, project)
    row = fetch(request, found, pk)
    try:
        made = {part: base64.b64decode(request.POST.get(part, ""), validate=True) for part in ("sealed", "badge")}
        services.deliver_key(request.user, row, **made)
    except Conflict as error:
        messages.warning(request, str(error.message))
    except (Invalid, ValueError):  # base64 among the latter
        messages.warning(request, _("This is no key for this agent: nothing was delivered."))
    else:
        messages.success(request, _("The key is on its way: only the agent’s machine opens it."))
    return see_other(row.get_absolute_url(), request)


@writes
def remove(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    try:
        services.remove_agent(request.user, row)
    except Conflict as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The agent is removed: its token opens nothing any more. What it saved stays."))
    return see_other(reverse("backup:agents", args=[found.slug]), request)


@page
def plan(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """A new plan for an agent, in the words of its duty."""
    found = project_of(request, project)
    row = fetch(request, found, pk)
    access.require(request.user, MANAGE, found, obj=row)
    form = FORMS[Agent.Duty(row.duty)](request.POST or None, repository=row.repository)
    if request.method == "POST" and form.is_valid():
        try:
            made = plans.create_plan(request.user, found, repository=row.repository, agent=row, **form.values)
        except Invalid as error:
            show_orders(form, error)
        else:
            messages.success(request, _("The plan is saved."))
            return see_other(made.get_absolute_url(), request)
    context = {"project": found, "agent": row, "plan": None, "form": form}
    return render(request, "backup/agent_plan_form.html", context, status=422 if form.errors else 200)


def _code(request: HttpRequest, project: Project, made: services.Expected) -> HttpResponse:
    context = {
        "project": project,
        "agent": made.agent,
        "command": f"suite-backup agent enrol {settings.PUBLIC_URL} {made.code}",
        "code": made.code,
    }
    return render(request, "backup/agent_code.html", context)
