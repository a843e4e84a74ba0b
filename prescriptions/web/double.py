"""Two readings of one prescription: begun, compared, settled; and how the review of a project goes on the whole."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Invalid
from core.web.views import page, reads, writes
from prescriptions import blinding, measures, opinions, permissions, services
from prescriptions.engine import agreement
from prescriptions.models import Line, Rules
from prescriptions.services.double import FIRST, SECOND, differing, paired
from prescriptions.web.fields import LABELS
from prescriptions.web.places import document_of, project_of


@writes
def begin(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Read a prescription oneself."""
    document = document_of(request.user, project_of(request.user, project), pk)
    try:
        return redirect(services.begin_reading(request.user, document))
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect("prescriptions:home", project)


@page
def compare(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The lines on which two readings differ, side by side; one of them is chosen for each."""
    found = project_of(request.user, project)
    document = document_of(request.user, found, pk)
    access.require(request.user, permissions.ADJUDICATE, found, obj=document)
    first, twin = blinding.readings(document)
    if twin is None or not (first.read_at and twin.read_at):
        messages.info(request, _("Both readings are to be finished first."))
        return redirect(document)
    if request.method == "POST":
        choices = {
            int(name.removeprefix("pair-")): str(value)
            for name, value in request.POST.items()
            if name.startswith("pair-") and name.removeprefix("pair-").isdecimal()
        }
        try:
            services.adjudicate(request.user, first, choices)
        except (Conflict, Invalid) as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("The differences are settled, and the review is finished."))
            return redirect(first)
    else:
        audit.record(request.user, "prescriptions.document_read", first)
    rows = paired(first, twin)
    context = {
        "project": found,
        "document": first,
        "rows": [side_by_side(place, *rows[place]) for place in differing(first, twin)],
        "count": len(rows),
    }
    return render(request, "prescriptions/compare_readings.html", context)


def side_by_side(place: int, one: Line | None, other: Line | None) -> dict[str, object]:
    """A pair of lines as the page shows it: what both say where they differ."""
    reads_ = [line.read if line else None for line in (one, other)]
    fields = agreement.differences(*reads_)
    return {
        "name": f"pair-{place}",
        "text": (one or other).reading["text"],  # type: ignore[union-attr]
        "sides": [
            {
                "value": value,
                "line": line,
                "fields": [(LABELS[field], agreement.said(read, field)) for field in fields],
            }
            for value, line, read in zip((FIRST, SECOND), (one, other), reads_, strict=True)
        ],
    }


@reads
def statistics(request: HttpRequest, project: str) -> HttpResponse:
    """How much is reviewed, how fast, what is corrected, and how far two readers agree."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    counted = measures.of(found)
    context = {
        "project": found,
        "measures": counted,
        "edits": [(LABELS[field], count, share) for field, count, share in counted.edits if field in LABELS],
        "agreements": [(LABELS[each.field], each) for each in counted.agreements],
        "rules": Rules.objects.filter(project=found).first(),
        "may_ask": opinions.are_available(),
        "may_publish_gold": access.can(request.user, permissions.GOLD, found),
        "may_manage": access.can(request.user, permissions.MANAGE, found),
    }
    return render(request, "prescriptions/statistics.html", context)


@writes
def rules(request: HttpRequest, project: str) -> HttpResponse:
    """Whether two people read each prescription, and whether unsure lines are read a second time."""
    found = project_of(request.user, project)
    double, asked = (request.POST.get(name) == "yes" for name in ("double", "opinions"))
    services.set_rules(request.user, found, double=double, opinions=asked)
    messages.success(request, _("The rules of review are kept."))
    return redirect("prescriptions:statistics", found.slug)
