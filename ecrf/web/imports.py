"""Import a form: upload a file, or read what is wrong with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core import access
from core.access.models import Project
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.views import page
from ecrf import permissions, services
from ecrf.models import Form
from ecrf.web.faults import placed
from ecrf.web.forms import FormFileForm
from ecrf.web.places import form_of, project_of


@page
def upload(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request.user, project)
    access.require(request.user, permissions.DESIGN, found)
    return answer(request, found, None)


@page
def upload_next(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """The next version of a form that exists."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.DESIGN, found, obj=what)
    return answer(request, found, what)


def answer(request: HttpRequest, project: Project, next_of: Form | None) -> HttpResponse:
    form = FormFileForm(request.POST or None, request.FILES or None, next_version=next_of is not None)
    rows: list[dict[str, Any]] = []
    refusal: Any = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        other = "en" if values["language"] == "fr" else "fr"
        try:
            draft = services.read_form(
                request.user,
                project,
                values["file"],
                title=values.get("title", ""),
                source=form.file_name,
                kind=values["format"] or None,
                language=values["language"],
                translations={other: values["translation"]} if values["translation"] else None,
                ranges=values["ranges"],
                form=next_of,
            )
        except Invalid as error:
            own = [fault for fault in error.faults if fault.place in form.fields]
            rows = [placed(fault.place, fault.message) for fault in error.faults if fault not in own]
            refusal = error.message
            show_faults(form, Invalid(own))
        else:
            return redirect("ecrf:draft", project.slug, draft.pk)
    context = {"project": project, "form": form, "next_of": next_of, "rows": rows, "refusal": refusal}
    return render(request, "ecrf/import.html", context, status=422 if form.errors or rows else 200)
