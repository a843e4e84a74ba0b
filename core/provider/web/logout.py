"""A service has signed somebody out, and sends him here to sign out of the portal too (RP-Initiated Logout 1.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.account.internal.flows.logout import logout as sign_out
from allauth.idp.oidc.models import Client
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from core.provider import connections
from core.provider.models import Connection
from core.provider.signing import read_id_token
from core.provider.web.authorize import may_lead_to

if TYPE_CHECKING:
    from django.http.request import QueryDict

SALT = "provider.logout"
LASTS = 1800


@login_not_required
@csrf_exempt  # services post it too; without a hint that is this session's own, nothing is done but asking
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """At once where the id_token is one of this very session; otherwise the person is asked."""
    given = request.POST if request.method == "POST" else request.GET
    hint = read_id_token(given.get("id_token_hint", ""))
    client = _client(given, hint)
    target = given.get("post_logout_redirect_uri", "")
    if target and (client is None or target not in client.get_post_logout_redirect_uris()):
        return render(request, "provider/refused.html", {"error": "post_logout_redirect_uri"}, status=400)
    if target and (state := given.get("state", "")[:2000]):
        target += ("&" if "?" in target else "?") + urlencode({"state": state})
    if not request.user.is_authenticated:
        return _onward(target)
    if hint is not None and _is_of_this_session(request, hint):
        sign_out(request, show_message=False)
        return _onward(target)
    client_id = client.pk if client else ""
    context = {"client": client, "asked": signing.dumps([client_id, target], salt=SALT)}
    response = render(request, "provider/logout.html", context)
    return may_lead_to(response, target) if target else response


@login_not_required
@never_cache
@csrf_protect
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """The person was asked: out of everything, or of this service alone."""
    try:
        client_id, target = signing.loads(request.POST.get("asked", ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return redirect("account_logout")
    if request.user.is_authenticated:
        if request.POST.get("answer") == "stay":
            connections.end_those(_here(request).filter(client=client_id))
        else:
            sign_out(request, show_message=False)
    return _onward(target)


def _client(given: QueryDict, hint: dict[str, Any] | None) -> Client | None:
    """Who sends him: named by the hint, or by its id; where both are told and differ, neither counts."""
    named, audience = given.get("client_id", ""), str(hint["aud"]) if hint else ""
    if named and audience and named != audience:
        return None
    return Client.objects.filter(pk=named or audience, service__disabled_at=None).first()


def _here(request: HttpRequest) -> Any:
    mark = connections.fingerprint(request.session.session_key or "")
    return Connection.objects.filter(user=request.user.pk, session_mark=mark)


def _is_of_this_session(request: HttpRequest, hint: dict[str, Any]) -> bool:
    if hint["sub"] != request.user.pk.hex:  # type: ignore[union-attr]
        return False
    return any(found.sid == hint["sid"] for found in _here(request).filter(client=str(hint["aud"])))


def _onward(target: str) -> HttpResponse:
    if not target:
        return redirect(reverse("account_login"))
    return HttpResponse(status=302, headers={"Location": target, "Cache-Control": "no-store"})
