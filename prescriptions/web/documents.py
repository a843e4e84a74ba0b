"""The list of prescriptions, a new one, and the workbench where one is reviewed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, writes
from prescriptions import engine, permissions, queries, services
from prescriptions.engine import wording
from prescriptions.examples import EXAMPLES
from prescriptions.models import Document, Line
from prescriptions.services.documents import LONGEST
from prescriptions.web.fields import segments, shown
from prescriptions.web.kinds import KINDS
from prescriptions.web.places import document_of, project_of


class TextForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text of the prescription"),
        max_length=LONGEST,
        help_text=gettext_lazy("It is encrypted, stays on this server, and is seen by this project’s members only."),
        widget=forms.Textarea(
            {"rows": 16, "spellcheck": "false", "lang": "fr", "class": "rx-paste", "data-submit-keys": ""}
        ),
    )


COLUMNS = (
    Column("number", gettext_lazy("Prescription"), str, sort=("number",), link=True),
    Column(
        "created",
        gettext_lazy("Pasted on"),
        "created_at",
        sort=("created_at",),
        template="prescriptions/cells/pasted.html",
    ),
    Column("lines", gettext_lazy("Lines"), "line_count", sort=("line_count",), numeric=True),
    Column("unsure", gettext_lazy("To check"), "unsure", sort=("unsure",), template="prescriptions/cells/unsure.html"),
    Column("state", gettext_lazy("State"), "status", sort=("status",), template="prescriptions/cells/status.html"),
)


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """The prescriptions of the project."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    may_write = access.can(request.user, permissions.WRITE, found)
    table = Table(
        request,
        queries.documents_of(request.user, found),
        COLUMNS,
        name="prescriptions",
        caption=_("Prescriptions"),
        search=(number_is,),
        filters=(Filter("state", _("State"), Document.Status.choices, "status"),),
        order=("-number",),
        empty={
            "icon": "prescription",
            "title": _("No prescription yet"),
            "text": _(
                "Paste the text of a prescription: its lines are read as medicine, dose, frequency and duration, "
                "and you check them."
            ),
            "url": reverse("prescriptions:new", args=[found.slug]) if may_write else "",
            "action": _("Paste a prescription"),
        },
    )
    context = {
        "project": found,
        "may_write": may_write,
        "may_export": access.can(request.user, permissions.EXPORT, found),
        "may_evaluate": access.can(request.user, permissions.EVALUATE, found),
        "exportable": queries.exportable(found).count(),
    }
    return table.respond("prescriptions/list.html", context)


def number_is(word: str) -> Any:
    from django.db.models import Q

    return Q(number=int(word)) if word.isdecimal() and len(word) < 10 else Q(pk=None)


@page
def new(request: HttpRequest, project: str) -> HttpResponse:
    """Paste a text, or take a fictitious one."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.WRITE, found)
    form = TextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            document = services.structure_text(request.user, found, form.cleaned_data["text"])
        except Invalid as error:
            show_faults(form, error)
        else:
            return redirect(document)
    context = {"project": found, "form": form, "examples": EXAMPLES}
    return render(request, "prescriptions/new.html", context, status=422 if form.errors else 200)


@reads
def show(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The review workbench: the text with what was read in it, and the lines to check."""
    found = project_of(request.user, project)
    document = document_of(request.user, found, pk)
    lines = queries.lines_of(document)
    audit.record(request.user, "prescriptions.document_read", document)
    return render(request, "prescriptions/document.html", workbench(request, document, lines))


def workbench(request: HttpRequest, document: Document, lines: list[Line]) -> dict[str, Any]:
    reading = document.reading
    passages = reading.get("passages", [])
    return {
        "project": document.project,
        "document": document,
        "lines": [shown(line) for line in lines],
        "segments": segments(document.text, lines, passages),
        "kinds": KINDS.values(),
        "head": reading.get("document", {}),
        "head_date": date_of(reading),
        "head_supply": wording.supply(
            engine.decode(engine.Head, reading.get("document", {})).dispense, None, ald=False
        ),
        "stopped": [passage["name"] for passage in passages if passage["kind"] == "stopped" and passage.get("name")],
        "others": [passage["text"] for passage in passages if passage["kind"] == "other"],
        "waiting": sum(line.state == Line.State.WAITING for line in lines),
        "may_write": access.can(request.user, permissions.WRITE, document.project),
        "editable": access.can(request.user, permissions.WRITE, document.project)
        and document.status == Document.Status.DRAFT,
    }


def date_of(reading: dict[str, Any]) -> dt.date | None:
    """The date on the prescription, unless there is no such day."""
    try:
        return dt.date.fromisoformat(reading.get("document", {}).get("date") or "")
    except ValueError:
        return None


@writes
def finish(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request.user, project)
    document = document_of(request.user, found, pk)
    try:
        services.validate_document(request.user, document)
    except Invalid as error:
        for fault in error.faults:
            messages.error(request, str(fault.message))
        return redirect(document)
    messages.success(request, _("The review is finished."))
    return redirect("prescriptions:home", found.slug)


@writes
def reopen(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    document = document_of(request.user, project_of(request.user, project), pk)
    services.reopen_document(request.user, document)
    return redirect(document)


@writes
def delete(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request.user, project)
    services.delete_document(request.user, document_of(request.user, found, pk))
    messages.success(request, _("The prescription is deleted. It can be brought back from the list of deleted ones."))
    return redirect("prescriptions:home", found.slug)


@reads
def deleted(request: HttpRequest, project: str) -> HttpResponse:
    """What was deleted and can be brought back."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.WRITE, found)
    table = Table(
        request,
        queries.documents_of(request.user, found, deleted=True).select_related("deleted_by"),
        (
            Column("number", gettext_lazy("Prescription"), str, sort=("number",)),
            Column(
                "deleted",
                gettext_lazy("Deleted on"),
                "deleted_at",
                sort=("deleted_at",),
                template="prescriptions/cells/deleted.html",
            ),
            Column("lines", gettext_lazy("Lines"), "line_count", numeric=True),
            Column("act", gettext_lazy("Action"), "pk", template="prescriptions/cells/restore.html"),
        ),
        name="deleted",
        caption=_("Deleted prescriptions"),
        order=("-deleted_at",),
        empty={
            "icon": "trash",
            "title": _("Nothing is deleted"),
            "text": _("Deleted prescriptions stay here and can be brought back."),
        },
    )
    return table.respond("prescriptions/deleted.html", {"project": found})


@writes
def restore(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    document = document_of(request.user, project_of(request.user, project), pk, deleted=True)
    services.restore_document(request.user, document)
    return redirect(document)


@writes
def export(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request.user, project)
    job = services.start_export(request.user, found)
    return redirect("jobs:job", job.pk)
