from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from core.access.models import Project
from core.errors import Invalid
from core.portal import home as portal_home
from core.portal import search as portal_search
from core.portal import services
from core.web.request import Request
from core.web.views import page, reads, wants_fragment, writes


@reads
def home(request: Request) -> HttpResponse:
    projects = list(
        Project.objects.visible_to(request.user)
        .filter(archived_at=None)
        .select_related("organisation")
        .order_by("name")
    )
    context = {
        "projects": projects,
        "cards": portal_home.cards_of(request.user, projects),
        "recent": portal_home.recent(request.user),
    }
    return render(request, "portal/home.html", context)


@reads
def search(request: Request) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    context = {"words": words, "hits": portal_search.search(request.user, words)}
    fragment = wants_fragment(request, "palette-results")
    return render(request, "portal/hits.html" if fragment else "portal/search.html", context)


@reads
def places(request: Request) -> HttpResponse:
    """What the command palette shows before a word is typed."""
    slug = request.GET.get("project", "")
    project = Project.objects.visible_to(request.user).filter(slug=slug).first() if slug else None
    return render(request, "portal/hits.html", {"hits": portal_search.places(request.user, project)})


@login_not_required
@never_cache
@page
def session(request: HttpRequest) -> JsonResponse:
    """Whether one is still signed in, who, for how long, and a token for the forms of the page; POST stays longer."""
    if not request.user.is_authenticated:
        return JsonResponse({"user": None}, status=401)
    if request.method == "POST":
        request.session.modified = True
        left = settings.SESSION_COOKIE_AGE
    else:
        left = seconds_left(request)
    return JsonResponse({"user": str(request.user.pk), "csrf": get_token(request), "seconds_left": left})


def seconds_left(request: HttpRequest) -> int:
    """How long the session still lasts, by its row."""
    row = Session.objects.filter(pk=request.session.session_key).first()
    return max(0, int((row.expire_date - timezone.now()).total_seconds())) if row else 0


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
