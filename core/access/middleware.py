"""At the door: refusals reach the audit trail, and who must have a second factor sets one up first."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core import audit
from core.access.models import Organisation
from core.access.rules import Refused

FREE = ("/accounts/", "/static/", "/healthz", "/readyz", "/i18n/", "/api/")
"""Paths open before the second factor is set up; tokens of the API are made by people who have one."""


class Refusals:
    """A refused act has been rolled back; what was refused is written down after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        if isinstance(error, Refused):
            record_refusal(error)


def record_refusal(error: Refused) -> None:
    audit.record(
        error.actor, "access.refused", error.obj, project=error.project, outcome="refused", permission=error.permission
    )


class SecondFactor:
    """Members of an organisation that requires a second factor reach nothing else before they have one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and not request.path.startswith(FREE) and required(user) and not is_mfa_enabled(user):
            return redirect("mfa_activate_totp")
        return self.get_response(request)


def required(user: object) -> bool:
    return (
        Organisation.objects.filter(requires_second_factor=True)
        .filter(projects__memberships__user=user)
        .union(Organisation.objects.filter(requires_second_factor=True, memberships__user=user))
        .exists()
    )
