"""Pages of the places where backups are kept, and of their keys."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from backup import queries
from backup.models import Alert, Repository
from backup.permissions import MANAGE, RESTORE
from backup.services import repositories as services
from backup.services.defaults import set_defaults
from backup.web.agent_forms import DefaultsForm, show_orders
from backup.web.forms import ChangeRepositoryForm, CodeForm, RepositoryForm
from backup.web.home import project_of, rights
from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web import assets
from core.web.forms import show_faults
from core.web.views import page, reads, see_other, writes

SHORTEST_PASSPHRASE = 12
"""Characters; the page's script holds to it."""


def fetch(request: HttpRequest, project: Project, pk: UUID) -> Repository:
    row: Repository = access.fetch(queries.repositories(request.user, project), request.user, pk=pk)
    return row


@reads
def repository(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    context = {
        "project": found,
        "repository": row,
        "snapshots": queries.snapshots(request.user, found).filter(repository=row)[:50],
        "openings": queries.openings(request.user, found).filter(repository=row)[:20],
        "plans": queries.plans(request.user, found).filter(repository=row, ended_at=None),
        "away": queries.alerts(request.user, found).filter(repository=row, kind=Alert.Kind.UNREACHABLE),
        "form": CodeForm(),
        **rights(request, found),
    }
    return render(request, "backup/repository.html", context)


@reads
def create(request: HttpRequest, project: str) -> HttpResponse:
    """The ceremony of a new key. It is made and kept in the browser, which registers the repository over REST."""
    found = project_of(request, project)
    access.require(request.user, MANAGE, found)
    access.require(request.user, RESTORE, found)
    context = {
        "project": found,
        "form": RepositoryForm(),
        "taken": queries.repositories(request.user, found).values_list("name", flat=True),
        "shortest": SHORTEST_PASSPHRASE,
        "worker": assets.address("backup-worker.js"),
    }
    return render(request, "backup/repository_form.html", context)


@page
def change(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    access.require(request.user, MANAGE, found, obj=row)
    form = ChangeRepositoryForm(request.POST or None, repository=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_repository(request.user, row, **form.values)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The repository is changed."))
            return see_other(row.get_absolute_url(), request)
    context = {"project": found, "repository": row, "form": form}
    return render(request, "backup/repository_change.html", context, status=422 if form.errors else 200)


@page
def defaults(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    access.require(request.user, MANAGE, found, obj=row)
    form = DefaultsForm(request.POST or None, repository=row)
    if request.method == "POST" and form.is_valid():
        try:
            set_defaults(request.user, row, **form.values)
        except Invalid as error:
            show_orders(form, error)
        else:
            messages.success(request, _("What holds for its plans is set."))
            return see_other(row.get_absolute_url(), request)
    context = {"project": found, "repository": row, "form": form}
    return render(request, "backup/repository_defaults.html", context, status=422 if form.errors else 200)


@reads
def key(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Look at a key, print it, split it, join it again: all of it in the browser."""
    found = project_of(request, project)
    row = fetch(request, found, pk)
    access.require(request.user, RESTORE, found, obj=row)
    context = {"project": found, "repository": row, "worker": assets.address("backup-worker.js")}
    return render(request, "backup/repository_key.html", context)


@writes
def confirm(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            services.confirm_key(request.user, row, form.cleaned_data["code"])
        except Invalid as error:
            show_faults(form, error)
    if form.errors:
        context = {"project": found, "repository": row, "form": form, **rights(request, found)}
        return render(request, "backup/repository.html", context, status=422)
    messages.success(request, _("The key is confirmed. Backups can begin."))
    return see_other(reverse("backup:repository", args=[found.slug, row.pk]), request)


@writes
def discard(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    try:
        services.discard_repository(request.user, row)
    except Conflict as error:
        messages.error(request, str(error.message))
        return see_other(row.get_absolute_url(), request)
    messages.success(request, _("The repository is discarded."))
    return see_other(reverse("backup:home", args=[found.slug]), request)
