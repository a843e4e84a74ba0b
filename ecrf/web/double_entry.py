"""The second entry of a page, filled in blind with the same element as the first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.web.views import reads, writes
from ecrf import queries, rights, services
from ecrf.engine import Sheet, moments
from ecrf.engine.narrowing import narrowed
from ecrf.models import Form, SecondEntry, Subject
from ecrf.models.entries import sheet_url
from ecrf.models.forms import reader_language
from ecrf.services.contexts import context_of
from ecrf.services.double_plans import reconciled_pages, second_on
from ecrf.services.second_entries import entry_of_sheet, evaluated, pages_twice, require_second
from ecrf.web.places import form_of, project_of, sheet_of
from ecrf.web.readable import sheet_title
from ecrf.web.saving import sent_by


def place_of(request: HttpRequest, project: str, subject: UUID, form: str) -> tuple[Project, Subject, Form, Sheet]:
    """What an address names; the pages that are entered twice are there for who enters them the second time."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    what = form_of(request.user, found, form)
    sheet = sheet_of(request, what)
    if not pages_twice(what, sheet):
        raise Http404
    return found, who, what, sheet


@reads
def show(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The second entry of a sheet, or why it is somebody else's."""
    found, who, what, sheet = place_of(request, project, subject, form)
    definition, language = what.published.loaded, reader_language()
    context: dict[str, Any] = {
        "project": found,
        "subject": who,
        "form": what,
        "sheet_title": sheet_title(definition, sheet, language),
    }
    try:
        require_second(request.user, who, what, sheet)
    except Conflict as error:
        return render(request, "ecrf/second_entry.html", {**context, "fault": error.message}, status=409)
    second = second_on(who, what, sheet)
    if second is not None:
        audit.record(request.user, "ecrf.second_entry_read", second, form=what.key, revision=second.revision)
    data = presented(who, what, sheet, second)
    context["data"] = {
        **data,
        "version": what.published.number,
        "language": language,
        "page": request.GET.get("page", ""),
        "title": definition.text(definition.data["title"], language) or what.title,
        "editable": True,
        "may": {"sign": False, "lock": False},
        "mayVerify": False,
        "urls": {
            "save": sheet_url("save_second", who, what.key, sheet),
            "state": sheet_url("second_state", who, what.key, sheet),
            "sign": "",
        },
    }
    return render(request, "ecrf/second_entry.html", context)


def presented(who: Subject, what: Form, sheet: Sheet, second: SecondEntry | None) -> dict[str, Any]:
    """The pages that are entered twice, with what was entered the second time, and nothing of any other page."""
    definition = what.published.loaded
    twice = pages_twice(what, sheet)
    others = frozenset(page.key for page in definition.pages if page.key not in twice)
    may = rights.PageRights(hidden=others)
    values, notes = (second.values, second.notes or {}) if second else ({}, {})
    state = evaluated(who, what, sheet, values, notes)
    context = rights.context_for(may, definition, context_of(who, form=what, definition=definition, sheet=sheet))
    blind = rights.context_for(rights.PageRights(hidden=frozenset(twice)), definition, context)
    closed = reconciled_pages(entry_of_sheet(who, what, sheet))
    return {
        "definition": narrowed(definition, others, state)[0],
        "revision": second.revision if second else 0,
        "values": values,
        "notes": notes,
        "complete": [key for key, page in second.pages.items() if page["complete"]] if second else [],
        "locked": False,
        "held": {"pages": sorted(closed & set(twice)), "items": []},
        "signatures": [],
        "saved": {"by": str(second.author), "at": second.updated_at.isoformat()} if second else None,
        "context": {**asdict(blind), "now": moments.write(blind.now)},
        "record": None,
        "remarks": [],
    }


@reads
def state(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """The second entry as it is now, for a browser that is behind."""
    _found, who, what, sheet = place_of(request, project, subject, form)
    try:
        require_second(request.user, who, what, sheet)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    shown = presented(who, what, sheet, second_on(who, what, sheet))
    return JsonResponse({**shown, "changes": []})


@writes
def save(request: HttpRequest, project: str, subject: UUID, form: str) -> HttpResponse:
    """Save what the browser sends, as for a first entry."""
    _found, who, what, sheet = place_of(request, project, subject, form)
    try:
        sent = sent_by(request)
        names = ("values", "notes", "complete", "draft")
        saved = services.save_second(
            request.user,
            who,
            what,
            sent["base"],
            sheet=sheet,
            shown=sent["version"],
            **{name: sent[name] for name in names},
        )
    except Invalid as error:
        faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
        return JsonResponse({"message": str(error.message) or _("Nothing was saved."), "errors": faults}, status=422)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": str(error.message), "changes": []}, status=409)
    return JsonResponse(presented(who, what, sheet, saved.second))
