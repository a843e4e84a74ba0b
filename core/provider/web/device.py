"""A command line signs in: it asks for a code, and a person types it here."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.accounts.fresh import fresh
from core.errors import Conflict
from core.provider import connections, devices, server
from core.provider.scopes import SENSITIVE, WORDS
from core.provider.web.forms import CodeForm
from core.web.request import Request
from core.web.views import page


@login_not_required
@csrf_exempt
@never_cache
@require_POST
def request_codes(request: HttpRequest) -> HttpResponse:
    """The device authorization endpoint."""
    if not ratelimit.consume(
        request, action="device_request", app="core.provider", config={"device_request": "30/m/ip"}
    ):
        return server.json_error("slow_down", status=429)
    client = devices.client_of(request)
    if client is None:
        return server.json_error("invalid_client", status=401)
    scopes = request.POST.get("scope", "").split() or client.get_default_scopes()
    if set(scopes) - set(client.get_scopes()):
        return server.json_error("invalid_scope")
    program = request.headers.get("User-Agent", "")
    try:
        told = devices.begin(client, scopes, get_adapter().get_client_ip(request), program)
    except devices.Slow:
        return server.json_error("temporarily_unavailable", status=503)
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


@never_cache
@fresh
@page
def type_code(request: Request) -> HttpResponse:
    """Type the code; read who asks, from where, and for what; let it in, or not."""
    text = request.POST.get("code", "") or request.GET.get("code", "")
    form = CodeForm({"code": text} if text else None)
    if not text or not form.is_valid():
        return render(request, "provider/device.html", {"form": form}, status=422 if form.errors else 200)
    if not ratelimit.consume(
        request, action="device_code", app="core.provider", config={"device_code": "10/m/user"}, limit_get=True
    ):
        form.add_error("code", _("Too many attempts. Wait a minute."))
        return render(request, "provider/device.html", {"form": form}, status=429)
    waiting = devices.find(form.cleaned_data["code"])
    if waiting is None:
        form.add_error("code", _("No program waits under this code: it is mistyped, used, or has expired."))
        return render(request, "provider/device.html", {"form": form}, status=422)
    answer = request.POST.get("answer", "")
    if request.method == "POST" and answer in ("allow", "refuse"):
        try:
            devices.settle(request.user, waiting, connections.proof_of(request), answer == "allow")
        except Conflict as error:
            form.add_error("code", str(error))
            return render(request, "provider/device.html", {"form": form}, status=409)
        told = _("Done: go back to the program.") if answer == "allow" else _("The program was refused.")
        messages.success(request, told)
        return redirect("provider:connected")
    scopes = devices.scopes_of(waiting)
    context = {
        "waiting": waiting,
        "service": waiting.client.service,
        "code": form.cleaned_data["code"],
        "told": [WORDS[scope] for scope in scopes if scope not in SENSITIVE],
        "done": [WORDS[scope] for scope in scopes if scope in SENSITIVE],
    }
    return render(request, "provider/device_confirm.html", context)
