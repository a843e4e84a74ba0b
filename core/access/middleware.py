"""At the door: refusals reach the audit trail, and who must have a second factor sets one up first."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.access import second_factor
from core.accounts.strength import is_strong
from core.errors import Refusal
from core.rest import problems

FREE = ("/accounts/", "/static/", "/healthz", "/readyz", "/i18n/")
CLOSED = ("/accounts/tokens/",)
"""Where one may go before the second factor is set up, and what is closed there: a token would need none."""


class Refusals:
    """A refused act has been rolled back; that it was refused is written down after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        if isinstance(error, Refusal):
            error.record()


class SecondFactor:
    """Members of an organisation that requires a second factor reach nothing else before they have one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user, free = request.user, request.path.startswith(FREE) and not request.path.startswith(CLOSED)
        if free or not user.is_authenticated or is_strong(request, user) or not second_factor.missing(user):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return problems.plain(request, 403, "second-factor", _("Set up a second factor first."))
        return redirect("mfa_activate_totp")
