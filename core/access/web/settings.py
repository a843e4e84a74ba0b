"""What a project is called, its sites, who can find it, and its archive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from core import access
from core.access import services
from core.access.models import Project, Site
from core.access.web.forms import ProjectForm, SiteForm
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, writes


def found(request: Request, slug: str) -> Project:
    project = access.fetch(Project.objects.select_related("organisation"), request.user, slug=slug)
    access.require(request.user, "access.manage_project", project)
    return project


def show(request: Request, project: Project, form: ProjectForm, site_form: SiteForm) -> HttpResponse:
    context = {"project": project, "form": form, "site_form": site_form, "sites": project.sites.all()}
    return render(request, "access/settings.html", context, status=422 if form.errors or site_form.errors else 200)


def initial(project: Project) -> dict[str, Any]:
    return {"name": project.name, "description": project.description, "listed": project.listed}


@page
def settings(request: Request, project: str) -> HttpResponse:
    place = found(request, project)
    form = ProjectForm(request.POST or None, initial=initial(place))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_project(request.user, place, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("access:settings", place.slug)
    return show(request, place, form, SiteForm(prefix="site"))


@writes
def add_site(request: Request, project: str) -> HttpResponse:
    place = found(request, project)
    form = SiteForm(request.POST, prefix="site")
    if form.is_valid():
        try:
            services.add_site(request.user, place, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The site is added."))
            return redirect("access:settings", place.slug)
    return show(request, place, ProjectForm(initial=initial(place)), form)


@page
def site(request: Request, project: str, pk: UUID) -> HttpResponse:
    """Another name for a site."""
    place = found(request, project)
    row = get_object_or_404(Site, project=place, pk=pk)
    form = SiteForm(request.POST or None, initial={"code": row.code, "name": row.name})
    del form.fields["code"]
    if request.method == "POST" and form.is_valid():
        try:
            services.rename_site(request.user, row, form.cleaned_data["name"])
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("access:settings", place.slug)
    context = {"project": place, "site": row, "form": form}
    return render(request, "access/site.html", context, status=422 if form.errors else 200)


@writes
def switch_site(request: Request, project: str, pk: UUID) -> HttpResponse:
    """Retire a site, or open it again."""
    place = found(request, project)
    row = get_object_or_404(Site, project=place, pk=pk)
    try:
        (services.reopen_site if row.retired_at else services.retire_site)(request.user, row)
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("access:settings", place.slug)


@writes
def archive(request: Request, project: str) -> HttpResponse:
    """Close the project for work, or bring it back."""
    place = found(request, project)
    if place.archived_at is None:
        services.archive_project(request.user, place, request.POST.get("reason", ""))
        messages.success(request, _("The project is archived: nothing in it changes any more."))
    else:
        services.restore_project(request.user, place)
        messages.success(request, _("Work goes on in the project."))
    return redirect("access:settings", place.slug)
