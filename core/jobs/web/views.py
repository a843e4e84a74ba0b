"""The pages of the long work: the list, one job, its progress, and what one does with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import access
from core.db import after_read
from core.errors import Conflict
from core.jobs import queries, services
from core.jobs.models import Job
from core.notices import services as notices
from core.web.table import Column, Filter, Table
from core.web.views import reads, see_other, writes

if TYPE_CHECKING:
    from core.access.scope import Actor


@reads
def job_list(request: HttpRequest) -> HttpResponse:
    rows = queries.jobs(request.user)

    def of_me(found: QuerySet[Job], _value: str) -> QuerySet[Job]:
        return found.filter(owner=request.user.pk)

    table = Table(
        request,
        rows,
        columns=(
            Column("label", _("Work"), link=True, sort=("task",)),
            Column("state", _("State"), sort=("state",), template="jobs/cells/state.html"),
            Column("percent", _("Progress"), template="jobs/cells/progress.html"),
            Column("project", _("Project"), sort=("project__name",)),
            Column("owner", _("Asked for by"), sort=("owner__full_name",)),
            Column("created_at", _("Asked for"), sort=("created_at",), template="jobs/cells/when.html"),
            Column("elapsed", _("Duration"), template="jobs/cells/duration.html"),
        ),
        name="jobs",
        caption=_("Jobs"),
        filters=(
            Filter("state", _("State"), Job.State.choices),
            Filter("task", _("Work"), queries.kinds(rows)),
            Filter("project", _("Project"), projects(rows), "project__slug"),
            Filter("whose", _("Asked for by"), [("me", _("Me"))], of_me),
        ),
        order=("-created_at",),
        empty={
            "icon": "hourglass-empty",
            "title": _("No long work yet"),
            "text": _("Exports, backups and other long work appear here while they run, and stay with their result."),
        },
    )
    return table.respond("jobs/list.html", {})


def projects(rows: QuerySet[Job]) -> list[tuple[str, str]]:
    """The projects of these jobs, as choices."""
    named = rows.exclude(project=None).order_by("project__name").values_list("project__slug", "project__name")
    return list(named.distinct())


@reads
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = access.fetch(queries.jobs(request.user), request.user, pk=pk)
    return render(request, "jobs/job.html", {"job": found, "project": found.project, "lines": found.lines.all()})


@reads
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of a page that shows a job's progress, as it is now."""
    found = access.fetch(queries.jobs(request.user), request.user, pk=pk)
    if not found.is_live and found.owner_id == request.user.pk:
        after_read(lambda: notices.seen(found.owner, found.get_absolute_url()))
    response = render(request, "jobs/progress_now.html", {"job": found})
    response["Cache-Control"] = "no-store"
    return response


@writes
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    return act(request, pk, services.cancel)


@writes
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    return act(request, pk, services.retry)


def act(request: HttpRequest, pk: UUID, service: Callable[[Actor, Job], Job]) -> HttpResponse:
    """Do it and go back to the job, which shows what became of it; what can't be done any more is said."""
    found = access.fetch(queries.jobs(request.user), request.user, pk=pk)
    try:
        service(request.user, found)
    except Conflict as conflict:
        messages.warning(request, str(conflict.message))
    return see_other(found.get_absolute_url(), request)
