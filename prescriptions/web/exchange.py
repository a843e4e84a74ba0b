"""Prescriptions as files, one or several, and as datasets."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.views import page, reads
from prescriptions import permissions, queries, services
from prescriptions.formats import DATASETS, FORMS
from prescriptions.models import Document
from prescriptions.services.exchange import Download
from prescriptions.web.places import document_of, project_of

_span = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
WIDEST = 100_000
"""Numbers that one span may name."""


class ExportForm(forms.Form):
    """What leaves, and how."""

    numbers = forms.CharField(
        label=gettext_lazy("Numbers of the prescriptions"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("For instance “1-20, 35”; empty: all of them."),
    )
    form = forms.ChoiceField(
        label=gettext_lazy("Format"),
        widget=forms.RadioSelect,
        initial="file-fhir",
        choices=[
            (gettext_lazy("One file, now"), [(f"file-{key}", form.label) for key, form in FORMS.items()]),
            (gettext_lazy("A dataset of all prescriptions, by a job"), [(f"data-{k}", v) for k, v in DATASETS.items()]),
        ],
    )
    unreviewed = forms.BooleanField(
        label=gettext_lazy("With those that nobody has reviewed"),
        required=False,
        help_text=gettext_lazy("They are marked as drafts."),
    )

    def clean_numbers(self) -> set[int]:
        """The numbers that are named: a set, empty for all. Spans are `1-20`."""
        found: set[int] = set()
        for part in re.split(r"[\s,;]+", self.cleaned_data["numbers"].strip()):
            if not part:
                continue
            span = _span.fullmatch(part)
            first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
            if not first <= last <= first + WIDEST:
                raise forms.ValidationError(
                    _("“%(part)s” is neither a number nor a span such as 1-20.") % {"part": part}
                )
            found.update(range(first, last + 1))
        return found


@page
def export(request: HttpRequest, project: str) -> HttpResponse:
    """Choose prescriptions and a format; the list's selection comes here by its numbers."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.EXPORT, found)
    if request.method == "POST" and "selected" in request.POST:
        rows = queries.to_export(request.user, found, unreviewed=True).filter(pk__in=_keys(request))
        numbers = ", ".join(str(number) for number in rows.values_list("number", flat=True))
        return _page(request, found, ExportForm(initial={"numbers": numbers}))
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _answer(request, found, form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
    return _page(request, found, form)


def _keys(request: HttpRequest) -> list[UUID]:
    found = []
    for key in request.POST.getlist("selected"):
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return found


def _answer(request: HttpRequest, project: Any, data: dict[str, Any]) -> HttpResponse:
    way, _dash, form = data["form"].partition("-")
    if way == "data":
        return redirect("jobs:job", services.start_dataset(
            request.user, project, form, unreviewed=data["unreviewed"]).pk)  # fmt: skip
    documents = list(
        queries.to_export(
            request.user, project, data["numbers"], unreviewed=data["unreviewed"] or bool(data["numbers"])
        )
    )
    made = services.export_documents(request.user, project, documents, form, unreviewed=data["unreviewed"])
    return attached(made)


def _page(request: HttpRequest, project: Any, form: ExportForm) -> HttpResponse:
    context = {"project": project, "form": form, "ready": queries.to_export(request.user, project).count()}
    return render(request, "prescriptions/export.html", context, status=422 if form.errors else 200)


@reads
def one(request: HttpRequest, project: str, pk: UUID, form: str) -> HttpResponse:
    """One prescription as a file; `?unreviewed=1` also where nobody has reviewed it."""
    found = project_of(request.user, project)
    document: Document = document_of(request.user, found, pk)
    asked = request.GET.get("unreviewed") == "1"
    made = services.export_documents(request.user, found, [document], form, unreviewed=asked)
    return attached(made)


def attached(made: Download) -> HttpResponse:
    """A download that no cache keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return HttpResponse(made.content, content_type=made.media_type, headers=headers)
