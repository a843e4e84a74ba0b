"""The first page of a project, and the making of one."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from core import access
from core.access import queries, services
from core.access.models import Project
from core.access.web.forms import ProjectForm
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, reads


@reads
def overview(request: Request, project: str) -> HttpResponse:
    """What the project is, where, and with whom."""
    found = access.fetch(Project.objects.select_related("organisation"), request.user, slug=project)
    context = {
        "project": found,
        "may_break_glass": found.organisation.emergency_role_id is not None
        and found.archived_at is None
        and access.can(request.user, "access.open_emergency", found),
        "sites": found.sites.filter(retired_at=None),
        "members": queries.memberships(request.user).filter(project=found).order_by("user__full_name"),
    }
    return render(request, "access/project.html", context)


@page
def create(request: Request) -> HttpResponse:
    """Only for who administers an organisation; for others the page isn't there."""
    organisations = queries.organisations_to_create_in(request.user)
    if not organisations:
        raise Http404
    form = ProjectForm(request.POST or None, organisations=organisations)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            project = services.create_project(
                request.user, values["organisation"], values["name"], values["description"], listed=values["listed"]
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return redirect(project)
    return render(request, "access/new_project.html", {"form": form}, status=422 if form.errors else 200)
