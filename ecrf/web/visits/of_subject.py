"""The visits of a subject: as lines of his page, added and settled by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core import access
from core.errors import Conflict, Invalid
from core.web.views import writes
from ecrf import queries, services, visiting
from ecrf.engine import Sheet
from ecrf.models import Form, Subject, Visit
from ecrf.models.entries import sheet_url
from ecrf.services.visits import may_be_added
from ecrf.web.places import form_of, project_of
from ecrf.web.visits.titles import Line, Titles


def lines(subject: Subject, forms: Sequence[Form]) -> list[Line]:
    """The visits of a subject, form by form in their order; common events have none."""
    titles = Titles(forms)
    rows = list(Visit.objects.filter(subject=subject, form__in=forms).order_by("form__created_at", "place", "instance"))
    for one in rows:
        one.subject, one.form = subject, titles.forms[one.form_id]
    return [titles.line(one) for one in rows]


def addable(forms: Sequence[Form]) -> list[tuple[str, str]]:
    """The visits that may be added: those that no plan foresees, and those that come more than once."""
    titles = Titles(forms)
    return [
        (f"{form.key}:{key}", titles.of(form.pk, key))
        for form in forms
        for key, event in form.published.loaded.events.items()
        if may_be_added(event)
    ]


@writes
def add(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """One more visit of a subject."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    key, _colon, event = request.POST.get("what", "").partition(":")
    form = form_of(request.user, found, key)
    try:
        visit = services.add_visit(request.user, who, form, event, day_in(request))
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
        return redirect(who)
    messages.success(request, _("The visit is added."))
    return redirect(sheet_url("entry", who, form.key, Sheet(visit.event, "", visit.instance)))


@writes
def settle(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Set by hand what can't be computed of a visit."""
    found = project_of(request.user, project)
    visit: Visit = access.fetch(visiting.visits_of(request.user, found), request.user, pk=pk)
    try:
        services.settle_visit(
            request.user, visit, request.POST.get("act", ""), day_in(request), request.POST.get("reason", "")
        )
        messages.success(request, _("Saved."))
    except (Invalid, Conflict) as error:
        faults = getattr(error, "faults", ())
        messages.error(request, " ".join(str(fault.message) for fault in faults) or str(error))
    return redirect(visit.subject)


def day_in(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.POST.get("day", ""))
    except ValueError:
        return None
