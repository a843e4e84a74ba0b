"""The exports of a project: what was exported, by whom, its file; and those that come again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access
from core.accounts.models import User
from core.errors import Conflict
from core.files import downloads
from core.jobs.models import Job
from core.web.table import Column, Filter, Table
from core.web.templatetags.web import when
from core.web.views import reads, writes
from ecrf import messages as words
from ecrf import permissions, services
from ecrf.engine.exports import FORMATS
from ecrf.models import Export, Form
from ecrf.services.exports import levels, schedules
from ecrf.web.places import project_of
from ecrf.web.tabs import tabs
from ecrf.words import exporting


def day_of(moment: datetime) -> str:
    return when(moment)


def title_of(name: str) -> str:
    return FORMATS[name].title if name in FORMATS else _("Dataset")


def state_of(export: Export, jobs: dict[Any, Job]) -> str:
    if export.erased_at:
        return "erased"
    if export.finished_at:
        return "done"
    job = jobs.get(export.job)
    return str(job.state) if job else "cancelled"


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """Past exports and those that come again, for who may export; others read who could."""
    found = project_of(request.user, project)
    most = levels.ceiling(request.user, found)
    if most == "none":
        access.require(request.user, permissions.READ, found)
    rows = (
        Export.objects.visible_to(request.user)
        .filter(form__project=found)
        .select_related("form__project", "author", "since", "file")
        .defer("marks", "since__marks")
    )
    forms = levels.forms_of(request.user, found)
    jobs: dict[Any, Job] = {}
    table = Table(
        request,
        rows,
        (
            Column(
                "created_at", _("Export of"), link=True, sort=("created_at",), value=lambda one: day_of(one.created_at)
            ),
            Column("form", _("Form"), sort=("form__title",)),
            Column("format", _("Format"), sort=("format",), value=lambda one: title_of(one.format)),
            Column("level", _("Persons"), value=lambda one: exporting.HELD[one.level]),
            Column("since", _("Since"), value=lambda one: day_of(one.since.created_at) if one.since else ""),
            Column("author", _("By")),
            Column("records", _("Records"), numeric=True, sort=("records",)),
            Column("state", _("State"), value=lambda one: state_of(one, jobs), template="ecrf/exports/state.html"),
        ),
        name="exports",
        caption=_("Exports"),
        filters=(
            Filter("form", _("Form"), [(one.key, str(one)) for one in forms], lookup="form__key"),
            Filter("format", _("Format"), [(one.name, one.title) for one in FORMATS.values()], lookup="format"),
        ),
        order=("-created_at",),
        empty={
            "icon": "file-export",
            "title": _("Nothing was exported yet"),
            "text": _("Choose a form: you then say which records leave, in which format, and how much of persons."),
        },
    )
    shown = cast("list[Export]", table.page.object_list)
    keys = [one.job for one in shown if not one.finished_at and one.job]
    jobs |= {job.pk: job for job in Job.objects.filter(pk__in=keys)}
    context = {
        "project": found,
        "tabs": tabs(request, found, "exports"),
        "forms": forms,
        "may_export": most != "none",
        "schedules": [scheduled(row) for row in schedules(found)] if most != "none" else [],
        "table": table,
    }
    return table.respond("ecrf/exports/list.html", context)


def scheduled(row: Any) -> dict[str, Any]:
    """A schedule in words."""
    form = Form.objects.filter(pk=row.arguments["form_id"]).first()
    choices = row.arguments["choices"]
    return {
        "row": row,
        "form": form,
        "format": title_of(row.arguments["format_"]),
        "level": exporting.HELD[choices["level"]],
        "every": exporting.RHYTHMS.get(row.every, row.every),
        "since": bool(choices["since"]),
        "sealed": bool(choices["recipient"]),
    }


def export_of(request: HttpRequest, project: str, pk: UUID) -> Export:
    rows = Export.objects.filter(form__project=project_of(request.user, project))
    related = ("form__project", "form__current", "author", "since", "file", "version")
    found: Export = access.fetch(rows.select_related(*related).defer("marks", "since__marks"), request.user, pk=pk)
    return found


@reads
def detail(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """What was asked, how far it is, what came of it."""
    export = export_of(request, project, pk)
    job = Job.objects.filter(pk__in=[export.job] if export.job else []).select_related("owner", "project").first()
    context = {
        "project": export.form.project,
        "export": export,
        "job": None if export.finished_at else job,
        "format": title_of(export.format),
        "facts": facts(export),
        "losses": [(loss["place"], words.words(loss["code"], loss["params"])) for loss in export.losses],
        "may_download": export.has_file and levels.may_download(request.user, export),
        "result_url": job.result_url if job and export.format == "dataset" else "",
    }
    return render(request, "ecrf/exports/detail.html", context)


def facts(export: Export) -> list[tuple[str, Any]]:
    """The choices in words, those that narrow what is in it or change how it is told."""
    choices = export.choices
    definition, language = export.form.published.loaded, choices["language"]
    events = [
        definition.text(definition.events[key].title, language) for key in choices["events"] if key in definition.events
    ]
    pages = [definition.text(one.title, language) for one in definition.pages if one.key in choices["only"]]
    told = {
        _("Persons"): exporting.LEVELS[export.level],
        _("Pages"): "" if choices["pages"] == "all" else exporting.PAGES[choices["pages"]],
        _("Only these pages"): ", ".join(pages),
        _("Only these visits"): ", ".join(events),
        _("Only these sites"): ", ".join(choices["sites"]),
        _("Language of the labels"): language,
        _("Choices"): _("labels") if choices["labels"] else _("codes"),
        _("Statuses"): "" if choices["statuses"] else _("left out"),
        _("History"): _("with each change") if choices["history"] else "",
        _("Sealed for"): choices["recipient"],
    }
    return [(name, value) for name, value in told.items() if value]


@reads
def file(request: HttpRequest, project: str, pk: UUID) -> HttpResponseBase:
    """The file, or a part of it."""
    export = export_of(request, project, pk)
    if export.file is None:
        raise Http404
    try:
        told = export.erased_at is None and downloads.is_new(request, export.file)
        stored = services.download_export(request.user, export, told=told)
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect(export)
    return downloads.send(request, stored, name=export.file_name, media_type=stored.media_type)


@writes
def erase(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    export = export_of(request, project, pk)
    services.erase_export(request.user, export)
    messages.success(request, _("The file is erased. The export stays in the list."))
    return redirect(export)


@writes
def end_schedule(request: HttpRequest, project: str, key: str) -> HttpResponse:
    found = project_of(request.user, project)
    if levels.ceiling(request.user, found) == "none":
        access.require(request.user, permissions.EXPORT_DEIDENTIFIED, found)
    try:
        row = schedules(found).filter(key=key).first()
    except ValidationError:
        row = None
    if row is None:
        raise Http404
    assert isinstance(request.user, User)
    services.unschedule_export(request.user, found, key)
    messages.success(request, _("This export is made no more. Its files stay."))
    return redirect("ecrf:exports", found.slug)
