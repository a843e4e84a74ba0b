"""The timeline of a subject."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import access
from core.web.views import reads
from ecrf import queries
from ecrf.models import Subject
from ecrf.timeline import KINDS, Timeline
from ecrf.web.places import project_of

PER_PAGE = 100


@reads
def page(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """Everything of a subject, newest first, or one kind of it."""
    found = project_of(request.user, project)
    rows = queries.subjects_of(request.user, found).select_related("included_by")
    who: Subject = access.fetch(rows, request.user, pk=subject)
    kind = request.GET.get("show", "")
    moments = Timeline(request.user, who, list(queries.forms_of(request.user, found))).moments(kind)
    context = {
        "project": found,
        "subject": who,
        "page": Paginator(moments, PER_PAGE).get_page(request.GET.get("page")),
        "kinds": list(KINDS.items()),
        "kind": kind if kind in KINDS else "",
    }
    return render(request, "ecrf/timeline.html", context)
