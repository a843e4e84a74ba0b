"""The API as a page: what there is, one operation with its examples, and a try of it in one's own session.

Open to strangers, as the document that it shows: it tells what there is, and opens none of it.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from core.api import reference
from core.web.views import reads, wants_fragment


@login_not_required
@reads
def listing(request: HttpRequest) -> HttpResponse:
    """Every operation by tool; ``?q=`` keeps those with each of the words."""
    search = request.GET.get("q", "").strip()[:100]
    context = {"groups": reference.groups(get_language() or "", search), "search": search}
    template = "api/found.html" if wants_fragment(request, "api-found") else "api/reference.html"
    return render(request, template, context)


@login_not_required
@reads
def operation(request: HttpRequest, operation: str) -> HttpResponse:
    """One operation."""
    language = get_language() or ""
    entry = reference.entries(language).get(operation)
    if entry is None:
        raise Http404
    address = f"{request.scheme}://{request.get_host()}"
    return render(request, "api/operation.html", reference.page(language, entry, address))
