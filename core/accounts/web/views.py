from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from core.accounts import signin_link as links
from core.errors import Invalid
from core.web.views import page


def too_many(request: HttpRequest) -> HttpResponse:
    """Whoever guesses is slowed down, in words."""
    return render(request, "accounts/too_many.html", status=429)


@login_not_required
@never_cache
@sensitive_variables("token")
@page
def signin_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show whom the link signs in; only the button spends it, so that a preview of the link doesn't."""
    try:
        if request.method != "POST":
            return render(request, "accounts/signin_link.html", {"person": links.find(token).user})
        user = links.use(token)
    except Invalid as error:
        return render(request, "accounts/signin_link.html", {"refusal": error}, status=410)
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, user, "link")
    return redirect(settings.LOGIN_REDIRECT_URL)
