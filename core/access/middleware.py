"""At the door: refusals reach the audit trail, and who must have a second factor sets one up first."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.access.models import Membership
from core.accounts.models import User
from core.errors import Refusal
from core.rest import problems

FREE = ("/accounts/", "/static/", "/healthz", "/readyz", "/i18n/", "/jsi18n/")
"""Where one may go before the second factor is set up."""


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
        user = request.user
        if not user.is_authenticated or request.path.startswith(FREE) or is_mfa_enabled(user) or not required(user):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return problems.plain(request, 403, "second-factor", _("Set up a second factor first."))
        return redirect("mfa_activate_totp")


def required(user: User) -> bool:
    """Whether an organisation that the user works for asks for a second factor."""
    return (
        Membership.objects.active()
        .filter(user=user)
        .filter(Q(organisation__requires_second_factor=True) | Q(project__organisation__requires_second_factor=True))
        .exists()
    )
