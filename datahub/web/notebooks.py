"""The notebooks of a project: their list, and the workbench of one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from core import access
from core.access.models import Project
from core.datasets.models import Dataset
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Table
from core.web.views import page, reads, writes
from datahub import permissions, queries
from datahub.models import Notebook
from datahub.services import notebooks as services
from datahub.services import reading, runs
from datahub.web.forms import NotebookForm

COLUMNS = (
    Column("title", gettext_lazy("Title"), sort=("title",), link=True),
    Column("owner", gettext_lazy("Written by"), sort=("owner__full_name",)),
    Column("updated_at", gettext_lazy("Changed"), sort=("updated_at",), template="datahub/cells/changed.html"),
)


@reads
def listing(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, permission=permissions.VIEW, slug=project)
    may_edit = access.can(request.user, permissions.EDIT, found)
    table = Table(
        request,
        queries.notebooks(request.user).filter(project=found),
        COLUMNS,
        name="notebooks",
        caption=_("Notebooks"),
        search=("title__icontains", "owner__full_name__icontains"),
        empty={
            "icon": "notebook",
            "title": _("No notebook yet"),
            "text": _("A notebook holds cells of Python that run on the project’s datasets, without any network."),
        },
    )
    deleted = Notebook.objects.visible_to(request.user).filter(project=found).exclude(deleted_at=None)
    context = {"project": found, "may_edit": may_edit, "deleted": deleted if may_edit else ()}
    return table.respond("datahub/notebooks.html", context)


@page
def create(request: Request, project: str) -> HttpResponse:
    found = access.fetch(Project.objects.all(), request.user, permission=permissions.VIEW, slug=project)
    access.require(request.user, permissions.EDIT, found)
    choices = Dataset.objects.visible_to(request.user).filter(project=found)
    initial = {"datasets": choices.filter(name__in=request.GET.getlist("dataset"))}
    form = NotebookForm(request.POST or None, datasets=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        first = [services.starting_code(dataset) for dataset in values["datasets"][:1]] or [""]
        try:
            notebook = services.create_notebook(request.user, found, values["title"], first, values["datasets"])
        except Invalid as error:
            show_faults(form, error)
        else:
            return redirect(notebook)
    context = {"project": found, "form": form}
    return render(request, "datahub/create.html", context, status=422 if form.errors else 200)


@never_cache
@page
def notebook(request: Request, project: str, pk: UUID) -> HttpResponse:
    """GET shows the workbench. POST saves what it holds and, with ``act=run``, runs it up to a cell."""
    found = access.fetch(queries.notebooks(request.user), request.user, project__slug=project, pk=pk)
    if request.method == "POST":
        return act(request, found)
    run = queries.last_run(request.user, found)
    reading.read_results(request.user, found, run)
    context = {
        "project": found.project,
        "notebook": found,
        "run": run,
        "cells": queries.cells(found, run),
        "datasets": Dataset.objects.visible_to(request.user).filter(project=found.project),
        "chosen": set(found.datasets.values_list("pk", flat=True)),
        "abilities": access.abilities(request.user, found.project),
    }
    return render(request, "datahub/notebook.html", context)


def act(request: Request, notebook: Notebook) -> HttpResponse:
    values = request.POST
    choices = Dataset.objects.visible_to(request.user).filter(project=notebook.project)
    run = None
    try:
        with transaction.atomic():
            notebook = services.save_notebook(
                request.user,
                notebook,
                int(values.get("revision", "0") or 0),
                values.get("title", ""),
                [cell.replace("\r\n", "\n") for cell in values.getlist("cell")],
                list(choices.filter(name__in=values.getlist("dataset"))),
            )
            if values.get("act") == "run":
                run = runs.run_notebook(request.user, notebook, int(values.get("until") or len(notebook.cells)))
    except (Conflict, Invalid, ValueError) as error:
        faults = [fault.message for fault in error.faults] if isinstance(error, Invalid) else []
        message = error.message if isinstance(error, Conflict) else ""
        return render(request, "datahub/refused.html", {"faults": faults, "message": message}, status=422)
    context = {"project": notebook.project, "notebook": notebook, "run": run, "saved": True}
    return render(request, "datahub/saved.html", context)


@never_cache
@reads
def results(request: Request, project: str, pk: UUID) -> HttpResponse:
    """The outputs of the last run, cell by cell; asked again by the page while the run goes on."""
    found = access.fetch(queries.notebooks(request.user), request.user, project__slug=project, pk=pk)
    run = queries.last_run(request.user, found)
    reading.follow_results(request.user, found, run)
    context = {"project": found.project, "notebook": found, "run": run, "cells": queries.cells(found, run)}
    return render(request, "datahub/results.html", context)


@writes
def delete(request: Request, project: str, pk: UUID) -> HttpResponse:
    found = access.fetch(queries.notebooks(request.user), request.user, project__slug=project, pk=pk)
    services.delete_notebook(request.user, found)
    messages.success(request, _("The notebook is deleted. It can be brought back from the end of this list."))
    return redirect("datahub:notebooks", project)


@writes
def restore(request: Request, project: str, pk: UUID) -> HttpResponse:
    deleted = Notebook.objects.exclude(deleted_at=None).select_related("project")
    found = access.fetch(deleted, request.user, project__slug=project, pk=pk)
    services.restore_notebook(request.user, found)
    return redirect(found)
