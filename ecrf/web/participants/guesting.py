"""What all pages for participants have in common: nobody signs in, nobody learns of them, and one cookie is theirs.

The cookie holds a secret of 256 bits, signed, for these pages alone; what it opens is looked up at each request, so
that a visit that was ended opens nothing more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core.errors import Conflict, Invalid
from ecrf.models import Guest
from ecrf.services import participants
from ecrf.services.participants.faults import GONE, Shut, TooOften

COOKIE = "__Secure-participant" if settings.HTTPS else "participant"
SALT = "ecrf.participants.visit"
LASTS = 4 * 3600
"""Seconds that the cookie may live; how long the visit lasts is told by its row."""
FENCES = {"X-Robots-Tag": "noindex, nofollow, noarchive"}
"""No search engine keeps it. No address here holds a secret, and what is sent elsewhere names none of ours."""

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """For who has no account. Somebody who is signed in is told to hand his tablet over instead: his answers would
    count as the participant's."""

    @login_not_required
    @never_cache
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            found: HttpResponseBase = told(request, "member", 403)
        else:
            try:
                found = view(request, *args, **kwargs)
            except Shut as shut:
                found = told(request, shut.code, status_of(shut), shut.words)
            except TooOften as error:
                words = _("This is too much at once. Wait %(wait)s seconds, then go on.") % {"wait": error.wait}
                found = told(request, "too_often", 429, words)
        for name, value in FENCES.items():
            found.headers[name] = value
        return found

    return answer


def visit(view: View) -> View:
    """For a visit that lasts; the view gets it. Without one, nothing is here."""

    @public
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        guest = guest_of(request)
        if guest is None:
            raise Shut("ended")
        return view(request, guest, *args, **kwargs)

    return answer


def status_of(shut: Shut) -> int:
    return 410 if shut.code in GONE else 404 if shut.code in ("unknown", "return") else 403


def told(request: HttpRequest, code: str, status: int, words: str = "") -> HttpResponse:
    """Say it as the asker reads it: a page, or JSON for a script."""
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"code": code, "message": words}, status=status)
    return render(request, "ecrf/participants/shut.html", {"code": code, "words": words}, status=status)


def guest_of(request: HttpRequest) -> Guest | None:
    try:
        secret = signing.Signer(salt=SALT).unsign(request.COOKIES.get(COOKIE, ""))
    except signing.BadSignature:
        return None
    return participants.visiting(secret)


def let_in(response: HttpResponse, secret: str) -> HttpResponse:
    """Give the browser the cookie of a visit."""
    response.set_cookie(
        COOKIE,
        signing.Signer(salt=SALT).sign(secret),
        max_age=LASTS,
        path=reverse("participate:door"),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )
    return response


def let_out(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=reverse("participate:door"), samesite="Strict")
    return response


def in_words(error: Invalid | Conflict) -> JsonResponse:
    """Faults by place, or what stands in the way."""
    if isinstance(error, Conflict):
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
    return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
