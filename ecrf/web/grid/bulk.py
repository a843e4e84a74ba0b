"""What is done to the ticked subjects of the grid at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext

from core import access
from core.web.views import page, see_other
from ecrf import permissions, queries, services
from ecrf.models import Subject
from ecrf.models.forms import reader_language
from ecrf.web.places import project_of

MOST = 500
"""So many are acted on at once."""


@page
def lock(request: HttpRequest, project: str) -> HttpResponse:
    """Lock the ticked subjects, or one event of each: asks for a reason first, then does it to all or none."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    access.require(request.user, permissions.LOCK, found)
    chosen = selected(request, queries.subjects_of(request.user, found))
    back = reverse("ecrf:home", args=[found.slug])
    if not chosen:
        return see_other(back, request)
    language = reader_language()
    events = {
        key: definition.text(event.title, language)
        for form in queries.forms_of(request.user, found)
        for definition in [form.published.loaded]
        for key, event in definition.events.items()
    }
    if "confirmed" not in request.POST:
        context = {"project": found, "subjects": chosen, "events": list(events.items())}
        return render(request, "ecrf/grid/lock.html", context)
    event = request.POST.get("event", "")
    done = services.lock_subjects(
        request.user, chosen, event if event in events else "", request.POST.get("reason", "").strip()
    )
    messages.success(request, ngettext("%(n)s subject is locked.", "%(n)s subjects are locked.", done) % {"n": done})
    return see_other(back, request)


def selected(request: HttpRequest, rows: QuerySet[Subject]) -> list[Subject]:
    """The ticked subjects that the reader may see."""
    asked = []
    for each in request.POST.getlist("selected")[:MOST]:
        try:
            asked.append(UUID(each))
        except ValueError:
            continue
    return list(rows.filter(pk__in=asked).order_by("site__code", "sequence"))
