"""One's own account: identities that sign one in, and what is known of one as a professional."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from core.accounts.fresh import fresh
from core.errors import Conflict, Invalid
from core.identity import identities, profiles
from core.identity.models import IdentityProvider, LinkedIdentity, Profile
from core.identity.web.forms import ProfileForm
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, reads, writes


@reads
def connections(request: Request) -> HttpResponse:
    linked = list(LinkedIdentity.objects.filter(user=request.user).select_related("provider"))
    free = IdentityProvider.objects.filter(is_enabled=True).exclude(pk__in=[each.provider_id for each in linked])
    return render(request, "identity/connections.html", {"linked": linked, "free": free})


@fresh
@writes
def unlink(request: Request, pk: object) -> HttpResponse:
    identity = get_object_or_404(LinkedIdentity, pk=pk, user=request.user)
    try:
        identities.unlink(request.user, identity)
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("It is unlinked. A mail tells you so."))
    return redirect("identity:connections")


@page
def profile(request: Request) -> HttpResponse:
    known = Profile.objects.filter(user=request.user).prefetch_related("practices").first()
    form = ProfileForm(request.POST or None, initial=ProfileForm.of(known))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            profiles.describe(request.user, values["profession"], values["rpps"], values["practices"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect("identity:profile")
    context = {"profile": known, "form": form, "checked": known is not None and known.source == Profile.Source.PSC}
    return render(request, "identity/profile.html", context, status=422 if form.errors else 200)
