"""Files are sent here, one after the other; a batch says what became of each."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from core.web.table import Column, Filter, Table
from core.web.views import reads, see_other, writes
from prescriptions import permissions, queries, services
from prescriptions.models import Batch, Item
from prescriptions.web.places import project_of

LOOKS = {
    Item.State.WAITING: "waiting",
    Item.State.READING: "running",
    Item.State.READY: "done",
    Item.State.TWICE: "warning",
    Item.State.FAILED: "failed",
    Item.State.DROPPED: "cancelled",
}
FIRST = {Item.State.FAILED: 0, Item.State.TWICE: 1}
"""What a batch lists before the rest."""


def look(item: Item) -> str:
    return LOOKS[Item.State(item.state)]


COLUMNS = (
    Column("name", gettext_lazy("File"), template="prescriptions/cells/file.html"),
    Column("state", gettext_lazy("State"), look, template="prescriptions/cells/file_state.html"),
    Column("outcome", gettext_lazy("What came of it"), "fault", template="prescriptions/cells/file_outcome.html"),
)


def batch_of(request: HttpRequest, project: Project, pk: UUID) -> Batch:
    found: Batch = access.fetch(queries.batches_of(request.user, project), request.user, pk=pk)
    return found


def wants_json(request: HttpRequest) -> bool:
    return request.accepts("application/json") and not request.accepts("text/html")


@writes
def receive(request: HttpRequest, project: str) -> HttpResponse:
    """Keep the files that are sent, in a new batch or in one that is being sent; the plain form has them read too."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.WRITE, found)
    sent = [(str(file.name), file.file) for file in request.FILES.getlist("files") if file.name and file.file]
    try:
        if not sent:
            raise Invalid([], _("Choose a file first."))
        asked = request.POST.get("batch")
        batch = batch_of(request, found, UUID(asked)) if asked else services.start_batch(request.user, found)
        services.add_files(request.user, batch, sent)
        if "read" in request.POST:
            services.read_batch(request.user, batch)
    except (Invalid, ValueError) as error:
        message = str(getattr(error, "message", "") or _("These files can’t be taken."))
        if isinstance(error, Invalid) and not error.message and error.faults:
            message = str(error.faults[0].message)
        if wants_json(request):
            return JsonResponse({"error": message}, status=422)
        messages.error(request, message)
        return redirect("prescriptions:home", found.slug)
    if wants_json(request):
        urls = {name: reverse(f"prescriptions:{name}", args=[found.slug, batch.pk]) for name in ("batch", "read")}
        return JsonResponse({"id": str(batch.pk), **urls})
    return redirect(batch)


@reads
def batch(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What became of each file. A single one that is ready leads on to its review."""
    found = project_of(request.user, project)
    made = batch_of(request, found, pk)
    items = queries.items_of(made)
    if made.total == 1 and (ready := items.filter(state=Item.State.READY).first()):  # type: ignore[attr-defined]
        return redirect("prescriptions:document", found.slug, ready.document_id)
    job = Job.objects.filter(pk=made.job_id).first() if made.job_id else None
    rank = Case(*(When(state=state, then=place) for state, place in FIRST.items()), default=len(FIRST))
    table = Table(
        request, items.annotate(rank=rank), COLUMNS, name="files", caption=_("Files"),
        filters=(Filter("state", _("State"), [(state.value, state.label) for state in LOOKS]),),
        order=("rank", "position"), per_page=100,
        empty={"icon": "file-zip", "title": _("The archive is being unpacked."),
               "text": _("Its files are listed here as soon as they are taken out.")},
    )  # fmt: skip
    context = {
        "project": found,
        "batch": made,
        "job": job,
        "may_write": access.can(request.user, permissions.WRITE, found),
        "is_live": bool(job and job.is_live),
        "left": made.waiting + made.reading,  # type: ignore[attr-defined]
    }
    return table.respond("prescriptions/batch.html", context)


def acted(request: HttpRequest, batch: Batch, error: Conflict | Invalid | None) -> HttpResponse:
    if error is not None:
        faults = error.faults if isinstance(error, Invalid) else ()
        messages.error(request, str(error.message or (faults[0].message if faults else "")))
    if wants_json(request):
        return JsonResponse({"batch": batch.get_absolute_url()}, status=409 if error else 200)
    return see_other(batch.get_absolute_url(), request)


def refusal(act: Callable[[], object]) -> Conflict | Invalid | None:
    """Why an act is refused; None once it is done."""
    try:
        act()
    except (Conflict, Invalid) as error:
        return error
    return None


@writes
def read(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Have what waits read."""
    made = batch_of(request, project_of(request.user, project), pk)
    return acted(request, made, refusal(lambda: services.read_batch(request.user, made)))


@writes
def retry(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Have what failed read once more."""
    made = batch_of(request, project_of(request.user, project), pk)
    return acted(request, made, refusal(lambda: services.retry_failed(request.user, made)))


@writes
def drop(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Forget what failed or waits."""
    made = batch_of(request, project_of(request.user, project), pk)
    if error := refusal(lambda: services.drop_failed(request.user, made)):
        return acted(request, made, error)
    return see_other(reverse("prescriptions:home", args=[made.project.slug]), request)
