"""Pages of a version's dictionary: edit it in a grid, read it in and out, look at its history and go back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.datasets.engine.dictionary import entries
from core.datasets.engine.dictionary.exchange import LARGEST
from core.datasets.models import DatasetVersion, DictionaryRevision
from core.datasets.queries import revision_of
from core.datasets.services import counts, dictionary
from core.datasets.web.forms import DictionaryFileForm, DictionaryForm, ReasonForm
from core.datasets.web.views import context_of, found_version
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.table import Column, Table
from core.web.views import page, reads, see_other

PER_PAGE = 50
FILES = {"csv": ("text/csv; charset=utf-8", "csv"), "tableschema": ("application/json", "json")}
COLUMNS = (
    Column("number", gettext_lazy("Revision"), sort=("number",), template="datasets/cells/revision.html"),
    Column("act", gettext_lazy("What was done"), value="get_act_display"),
    Column("reason", gettext_lazy("Why"), sort=("reason",)),
    Column("created_by", gettext_lazy("By"), sort=("created_by__full_name",)),
    Column("created_at", gettext_lazy("When"), sort=("created_at",), template="datasets/cells/revised.html"),
)


def editable(request: HttpRequest, project: str, name: str, number: int) -> DatasetVersion:
    """The version, or 404; refused to who sees it and may not edit its dictionary."""
    found = found_version(request, project, name, number)
    access.require(request.user, dictionary.EDIT, found.dataset.project, obj=found)
    return found


@page
def edit(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """The dictionary as a grid, fifty columns a page."""
    found = editable(request, project, name, number)
    shown = Paginator(found.columns, PER_PAGE).get_page(request.GET.get("page"))
    form = DictionaryForm(list(shown.object_list), shown.start_index(), found.revision, request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            dictionary.edit(
                request.user,
                found,
                form.edits,
                reason=given["reason"],
                revision=given["revision"],
                everywhere=given["everywhere"],
            )
        except Invalid as error:
            faults = [replace(fault, place=form.place_of(fault.place)) for fault in error.faults]
            show_faults(form, Invalid(faults, error.message))
        except Conflict as error:
            form.add_error(None, str(error.message))
            status = 409
        else:
            messages.success(request, _("The dictionary is saved as revision %(number)s.") % {"number": found.revision})
            return see_other(found.get_absolute_url(), request)
    context = {**context_of(request, found, "version"), "form": form, "shown": shown}
    return render(request, "datasets/dictionary.html", context, status=422 if form.errors and status == 200 else status)


@page
def import_(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """Read a dictionary in."""
    found = editable(request, project, name, number)
    form = DictionaryFileForm(request.POST or None, request.FILES or None, initial={"revision": found.revision})
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            data = given["file"].read(LARGEST + 1)
            dictionary.from_file(request.user, found, data, reason=given["reason"], revision=given["revision"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
            status = 409
        else:
            messages.success(request, _("The dictionary is saved as revision %(number)s.") % {"number": found.revision})
            return see_other(found.get_absolute_url(), request)
    context = {**context_of(request, found, "version"), "form": form}
    status = 422 if form.errors and status == 200 else status
    return render(request, "datasets/dictionary_import.html", context, status=status)


@reads
def file(request: HttpRequest, project: str, name: str, number: int, form: str) -> HttpResponse:
    """The dictionary as a file."""
    found = found_version(request, project, name, number)
    if form not in FILES:
        raise Http404
    media_type, suffix = FILES[form]
    response = HttpResponse(dictionary.export(request.user, found, form), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{found.dataset.name}-v{number}-dictionary.{suffix}"'
    return response


@reads
def history(request: HttpRequest, project: str, name: str, number: int) -> HttpResponse:
    """Every revision, the newest first."""
    found = found_version(request, project, name, number)
    rows = DictionaryRevision.objects.visible_to(request.user).filter(version=found).select_related("created_by")
    table = Table(
        request,
        rows.defer("about"),
        COLUMNS,
        name="revisions",
        caption=_("Revisions of the dictionary"),
        empty={
            "icon": "history",
            "title": _("The dictionary is as it was published"),
            "text": _("Each edit will be listed here, with who made it, when and why; none is ever lost."),
            "url": reverse("datasets:dictionary", args=[project, name, number])
            if access.can(request.user, dictionary.EDIT, found.dataset.project)
            else "",
            "action": _("Edit the dictionary"),
        },
    )
    return table.respond("datasets/revisions.html", context_of(request, found, "revisions"))


@page
def revision(request: HttpRequest, project: str, name: str, number: int, revision: int) -> HttpResponse:
    """A revision, what differs from another (the newest where none is chosen), and the way back to it."""
    found = found_version(request, project, name, number)
    row = revision_of(request.user, found, revision)
    form = ReasonForm(request.POST or None, initial={"revision": found.revision})
    if request.method == "POST":
        access.require(request.user, dictionary.EDIT, found.dataset.project, obj=found)
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            dictionary.restore(request.user, found, revision, reason=given["reason"], revision=given["revision"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
            status = 409
        else:
            messages.success(request, _("Revision %(number)s counts again.") % {"number": revision})
            return see_other(found.get_absolute_url(), request)
    context = {
        **context_of(request, found, "revisions"),
        "form": form,
        "revision": row,
        "revision_number": revision,
        **compared(request, found, revision),
    }
    return render(request, "datasets/revision.html", context, status=422 if form.errors and status == 200 else status)


def compared(request: HttpRequest, version: DatasetVersion, number: int) -> dict[str, Any]:
    """The entries of a revision, and what another one, named in the address, says differently."""
    asked = request.GET.get("with", "")
    other = int(asked) if asked.isdecimal() and int(asked) <= version.revision else version.revision
    said = dictionary.revision_of(version, number)
    types = {column["name"]: column for column in version.published}
    return {
        "columns": counts.described(request.user, version, [{**types[entry["name"]], **entry} for entry in said]),
        "other": other,
        "numbers": range(version.revision + 1),
        "changes": entries.changes(said, dictionary.revision_of(version, other)),
    }
