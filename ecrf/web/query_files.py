"""Queries from a file: upload, look at every wrong cell or at what will be opened, open; and the study's rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import access
from core.errors import Conflict, Invalid
from core.files import taking
from core.web.views import page, reads, writes
from ecrf import permissions, services
from ecrf.engine.query_file import MAX_BYTES
from ecrf.models import Entry, QueryBatch, QueryPolicy
from ecrf.services.query_files import faults_of
from ecrf.web.faults import placed
from ecrf.web.places import project_of

SHOWN = 200


class QueryFileForm(forms.Form):
    file = forms.FileField(
        label=_("File of queries (CSV)"),
        help_text=_("A row each, with the columns subject, event, page, instance, field, text and, if wanted, assign."),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        validators=[taking.Takes(taking.Kind.TEXT)],
    )

    def clean_file(self) -> tuple[str, bytes]:
        sent = self.cleaned_data["file"]
        if sent.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
        return str(sent.name), sent.read()


class PolicyForm(forms.Form):
    from_warnings = forms.BooleanField(label=_("Warnings of the form open queries too"), required=False)
    answer_within = forms.IntegerField(label=_("Days to answer"), required=False, min_value=1, max_value=3650)


@page
def upload(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request.user, project)
    access.require(request.user, permissions.OPEN, found)
    form = QueryFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        name, content = form.cleaned_data["file"]
        return redirect(services.read_queries(request.user, found, content, name))
    return render(
        request, "ecrf/query_upload.html", {"project": found, "form": form}, status=422 if form.errors else 200
    )


def batch_of(request: HttpRequest, project: str, pk: UUID) -> QueryBatch:
    """A file that the reader himself has read: it may hold questions about other sites than another's."""
    rows = QueryBatch.objects.filter(project=project_of(request.user, project), author=request.user.pk)
    found: QueryBatch = access.fetch(rows.select_related("project"), request.user, pk=pk)
    return found


@reads
def preview(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What is wrong in the file, cell by cell; or what will be opened."""
    batch = batch_of(request, project, pk)
    rows = batch.rows[:SHOWN]
    subjects = Entry.objects.filter(pk__in={row["entry"] for row in rows}).select_related("subject").defer("values")
    numbers = {str(entry.pk): entry.subject.number for entry in subjects}
    context = {
        "project": batch.project,
        "batch": batch,
        "faults": [placed(fault.place, fault.message) for fault in faults_of(batch)],
        "rows": [{**row, "subject": numbers.get(row["entry"], "")} for row in rows],
        "more": max(0, len(batch.rows) - SHOWN),
    }
    return render(request, "ecrf/query_batch.html", context)


@writes
def confirm(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    batch = batch_of(request, project, pk)
    try:
        done: Any = services.open_batch(request.user, batch)
    except (Conflict, Invalid) as error:
        messages.error(request, str(error.message))
        return redirect(batch)
    if not isinstance(done, int):
        return redirect("jobs:job", done.pk)
    messages.success(request, ngettext("%(n)s query is open.", "%(n)s queries are open.", done) % {"n": done})
    return redirect("ecrf:query_list", batch.project.slug)


@writes
def discard(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    batch = batch_of(request, project, pk)
    services.discard_batch(request.user, batch)
    return redirect("ecrf:query_upload", batch.project.slug)


@page
def policy(request: HttpRequest, project: str) -> HttpResponse:
    """What the study settles about queries."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    held = QueryPolicy.objects.filter(project=found).first() or QueryPolicy()
    initial = {"from_warnings": held.from_warnings, "answer_within": held.answer_within}
    form = PolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_query_policy(request.user, found, **form.cleaned_data)
        messages.success(request, _("The rules for queries are changed."))
        return redirect("ecrf:query_list", found.slug)
    return render(
        request, "ecrf/query_policy.html", {"project": found, "form": form}, status=422 if form.errors else 200
    )
