"""Two prescriptions side by side; a decision for each line; what was decided, kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web.table import Column, Table
from core.web.views import page, reads
from prescriptions import permissions, queries, services
from prescriptions.models import Document, Reconciliation
from prescriptions.papers import reconciliation_pdf
from prescriptions.services.reconciliations import mark_of
from prescriptions.web.changes import opened, shown
from prescriptions.web.places import project_of, reconciliation_of
from prescriptions.web.schedule import pdf

CHOICES = 200
"""Prescriptions that one chooses from, the newest."""
COLUMNS = (
    Column("number", gettext_lazy("Reconciliation"), str, sort=("number",), link=True),
    Column("before", gettext_lazy("First"), "before"),
    Column("after", gettext_lazy("Second"), "after"),
    Column("lines", gettext_lazy("Lines"), "lines", numeric=True),
    Column("kept", gettext_lazy("Kept on"), "created_at", sort=("created_at",),
        template="prescriptions/cells/kept.html"),
)  # fmt: skip


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """The reconciliations of the project."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    new = reverse("prescriptions:compare", args=[found.slug])
    table = Table(
        request, queries.reconciliations_of(request.user, found), COLUMNS, name="reconciliations",
        caption=_("Reconciliations"), order=("-number",),
        empty={
            "icon": "arrows-diff",
            "title": _("No reconciliation yet"),
            "text": _("Compare two prescriptions of one patient: what was added, stopped or changed, and decide."),
            "url": new,
            "action": _("Compare two prescriptions"),
        },
    )  # fmt: skip
    return table.respond("prescriptions/reconciliations.html", {"project": found})


@page
def compare(request: HttpRequest, project: str) -> HttpResponse:
    """Choose two prescriptions, see what became of each line, decide, keep."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    given = request.POST if request.method == "POST" else request.GET
    before, after = (_document(request, found, given.get(name, "")) for name in ("before", "after"))
    context: dict[str, Any] = {
        "project": found,
        "documents": _choices(request, found),
        "before": before,
        "after": after,
        "may_write": access.can(request.user, permissions.WRITE, found),
        "decisions": Reconciliation.Decision.choices,
    }
    if before is None or after is None:
        return render(request, "prescriptions/compare.html", context)
    decisions = _decisions(request)
    if request.method == "POST":
        try:
            return redirect(services.keep_reconciliation(
                request.user, before, after, decisions, seen=request.POST.get("seen", ""),
                note=request.POST.get("note", "")))  # fmt: skip
        except Invalid as error:
            context |= {"faults": error.faults, "note": request.POST.get("note", "")}
        except Conflict as error:
            context["stale"] = str(error.message)
            decisions = []
    try:
        made = services.compare_documents(request.user, before, after)
    except Invalid as error:
        context["refused"] = error.faults[0].message
        return render(request, "prescriptions/compare.html", context, status=422)
    context |= {
        "rows": shown(made.changes, decisions),
        "duplicates": made.duplicates,
        "seen": mark_of(made),
        "compared": True,
    }
    return render(request, "prescriptions/compare.html", context, status=422 if request.method == "POST" else 200)


def _document(request: HttpRequest, project: Project, key: str) -> Document | None:
    """The prescription that is named, or none: an unknown one is as if nobody had chosen."""
    try:
        pk = UUID(key)
    except ValueError:
        return None
    rows = Document.objects.visible_to(request.user).filter(project=project, deleted_at=None)
    return rows.select_related("project").filter(pk=pk).first()


def _choices(request: HttpRequest, project: Project) -> list[Document]:
    rows = queries.documents_of(request.user, project).order_by("-number")
    return list(rows[:CHOICES])


def _decisions(request: HttpRequest) -> list[tuple[str, str]]:
    """A decision and a comment for each row that was on the page."""
    asked = request.POST.get("rows", "")
    count = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    return [
        (request.POST.get(f"decision-{place}", ""), request.POST.get(f"comment-{place}", "")) for place in range(count)
    ]


@reads
def show(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What was decided, by whom and when."""
    found = project_of(request.user, project)
    kept = reconciliation_of(request.user, found, pk)
    audit.record(request.user, "prescriptions.reconciliation_read", kept)
    made, decisions, note = opened(kept)
    context = {
        "project": found,
        "kept": kept,
        "rows": shown(made.changes, decisions),
        "duplicates": made.duplicates,
        "note": note,
    }
    return render(request, "prescriptions/reconciliation.html", context)


@reads
def paper(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The same as PDF."""
    kept = reconciliation_of(request.user, project_of(request.user, project), pk)
    audit.record(request.user, "prescriptions.reconciliation_read", kept)
    return pdf(reconciliation_pdf(kept), f"reconciliation-{kept.number}.pdf")
