"""Identity providers, for those who look after the instance; nobody else learns that these pages exist."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access.web.instance import administrators
from core.accounts.fresh import fresh
from core.errors import Invalid
from core.identity import providers
from core.identity.models import IdentityProvider
from core.identity.peer import callback
from core.identity.web.forms import ProviderForm
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Table
from core.web.views import page, reads, writes

EMPTY = {
    "icon": "id-badge-2",
    "title": gettext_lazy("No identity provider yet"),
    "text": gettext_lazy("With one, people sign in as they do elsewhere in the hospital, or with their e-CPS card."),
}


@administrators
@reads
def listing(request: Request) -> HttpResponse:
    table = Table(
        request,
        IdentityProvider.objects.all(),
        (
            Column("name", gettext_lazy("Name"), sort=("name",), template="identity/cells/provider.html"),
            Column("kind", gettext_lazy("Kind"), value="get_kind_display"),
            Column("state", gettext_lazy("State"), template="identity/cells/state.html"),
        ),
        caption=gettext_lazy("Identity providers"),
        search=("name__icontains",),
        order=("name",),
        empty=EMPTY,
    )
    return table.respond("identity/providers.html", {})


@administrators
@fresh
@page
def add(request: Request, kind: str) -> HttpResponse:
    if kind not in IdentityProvider.Kind:
        raise Http404
    return _edit(request, None, IdentityProvider(kind=kind, **providers.PRESETS[kind]))


@administrators
@fresh
@page
def edit(request: Request, pk: object) -> HttpResponse:
    provider = get_object_or_404(IdentityProvider, pk=pk)
    return _edit(request, provider, provider)


def _edit(request: Request, provider: IdentityProvider | None, shown: IdentityProvider) -> HttpResponse:
    form = ProviderForm(request.POST or None, instance=shown)
    if request.method == "POST" and form.is_valid():
        try:
            saved = providers.save(request.user, provider, {**form.cleaned_data, "kind": shown.kind})
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("“%(name)s” is saved. Test it now.") % {"name": saved})
            return redirect("identity:edit_provider", pk=saved.pk)
    back = callback(provider.slug) if provider else ""
    logout = back.replace("/callback/", "/logout/")
    context = {"provider": provider, "logout": logout, "kind": shown.get_kind_display(), "form": form, "callback": back}
    return render(request, "identity/provider.html", context, status=422 if form.errors else 200)


@administrators
@fresh
@writes
def enable(request: Request, pk: object) -> HttpResponse:
    provider = get_object_or_404(IdentityProvider, pk=pk)
    providers.enable(request.user, provider, request.POST.get("enabled") == "1")
    return redirect("identity:providers")


@administrators
@fresh
@writes
def check(request: Request, pk: object) -> HttpResponse:
    """Ask the provider for what a sign-in needs, and say what is missing."""
    provider = get_object_or_404(IdentityProvider, pk=pk)
    if fault := providers.check(request.user, provider):
        messages.error(request, _("“%(name)s” doesn’t work: %(fault)s.") % {"name": provider, "fault": fault})
    else:
        messages.success(request, _("“%(name)s” answers, and its keys can be read.") % {"name": provider})
    return redirect("identity:edit_provider", pk=provider.pk)
