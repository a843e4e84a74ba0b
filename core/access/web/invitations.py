"""What an invitation's link opens: an account for who has none, a button for who has signed in."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from core.access import services
from core.access.models import Invitation
from core.access.web.forms import AccountForm
from core.accounts.models import User
from core.errors import Conflict
from core.web.views import page


@login_not_required
@never_cache
@page
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = services.open_invitations(secret).first()
    if invitation is None:
        return render(request, "access/invitation_over.html", status=410)
    user = request.user if request.user.is_authenticated else None
    known = user is not None or User.objects.filter(email=invitation.email).exists()
    form = AccountForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and (user or form.is_valid()):
        try:
            values = form.cleaned_data if user is None else {}
            name, password = values.get("full_name", ""), values.get("password", "")
            membership = services.accept(secret, user, name, password, (get_language() or "")[:2])
        except Conflict as error:
            return render(request, "access/invitation_over.html", {"conflict": error.message}, status=409)
        if user is None:
            login(request, membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
            record_authentication(request, membership.user, "password")  # who has just chosen it isn't asked for it
            return redirect("portal:home")  # which says to somebody new what to do first
        return redirect(invitation.project or "portal:home")
    return show(request, invitation, form, known)


def show(request: HttpRequest, invitation: Invitation, form: AccountForm, known: bool) -> HttpResponse:
    context = {"invitation": invitation, "form": form, "known": known}
    return render(request, "access/accept.html", context, status=422 if form.errors and not known else 200)
