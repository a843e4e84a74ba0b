"""The long work of the whole instance, for who runs it: what waits, what fails, and stopping it. No results."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import Conflict
from core.jobs import queries, registry, services
from core.jobs.models import Job
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import reads, see_other, writes


@reads
def job_list(request: Request) -> HttpResponse:
    if not request.user.is_administrator:
        raise Http404
    rows = queries.of_instance(request.user)
    table = Table(
        request,
        rows,
        columns=(
            Column("label", _("Work"), sort=("task",)),
            Column("state", _("State"), sort=("state",), template="jobs/cells/state.html"),
            Column("queue", _("Queue"), sort=("queue",)),
            Column("project", _("Project"), sort=("project__name",)),
            Column("owner", _("Asked for by"), sort=("owner__full_name",)),
            Column("created_at", _("Asked for"), sort=("created_at",), template="jobs/cells/when.html"),
            Column("elapsed", _("Duration"), template="jobs/cells/duration.html"),
            Column("attempts", _("Attempts"), sort=("attempts",), numeric=True),
            Column("reference", _("Reference")),
            Column("act", _("Action"), "pk", template="jobs/cells/stop.html"),
        ),
        name="instance-jobs",
        caption=_("Long work of the instance"),
        search=("reference__iexact", "owner__full_name__icontains", "project__name__icontains"),
        filters=(
            Filter("state", _("State"), Job.State.choices),
            Filter("queue", _("Queue"), [(queue, queue) for queue in registry.QUEUES]),
            Filter("task", _("Work"), queries.kinds(rows)),
        ),
        order=("-created_at",),
        empty={"icon": "hourglass-empty", "title": _("No long work yet")},
    )
    return table.respond("jobs/instance.html", {"queues": queries.queues(), "schedules": queries.next_schedules()})


@writes
def stop(request: Request, pk: UUID) -> HttpResponse:
    if not request.user.is_administrator:
        raise Http404
    found = get_object_or_404(queries.of_instance(request.user), pk=pk)
    try:
        services.stop_for_instance(request.user, found, request.POST.get("reason", ""))
    except Conflict as conflict:
        messages.warning(request, str(conflict.message))
    else:
        messages.success(request, _("The job is asked to stop."))
    return see_other(reverse("jobs:instance"), request)
