"""Who must have a second factor, and hasn't."""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.access.models import Membership
from core.accounts.models import User

CONFIRMED_FOR = 5 * 60
"""Seconds for which a second factor that was just shown counts as shown now."""


def confirmed(request: HttpRequest) -> bool:
    """Whether this session has shown its second factor just now."""
    since, records = time.time() - CONFIRMED_FOR, get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" and record["at"] > since for record in records)


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor first; what was posted goes on afterwards."""
    by_code = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
    answer: HttpResponse = suspend_request(
        request, reverse("mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn")
    )
    return answer


def missing(user: User) -> bool:
    """Whether an organisation that he works for, or a role that he holds, asks for a second factor he doesn't have."""
    return not is_mfa_enabled(user) and required(user)


def required(user: User) -> bool:
    """Whether an organisation that this person works for, or a role that he holds, asks for a second factor."""
    return (
        Membership.objects.active()
        .filter(user=user)
        .filter(
            Q(organisation__requires_second_factor=True)
            | Q(project__organisation__requires_second_factor=True)
            | Q(roles__requires_second_factor=True)
        )
        .exists()
    )
