from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from core.access.models import Project
from core.errors import Invalid
from core.inbox.telling import Teller, Told
from core.notices import services as notices
from core.notices.models import Notice
from core.portal import home as portal_home
from core.portal import search as portal_search
from core.portal import services
from core.portal.context import Portal
from core.web.request import Request
from core.web.views import reads, wants_fragment, writes


@reads
def home(request: Request) -> HttpResponse:
    portal = Portal(request)
    context = {
        "portal": portal,
        "projects": portal.projects,
        "errands": portal_home.errands_of(request.user),
        "cards": portal_home.cards_of(request.user, portal.projects),
        "invitations": portal_home.invitations_of(request.user),
        "work": portal_home.work_of(request.user),
        "told": newest_unread(request),
        "recent": portal_home.recent(request.user),
    }
    return render(request, "portal/home.html", context)


def newest_unread(request: Request) -> list[tuple[Notice, Told]]:
    """The newest notices that aren't read, as the reader may see them."""
    rows = list(notices.of(request.user).filter(read_at=None).order_by("-created_at")[:4])
    teller = Teller(request.user)
    teller.learn(rows)
    return [(notice, teller.told(notice)) for notice in rows]


@reads
def search(request: Request) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    context = {"words": words, "hits": portal_search.search(request.user, words, here(request))}
    fragment = wants_fragment(request, "palette-results")
    return render(request, "portal/hits.html" if fragment else "portal/search.html", context)


@reads
def places(request: Request) -> HttpResponse:
    """What the command palette shows before a word is typed."""
    return render(request, "portal/hits.html", {"hits": portal_search.places(request.user, here(request))})


def here(request: Request) -> Project | None:
    """The project from which one asks."""
    slug = request.GET.get("project", "")
    return Project.objects.visible_to(request.user).filter(slug=slug).first() if slug else None


@login_not_required
@writes
def language(request: HttpRequest) -> HttpResponseBase:
    """Speak another language from now on: on this browser, and for the person wherever he signs in."""
    code = request.POST.get("language", "")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = redirect(target)
    try:
        services.choose_language(request.user, code)
    except Invalid as error:
        return HttpResponse(str(error.faults[0].message), status=422, content_type="text/plain; charset=utf-8")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 86400,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response
