"""What one does with the views of a list, from its head."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from core import access
from core.desk import services
from core.desk.models import View
from core.desk.views import project_named
from core.errors import Invalid
from core.web.request import Request
from core.web.views import see_other, writes


@writes
def save(request: Request) -> HttpResponse:
    project, shared = project_named(request.user, request.POST.get("project", "")), "shared" in request.POST
    table, name, query = (request.POST.get(part, "") for part in ("table", "name", "query"))
    try:
        view = services.save_view(request.user, table, name, query, project=project, shared=shared)
    except Invalid as error:
        return refused(request, error)
    return kept(request, view)


@writes
def change(request: Request, pk: UUID) -> HttpResponse:
    view = access.fetch(View.objects.select_related("project"), request.user, pk=pk)
    changes = {"name": request.POST.get("name", ""), "shared": "shared" in request.POST}
    if "replace" in request.POST:
        changes["query"] = request.POST.get("query", "")
    if not services.owns(request.user, view):
        changes = {}  # a shared one of somebody else: whether one's list opens with it is all that one sets
    try:
        if changes:
            view = services.change_view(request.user, view, **changes)
    except Invalid as error:
        return refused(request, error)
    return kept(request, view)


@writes
def delete(request: Request, pk: UUID) -> HttpResponse:
    view = access.fetch(View.objects.select_related("project"), request.user, pk=pk)
    services.delete_view(request.user, view)
    messages.success(request, _("The view is deleted. The list shows everything."))
    return see_other(f"{back(request)}?view=", request)


def kept(request: Request, view: View) -> HttpResponse:
    """Show the list by this view."""
    services.start_with(request.user, view, "first" in request.POST)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    query = f"{view.query}&" if view.query else ""
    return see_other(f"{back(request)}?{query}view={view.pk}", request)


def refused(request: Request, error: Invalid) -> HttpResponse:
    for fault in error.faults:
        messages.error(request, str(fault.message))
    return see_other(f"{back(request)}?{request.POST.get('query', '')[: services.LONGEST]}", request)


def back(request: Request) -> str:
    """The list one came from; home where the page says something that is no page of the suite."""
    path = request.POST.get("path", "")
    try:
        resolve(path)
    except Resolver404:
        return "/"
    return path if path.startswith("/") and not path.startswith("//") else "/"
