"""A new prescription from a text; the end of a review, its reopening, deletion and export."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.views import page, writes
from prescriptions import permissions, services
from prescriptions.examples import EXAMPLES
from prescriptions.services.documents import LONGEST
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
