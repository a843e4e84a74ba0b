"""Correct and settle one line of the workbench: answers with the line's card, or goes back to the page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.errors import Conflict, Invalid
from core.web.views import wants_fragment, writes
from prescriptions import queries, services
from prescriptions.models import Line
from prescriptions.web.fields import shown
from prescriptions.web.places import line_of, project_of


@writes
def correct(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One field in new words."""
    line = line_of(request.user, project_of(request.user, project), pk)
    field, words = request.POST.get("field", ""), request.POST.get("words", "")
    try:
        line = services.correct_line(request.user, line, field, words, _revision(request))
    except Invalid as error:
        return _card(
            request, line, status=422, fault={"path": field, "words": words, "message": str(error.faults[0].message)}
        )
    except Conflict as error:
        return _moved(request, line, error)
    return _card(request, line)


@writes
def settle(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Validate, set aside, or take up again."""
    line = line_of(request.user, project_of(request.user, project), pk)
    try:
        line = services.settle_line(request.user, line, request.POST.get("state", ""), _revision(request))
    except Conflict as error:
        return _moved(request, line, error)
    except Invalid as error:
        return _card(
            request, line, status=422, fault={"path": "", "words": "", "message": str(error.faults[0].message)}
        )
    return _card(request, line)


def _revision(request: HttpRequest) -> int:
    asked = request.POST.get("revision", "")
    return int(asked) if asked.isdecimal() and len(asked) < 9 else -1


def _moved(request: HttpRequest, line: Line, error: Conflict) -> HttpResponse:
    """Somebody was quicker: the card as it is now, and why."""
    now = Line.objects.select_related("document__project", "corrected_by", "settled_by").get(pk=line.pk)
    return _card(request, now, status=422, fault={"path": "", "words": "", "message": str(error)})


def _card(request: HttpRequest, line: Line, status: int = 200, fault: dict[str, str] | None = None) -> HttpResponse:
    if not wants_fragment(request):
        if fault:
            messages.error(request, fault["message"])
        return redirect(line.document)
    document = line.document
    context = {
        "project": document.project,
        "document": document,
        "shown": shown(line),
        "fault": fault,
        "editable": document.status == document.Status.DRAFT,
        "waiting": sum(each.state == Line.State.WAITING for each in queries.lines_of(document)),
        "swapped": True,
    }
    return render(request, "prescriptions/card.html", context, status=status)
