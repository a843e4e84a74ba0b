"""The workbench of one analysis: the page holds the question, the API answers it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from core import access
from core.web.request import Request
from core.web.views import reads
from lowcode import queries
from lowcode.models import Analysis
from lowcode.permissions import EDIT
from lowcode.web.analyses import analysis_of


@never_cache
@reads
def workbench(request: Request, project: str, pk: UUID) -> HttpResponse:
    analysis = analysis_of(request, project, pk)
    held = access.abilities(request.user, analysis.project)
    readable = queries.may_read(request.user, analysis.project)
    context = {
        "project": analysis.project,
        "analysis": analysis,
        "may_edit": EDIT in held,
        "may_publish": readable and "datasets.publish_data" in held,
        "may_read": readable,
        "workbench": state(request, analysis, may_edit=EDIT in held, may_read=readable),
    }
    return render(request, "lowcode/workbench.html", context)


def state(request: Request, analysis: Analysis, may_edit: bool, may_read: bool) -> dict[str, Any]:
    """What the page's script begins with."""
    version = queries.version_of(analysis)
    detail = reverse("api:lowcode:analysis-detail", args=[analysis.pk])
    return {
        "project": analysis.project.slug,
        "name": analysis.name,
        "revision": analysis.revision,
        "query": analysis.query if may_read else None,
        "chart": analysis.chart,
        "columns": queries.described(request.user, version),
        "dataset": {"name": version.dataset.name, "title": version.dataset.title, "version": version.number},
        "versions": list(analysis.dataset.versions.order_by("-number").values_list("number", flat=True)),
        "mayEdit": may_edit and may_read,
        "mayRead": may_read,
        "urls": {
            "analysis": detail,
            "run": f"{detail}run/",
            "export": f"{detail}export/",
            "query": reverse("api:lowcode:query"),
        },
    }
