"""Import data: upload a file, look at what it would change and at every wrong cell, save it, undo it."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.views import page, reads, writes
from ecrf import permissions, queries, rights
from ecrf.engine.exchange import data_formats
from ecrf.models import DataImport
from ecrf.models.forms import reader_language
from ecrf.services import imports
from ecrf.services.imports.acts import may_be_saved
from ecrf.web.intake_forms import ImportForm, UndoForm
from ecrf.web.places import project_of
from ecrf.web.readable import readable_at
from ecrf.web.tabs import tabs

SHOWN = 200
LISTED = 50


def import_of(request: HttpRequest, project: str, pk: UUID) -> DataImport:
    rows = DataImport.objects.filter(project=project_of(request.user, project))
    related = ("project", "form__current", "author", "job", "undone_by")
    found: DataImport = access.fetch(rows.select_related(*related), request.user, pk=pk)
    return found


@page
def new(request: HttpRequest, project: str) -> HttpResponse:
    """Send a file, beside those that were sent before."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.IMPORT, found)
    study_forms = list(queries.forms_of(request.user, found))
    form = ImportForm(request.POST or None, request.FILES or None, study_forms=study_forms, project=found)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        what = next(one for one in study_forms if one.key == values["form"])
        options = {name: values[name] for name in ("empty", "subjects", "site", "signed", "reason")}
        try:
            begun = imports.begin_import(
                request.user, what, values["file"], values["file"].name, kind=values["format"], options=options
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return redirect(begun)
    earlier = DataImport.objects.visible_to(request.user).filter(project=found)
    context = {
        "project": found,
        "tabs": tabs(request, found, "imports"),
        "form": form,
        "study_forms": study_forms,
        "earlier": earlier.select_related("form", "author")[:LISTED],
    }
    return render(request, "ecrf/data_import_new.html", context, status=422 if form.errors else 200)


@reads
def detail(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """How far a file is, what is wrong in it, what it changes."""
    found = import_of(request, project, pk)
    told = found.report or {}
    changes = readable(request, found, told.get("changes", []))
    if changes:
        audit.record(request.user, "ecrf.import_read", found, form=found.form.key, source=found.source)
    state = str(found.state)
    format_ = data_formats.FORMATS.get(found.format)
    context = {
        "project": found.project,
        "found": found,
        "format": format_.title if format_ else "",
        "state": state,
        "look": LOOKS[state],
        "counts": found.counts,
        "faults": told.get("faults", [])[:SHOWN],
        "warnings": told.get("warnings", [])[:SHOWN],
        "changes": changes[:SHOWN],
        "may_save": may_be_saved(found),
        "is_live": found.job is not None and found.job.is_live,
    }
    return render(request, "ecrf/data_import.html", context)


LOOKS = {
    "checking": ("running", "progress"),
    "faulty": ("failed", "alert-circle"),
    "ready": ("waiting", "circle-dashed"),
    "saving": ("running", "progress"),
    "done": ("done", "circle-check"),
    "undone": ("waiting", "arrow-back-up"),
    "discarded": ("waiting", "trash"),
}


def readable(request: HttpRequest, found: DataImport, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes on pages that the reader may read, in words."""
    if not access.can(request.user, permissions.READ, found.project):
        return []
    may, definition, language = rights.of(request.user, found.form), found.form.published.loaded, reader_language()
    events = {key: definition.text(event.title, language) for key, event in definition.events.items()}
    return [
        {
            **one,
            "event": events.get(one["event"], one["event"]),
            "label": queries.label_of(definition, one["item"], language),
            "before": readable_at(definition, one["item"], one["before"], language),
            "after": readable_at(definition, one["item"], one["after"], language),
        }
        for one in changes
        if may.reads(one["page"])
    ]


@reads
def faults(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Every wrong and every doubtful cell, as CSV."""
    found = import_of(request, project, pk)
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(["severity", "row", "column", "code", "message"])
    for severity, kind in (("error", "faults"), ("warning", "warnings")):
        for cell in (found.report or {}).get(kind, []):
            lines.writerow([severity, *(guarded(str(cell[name])) for name in ("row", "column", "code", "message"))])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="import-faults.csv"'
    return response


def guarded(text: str) -> str:
    """What a spreadsheet would take for a formula stays a text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


@writes
def confirm(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    return acted(request, import_of(request, project, pk), imports.confirm_import)


@writes
def check(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Try the file again, after the form or the records have changed."""
    return acted(request, import_of(request, project, pk), imports.check_again)


@writes
def discard(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    return acted(request, import_of(request, project, pk), imports.discard_import)


@writes
def undo(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    form = UndoForm(request.POST)
    form.is_valid()
    return acted(request, import_of(request, project, pk), imports.undo_import, form.cleaned_data.get("reason", ""))


def acted(request: HttpRequest, found: DataImport, act: Any, *arguments: str) -> HttpResponse:
    try:
        act(request.user, found, *arguments)
    except (Conflict, Invalid) as error:
        messages.error(request, str(error.message) or _("Say why the import is undone."))
    return redirect(found)
