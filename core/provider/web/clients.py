"""The services that sign people in here, for who runs the instance."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from core.access.web.instance import administrators
from core.accounts.fresh import fresh
from core.errors import Invalid
from core.provider import keys, services
from core.provider.models import Service, SigningKey
from core.provider.web.forms import ServiceForm, as_described
from core.provider.web.protocol import discovery
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import page, reads, writes

COLUMNS = (
    Column("name", gettext_lazy("Service"), "client.name", sort=("client__name",), link=True),
    Column("kind", gettext_lazy("Kind"), "client.type", template="provider/cells/kind.html"),
    Column("audience", gettext_lazy("Who may sign in"), "get_audience_display", sort=("audience",)),
    Column("people", gettext_lazy("People connected"), "people", sort=("people",), numeric=True),
    Column("state", gettext_lazy("State"), "disabled_at", sort=("disabled_at",), template="provider/cells/state.html"),
)


def find(pk: UUID) -> Service:
    return get_object_or_404(Service.objects.select_related("client", "registered_by"), pk=pk)


@administrators
@reads
def listing(request: Request) -> HttpResponse:
    open_now = Q(client__connections__ended_at=None)
    table = Table(
        request,
        Service.objects.select_related("client").annotate(
            people=Count("client__connections__user", filter=open_now, distinct=True)
        ),
        COLUMNS,
        name="clients",
        caption=_("Connected services"),
        search=("client__name__icontains", "description__icontains"),
        filters=(
            Filter(
                "state",
                _("State"),
                [("open", _("Open")), ("disabled", _("Disabled"))],
                lambda rows, value: rows.filter(disabled_at__isnull=value == "open"),
            ),
        ),
        order=("client__name",),
        empty={
            "icon": "plug-connected",
            "title": _("No service yet"),
            "text": _("Register JupyterHub, a wiki or a command line: people sign in to it with their account here."),
        },
    )
    return table.respond("provider/clients.html", {"keys": SigningKey.objects.defer("private")})


@administrators
@reads
def thing(request: Request, pk: UUID) -> HttpResponse:
    service = find(pk)
    context = {
        "service": service,
        "client": service.client,
        "notices": service.client.logout_notices.all()[:10],
        "discovery": discovery(),
    }
    return render(request, "provider/client.html", context)


@administrators
@never_cache
@fresh
@page
def register(request: Request) -> HttpResponse:
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service, secret = services.register(request.user, form.wanted())
        except Invalid as error:
            show_faults(form, error)
        else:
            return _shown_once(request, service, secret)
    return render(request, "provider/register.html", {"form": form}, status=422 if form.errors else 200)


@administrators
@fresh
@page
def change(request: Request, pk: UUID) -> HttpResponse:
    service = find(pk)
    form = ServiceForm(request.POST or None, initial=as_described(service))
    form.fields["kind"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            services.change(request.user, service, form.wanted())
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The service has been changed."))
            return redirect(service.get_absolute_url())
    context = {"form": form, "service": service}
    return render(request, "provider/change.html", context, status=422 if form.errors else 200)


@administrators
@never_cache
@fresh
@writes
def renew_secret(request: Request, pk: UUID) -> HttpResponse:
    service = find(pk)
    try:
        secret = services.renew_secret(request.user, service)
    except Invalid:
        raise Http404 from None
    return _shown_once(request, service, secret)


def _shown_once(request: Request, service: Service, secret: str) -> HttpResponse:
    context = {"service": service, "secret": secret, "discovery": discovery()}
    return render(request, "provider/registered.html", context, status=201)


@administrators
@fresh
@writes
def disable(request: Request, pk: UUID) -> HttpResponse:
    service = find(pk)
    services.disable(request.user, service)
    messages.success(request, _("Nobody signs in to it any more."))
    return redirect(service.get_absolute_url())


@administrators
@fresh
@writes
def enable(request: Request, pk: UUID) -> HttpResponse:
    service = find(pk)
    services.enable(request.user, service)
    messages.success(request, _("People may sign in to it again."))
    return redirect(service.get_absolute_url())


@administrators
@fresh
@writes
def rotate_keys(request: Request) -> HttpResponse:
    keys.rotate_by(request.user)
    messages.success(request, _("The next key signs from now on. The old one still verifies what it has signed."))
    return redirect("provider:clients")
