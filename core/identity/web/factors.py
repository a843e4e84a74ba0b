"""The pages that take a second factor away, in place of allauth's, which keep none."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from core.accounts.fresh import fresh
from core.errors import Conflict
from core.identity import factors
from core.web.request import Request
from core.web.views import page


@fresh
@page
def remove_passkey(request: Request, pk: int) -> HttpResponse:
    return _remove(request, "mfa/webauthn/authenticator_confirm_delete.html", pk=pk, type=Authenticator.Type.WEBAUTHN)


@fresh
@page
def remove_app(request: Request) -> HttpResponse:
    return _remove(request, "mfa/totp/deactivate_form.html", type=Authenticator.Type.TOTP)


def _remove(request: Request, template: str, **lookup: object) -> HttpResponse:
    authenticator = get_object_or_404(Authenticator, user=request.user, **lookup)
    reason: object = factors.why_kept(authenticator)
    if request.method == "POST":
        try:
            factors.remove(request.user, authenticator)
        except Conflict as error:
            reason = error.message
        else:
            messages.success(request, _("It is removed. A mail tells you so."))
            return redirect("mfa_index")
    context = {"authenticator": authenticator, "reason": reason}
    return render(request, template, context, status=409 if reason and request.method == "POST" else 200)
