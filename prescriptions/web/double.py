"""Two readings of one prescription: begun, compared, settled; and how the review of a project goes on the whole."""

from __future__ import annotations

from collections.abc import Mapping
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
from prescriptions.models import Rules
from prescriptions.services.adjudication import SIDES, Difference, differences
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
    """The lines on which two readings differ, side by side; one reading is chosen for each field that differs."""
    found = project_of(request.user, project)
    document = document_of(request.user, found, pk)
    access.require(request.user, permissions.ADJUDICATE, found, obj=document)
    first, twin = blinding.readings(document)
    if twin is None or not (first.read_at and twin.read_at) or not blinding.is_shared(first):
        messages.info(
            request, _("There is nothing to settle: both readings are to be finished first, or are one already.")
        )
        return redirect(first)
    choices = {name.removeprefix("pair-"): str(value) for name, value in request.POST.items()}
    if request.method == "POST":
        try:
            services.adjudicate(request.user, first, choices)
        except (Conflict, Invalid) as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("The differences are settled, and the review is finished."))
            return redirect(first)
    else:
        audit.record(request.user, "prescriptions.document_read", first)
    context = {
        "project": found,
        "document": first,
        "rows": [side_by_side(each, choices) for each in differences(first, twin)],
    }
    return render(
        request, "prescriptions/compare_readings.html", context, status=422 if request.method == "POST" else 200
    )


def side_by_side(difference: Difference, choices: Mapping[str, str]) -> dict[str, object]:
    """A line that differs as the page shows it: what is to be chosen, with the words of both readings."""
    pair = (difference.one, difference.other)
    reads_ = [line.read if line else None for line in pair]
    whole = {str(difference.place): agreement.differences(*reads_)}
    asked = zip(difference.keys, difference.questions.values() or whole.values(), strict=True)
    return {
        "text": next(line for line in pair if line).reading["text"],
        "whole": not difference.questions,
        "questions": [
            {
                "name": f"pair-{key}",
                "label": ", ".join(str(LABELS[name]) for name in fields)
                if difference.questions
                else _("The whole line"),
                "sides": [
                    {
                        "value": value,
                        "line": line,
                        "chosen": choices.get(key) == value,
                        "fields": [(LABELS[name], agreement.said(read, name)) for name in fields],
                    }
                    for value, line, read in zip(SIDES, pair, reads_, strict=True)
                ],
            }
            for key, fields in asked
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
