"""The services that one has let in, and the end of that."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.models import Client
from django.contrib import messages
from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from core.provider import connections
from core.provider.models import Connection, Consent
from core.provider.scopes import WORDS, in_order
from core.web.request import Request
from core.web.views import reads, writes


@reads
def listing(request: Request) -> HttpResponse:
    living = Connection.objects.living().filter(user=request.user, code_used_at__isnull=False)
    by_device = Connection.objects.living().filter(user=request.user, code_expires_at=None)
    open_now = (living | by_device).values("client")
    allowed: dict[Any, Consent] = {c.client_id: c for c in Consent.objects.filter(user=request.user)}
    clients = (
        Client.objects.select_related("service")
        .filter(Q(pk__in=open_now) | Q(pk__in=allowed))
        .annotate(last=Max("connections__last_used_at", filter=Q(connections__user=request.user)))
        .order_by("name")
    )
    told: dict[Any, set[str]] = {pk: set(consent.scopes) for pk, consent in allowed.items()}
    for client_id, scopes in (living | by_device).values_list("client", "scopes"):
        told.setdefault(client_id, set()).update(scopes)
    rows = [(client, [WORDS[scope] for scope in in_order(told.get(client.pk, ()))]) for client in clients]
    return render(request, "provider/connected.html", {"rows": rows})


@writes
def revoke(request: Request, client: str) -> HttpResponse:
    mine = Q(connections__user=request.user) | Q(pk__in=Consent.objects.filter(user=request.user).values("client"))
    found = get_object_or_404(Client.objects.select_related("service").filter(mine).distinct(), pk=client)
    connections.revoke(request.user, found)
    messages.success(request, _("%(service)s knows nothing new of you from now on.") % {"service": found.name})
    return redirect("provider:connected")
