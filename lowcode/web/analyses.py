"""The analyses of a project: their list, a new one, and the acts on one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Table
from core.web.views import page, reads, writes
from lowcode import presentation, queries
from lowcode.models import Analysis
from lowcode.permissions import EDIT, VIEW
from lowcode.services import analyses as services
from lowcode.services import results
from lowcode.web.forms import NewAnalysisForm, PublicationForm

COLUMNS = (
    Column("name", gettext_lazy("Name"), sort=("name",), link=True),
    Column("dataset", gettext_lazy("Dataset"), "dataset.title", sort=("dataset__title",)),
    Column("owner", gettext_lazy("Made by"), sort=("owner__full_name",)),
    Column("updated_at", gettext_lazy("Changed"), sort=("updated_at",), template="lowcode/cells/changed.html"),
)


def project_of(request: Request, slug: str) -> Project:
    """A project whose analyses this person may see."""
    project: Project = access.fetch(Project.objects.all(), request.user, permission=VIEW, slug=slug)
    return project


def analysis_of(request: Request, slug: str, pk: UUID) -> Analysis:
    analysis: Analysis = access.fetch(queries.analyses(request.user), request.user, project__slug=slug, pk=pk)
    return analysis


@reads
def listing(request: Request, project: str) -> HttpResponse:
    found = project_of(request, project)
    may_edit = queries.may_edit(request.user, found)
    has_data = queries.datasets(request.user, found).exists()
    table = Table(
        request,
        queries.analyses(request.user).filter(project=found),
        COLUMNS,
        name="analyses",
        caption=_("Analyses"),
        search=("name__icontains", "dataset__title__icontains", "owner__full_name__icontains"),
        order=("-updated_at",),
        empty={
            "icon": "chart-bar",
            "title": _("No analysis yet"),
            "text": _("An analysis counts, compares and draws a dataset of the project, and shows the code behind it."),
        },
    )
    deleted = Analysis.objects.visible_to(request.user).filter(project=found).exclude(deleted_at=None)
    context = {
        "project": found,
        "may_edit": may_edit,
        "has_data": has_data,
        "may_upload": access.can(request.user, "datasets.upload_data", found),
        "deleted": deleted if may_edit else (),
    }
    return table.respond("lowcode/analyses.html", context)


@page
def create(request: Request, project: str) -> HttpResponse:
    found = project_of(request, project)
    access.require(request.user, EDIT, found)
    choices = queries.datasets(request.user, found)
    newest = choices.first()
    initial = {"dataset": request.GET.get("dataset") or (newest and newest.name)}
    form = NewAnalysisForm(request.POST or None, datasets=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        query = {"source": {"dataset": form.cleaned_data["dataset"].name}, "measures": [{"of": "rows"}]}
        try:
            analysis = services.create(request.user, found, form.cleaned_data["name"], query)
        except Invalid as error:
            show_faults(form, error)
        else:
            return redirect(analysis)
    may_upload = access.can(request.user, "datasets.upload_data", found)
    context = {"project": found, "form": form, "datasets": choices, "may_upload": may_upload}
    return render(request, "lowcode/create.html", context, status=422 if form.errors else 200)


@writes
def duplicate(request: Request, project: str, pk: UUID) -> HttpResponse:
    return redirect(services.duplicate(request.user, analysis_of(request, project, pk)))


@writes
def delete(request: Request, project: str, pk: UUID) -> HttpResponse:
    services.delete(request.user, analysis_of(request, project, pk))
    messages.success(request, _("The analysis is deleted. It can be brought back from the end of this list."))
    return redirect("lowcode:analyses", project)


@writes
def restore(request: Request, project: str, pk: UUID) -> HttpResponse:
    deleted = Analysis.objects.exclude(deleted_at=None).select_related("project")
    analysis = access.fetch(deleted, request.user, project__slug=project, pk=pk)
    services.restore(request.user, analysis)
    return redirect(analysis)


@page
def publish(request: Request, project: str, pk: UUID) -> HttpResponse:
    """Make the result a dataset."""
    analysis = analysis_of(request, project, pk)
    access.require(request.user, "datasets.publish_data", analysis.project, obj=analysis)
    initial = {"title": analysis.name, "name": slugify(analysis.name)[:60]}
    form = PublicationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            version = results.publish(
                request.user,
                analysis,
                values["name"],
                values["title"],
                values["hide_small_counts"],
                presentation.language(),
            )
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The result is published as a dataset."))
            return redirect(version.dataset)
    context = {"project": analysis.project, "analysis": analysis, "form": form}
    return render(request, "lowcode/publish.html", context, status=422 if form.errors else 200)
