"""Tell htmx and scripts that the session has ended, instead of giving them the sign-in page as a fragment."""

from __future__ import annotations

from collections.abc import Callable

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from core.accounts.farewell import is_told
from core.accounts.fresh import ask


class SignInAgain:
    """A fragment that would be redirected to sign in is answered 401; portal.js then asks to sign in in a dialog.

    Where somebody else ended the session, it leaves the page instead.

    Where one is only asked to say once more who one is, likewise; it is sent again afterwards.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return ask(request) if isinstance(error, ReauthenticationRequired) else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "HX-Request" not in request.headers or response.status_code != 302:
            return response
        if not response["Location"].startswith(resolve_url(settings.LOGIN_URL)):
            return response
        state = "over" if is_told(request) else "ended"
        return HttpResponse(status=401, headers={"HX-Reswap": "none", "X-Session": state, "Cache-Control": "no-store"})
