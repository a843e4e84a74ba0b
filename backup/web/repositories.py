"""Pages of the places where backups are kept, and of their keys."""

from __future__ import annotations

import base64
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from backup import queries
from backup.models import Alert, Repository
from backup.permissions import MANAGE
from backup.services import repositories as services
from backup.web.forms import CodeForm, RepositoryForm
from backup.web.home import project_of, rights
from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.views import page, reads, see_other, writes


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


@sensitive_post_parameters("passphrase", "again")
@never_cache
@page
def create(request: HttpRequest, project: str) -> HttpResponse:
    """The form; then, once and in this answer alone, the key."""
    found = project_of(request, project)
    access.require(request.user, MANAGE, found)
    form = RepositoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_repository(
                request.user,
                found,
                name=form.cleaned_data["name"],
                folder=form.cleaned_data.get("folder", ""),
                passphrase=form.cleaned_data["passphrase"],
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return render(request, "backup/key.html", key_context(found, made))
    status = 422 if form.errors else 200
    return render(request, "backup/repository_form.html", {"project": found, "form": form}, status=status)


def key_context(project: Project, made: services.Created) -> dict[str, object]:
    """The keyfile as a link that holds it: no address on the server ever answers with it again."""
    data = base64.b64encode(made.keyfile.encode()).decode()
    return {
        "project": project,
        "repository": made.repository,
        "keyfile": made.keyfile,
        "href": f"data:application/octet-stream;base64,{data}",
        "filename": f"{project.slug}-{made.repository.repository_id[:8]}.key",
        "form": CodeForm(),
    }


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
