"""The plan de prise of a prescription, as a page and on paper."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.web.forms import DayInput
from core.web.views import reads
from prescriptions import services
from prescriptions.models import Document
from prescriptions.web.places import document_of, project_of


class PlanForm(forms.Form):
    """From when, and in which language the patient reads."""

    start = forms.DateField(label=_("First day of the treatment"), required=False, widget=DayInput())
    lang = forms.ChoiceField(
        label=_("Language of the plan"), required=False, choices=[("fr", "Français"), ("en", "English")]
    )


def asked(request: HttpRequest) -> tuple[PlanForm, str, dt.date | None]:
    """(form, language, first day): what isn't understood is left out, and said at its field."""
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    form = PlanForm({"lang": language, **request.GET.dict()})
    if form.is_valid():
        return form, form.cleaned_data["lang"] or language, form.cleaned_data["start"]
    known: dict[str, Any] = form.cleaned_data
    return form, known.get("lang") or language, known.get("start")


@reads
def show(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What to take when, with dates where a first day is given."""
    document = document_of(request.user, project_of(request.user, project), pk)
    form, language, start = asked(request)
    context = {
        "project": document.project,
        "document": document,
        "form": form,
        "plan": services.make_plan(request.user, document, language, start),
        "chosen": {"lang": language, "start": start.isoformat() if start else ""},
        "reviewed": document.status == Document.Status.REVIEWED,
    }
    return render(request, "prescriptions/schedule.html", context, status=422 if form.errors else 200)


@reads
def paper(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The same for the printer: A4, black on white."""
    document = document_of(request.user, project_of(request.user, project), pk)
    _form, language, start = asked(request)
    made = services.print_plan(request.user, document, language, start)
    return pdf(made, f"plan-{document.number}.pdf")


def pdf(content: bytes, name: str) -> HttpResponse:
    """Opened in the browser, kept by no cache."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
