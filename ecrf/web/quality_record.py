"""The rules of quality on one record, and what is put aside there."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core import access
from core.errors import Invalid
from core.web.views import page
from ecrf import discrepancies, permissions, services
from ecrf.models import Entry, QualityExclusion, QualityRule
from ecrf.web.places import address_of, entry_of
from ecrf.words import rules as quality_words


@page
def record(request: HttpRequest, project: str, entry: UUID) -> HttpResponse:
    """Every rule on one record, now; a finding can be put aside with a reason."""
    found = entry_of(request.user, project, entry)
    fault = ""
    if request.method == "POST":
        names = ("rule", "item", "row", "reason")
        sent = {name: request.POST.get(name, "") for name in names}
        try:
            put_aside_or_back(request, found, sent)
        except Invalid as error:
            fault = " ".join(str(one.message) for one in error.faults)
        else:
            return redirect("ecrf:quality_record", found.subject.project.slug, found.pk)
    labels = discrepancies.Labels([found.form])
    own = {str(one.pk): one for one in QualityRule.objects.filter(form=found.form).select_related("current")}
    lines = [
        {
            "finding": one.found,
            "rule": quality_words.BUILT_IN.get(one.found.rule) or own[one.found.rule].name,
            "label": labels.item(found.form_id, one.found.item),
            "words": own[one.found.rule].text.message
            if one.found.rule in own
            else quality_words.said(one.found.code, one.found.params),
            "address": address_of(found, one.found.page, one.found.item),
            "exclusion": one.exclusion,
        }
        for one in services.check_record(request.user, found)
    ]
    context = {
        "project": found.subject.project,
        "entry": found,
        "lines": [line for line in lines if line["exclusion"] is None],
        "aside": [line for line in lines if line["exclusion"] is not None],
        "may_put_aside": access.can(request.user, permissions.QUALITY, found.subject.project, found.subject.site),
        "fault": fault,
    }
    return render(request, "ecrf/quality_record.html", context, status=422 if fault else 200)


def put_aside_or_back(request: HttpRequest, entry: Entry, sent: dict[str, str]) -> None:
    if back := request.POST.get("back"):
        rows = QualityExclusion.objects.filter(entry=entry).select_related("entry__subject__project", "entry__form")
        services.take_back(request.user, access.fetch(rows, request.user, pk=back))
        return
    services.put_aside(request.user, entry, sent["rule"], sent["item"], sent["row"], sent["reason"])
