"""The help: of the page one is on, or what one searches for; and the guided tours."""

from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from core import tool
from core.desk import services
from core.desk.views import project_named
from core.help import pages, tours
from core.web.request import Request
from core.web.views import reads, wants_fragment, writes


@reads
def show(request: Request) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    app, page = request.GET.get("app", ""), request.GET.get("page", "")
    found = pages.find((get_language() or "fr")[:2], app, words, page)
    fragment = wants_fragment(request, "help-found")
    return render(request, "help/found.html" if fragment else "help/page.html", {"found": found, "words": words})


@reads
def tour(request: Request, app: str) -> JsonResponse:
    """The steps of a tour, for the script that shows them."""
    require_tour(app)
    project = project_named(request.user, request.GET.get("project", ""))
    return JsonResponse({"steps": tours.steps(request.user, app, project)})


@writes
def tour_seen(request: Request, app: str) -> HttpResponse:
    """It is begun or declined: it isn't offered again."""
    require_tour(app)
    services.see_tour(request.user, app)
    return HttpResponse(status=204)


def require_tour(app: str) -> None:
    if app not in tool.tours():
        raise Http404
