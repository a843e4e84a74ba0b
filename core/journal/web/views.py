"""The pages of the audit trail: of a project, and of the instance for its administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from core import access
from core.access.models import Project
from core.audit import sealing
from core.audit.models import Checkpoint, Event
from core.errors import Conflict
from core.files import streams
from core.jobs.models import Job
from core.journal import export as files
from core.journal import queries, services
from core.journal.telling import Teller
from core.journal.web.tables import journal_table
from core.web.views import reads, see_other, writes

if TYPE_CHECKING:
    from core.web.table import Table

FORMATS = {
    "csv": (files.as_csv, "text/csv; charset=utf-8", "csv"),
    "json": (files.as_json, "application/x-ndjson", "jsonl"),
}


@reads
def journal(request: HttpRequest, project: str) -> HttpResponse:
    return show(request, fetch(request, project))


@reads
def export(request: HttpRequest, project: str) -> StreamingHttpResponse:
    return send(request, fetch(request, project))


@writes
def verify(request: HttpRequest, project: str) -> HttpResponse:
    return prove(request, fetch(request, project))


@reads
def instance(request: HttpRequest) -> HttpResponse:
    only_administrators(request)
    return show(request, None)


@reads
def export_instance(request: HttpRequest) -> StreamingHttpResponse:
    only_administrators(request)
    return send(request, None)


@writes
def verify_instance(request: HttpRequest) -> HttpResponse:
    only_administrators(request)
    return prove(request, None)


def fetch(request: HttpRequest, slug: str) -> Project:
    return access.fetch(Project.objects.all(), request.user, slug=slug)


def only_administrators(request: HttpRequest) -> None:
    """To others, this page isn't there."""
    if not queries.reads_instance(request.user):
        raise Http404


def events_of(project: Project | None) -> QuerySet[Event]:
    return queries.of_project(project) if project is not None else queries.of_instance()


def table_of(request: HttpRequest, project: Project | None) -> tuple[Table, Teller]:
    teller = Teller(request.user)
    return journal_table(request, events_of(project), teller), teller


def show(request: HttpRequest, project: Project | None) -> HttpResponse:
    table, teller = table_of(request, project)
    services.open_journal(request.user, project, **asked(request, table))
    teller.learn(table.page.object_list)  # type: ignore[arg-type]
    context: dict[str, Any] = {
        "project": project,
        "verification": last_verification(project),
        "unsealed": sealing.waiting(),
        "head": Checkpoint.objects.order_by("-sequence").first(),
        "may_verify": project is None or access.can(request.user, services.VERIFY, project),
        "export_url": reverse("audit:export", args=[project.slug]) if project else reverse("audit:export_instance"),
        "verify_url": reverse("audit:verify", args=[project.slug]) if project else reverse("audit:verify_instance"),
    }
    return table.respond("journal/journal.html" if project else "journal/instance.html", context)


def asked(request: HttpRequest, table: Table) -> dict[str, Any]:
    """What the reader looked for: the filters he chose, and that he searched, but not the words."""
    found: dict[str, Any] = {"filters": sorted(table.chosen)}
    if table.words:
        found["searched"] = True
    if request.GET.get("page"):
        found["page"] = table.page.number
    return found


def last_verification(project: Project | None) -> Job | None:
    return Job.objects.filter(task=services.VERIFY, project=project).select_related("owner").first()


def send(request: HttpRequest, project: Project | None) -> StreamingHttpResponse:
    """What the filters leave, as a file."""
    table, teller = table_of(request, project)
    render, media_type, suffix = FORMATS.get(request.GET.get("format", ""), FORMATS["csv"])
    newest = table.rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    services.export_journal(request.user, project, format=suffix, events=table.count, **asked(request, table))
    rows = table.matching.filter(pk__lte=newest)  # without the event of this very export
    name = f"audit-{project.slug if project else 'instance'}.{suffix}"
    lines = render(rows.iterator(chunk_size=files.PAGE), teller)
    return streams.send(request, files.blocks(lines), name=name, media_type=media_type)


def prove(request: HttpRequest, project: Project | None) -> HttpResponse:
    """Start the verification and come back, to see how it gets on."""
    try:
        services.verify_journal(request.user, project)
    except Conflict as conflict:
        messages.warning(request, str(conflict.message))
    back = reverse("audit:journal", args=[project.slug]) if project else reverse("audit:instance")
    return see_other(back, request)
