"""A service sends a person here to sign in: who is it, may he, does he allow it, and back with a code."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from oauthlib.common import Request as Asked
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.openid.connect.core.exceptions import LoginRequired

from core import audit
from core.provider import connections, rules, server
from core.provider.scopes import SENSITIVE, WORDS, in_order
from core.provider.validator import needs_consent
from core.web.request import Request
from core.web.views import writes

SALT = "provider.consent"
CONSENT_LASTS = 1800
"""Seconds that one may think about it."""
YOUNGEST = 10
"""Seconds that a sign-in counts as just now, whatever less a service asks for."""


@login_not_required
@csrf_exempt  # another site posts it; nothing is done with it but go to the same address by GET
@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponseBase:
    """The authorization endpoint."""
    if request.method == "POST":
        return redirect(f"{reverse('provider:authorize')}?{request.POST.urlencode()}")
    query = request.META.get("QUERY_STRING", "")
    try:
        asked = server.validate(query)
        return _ask(request, query, asked)
    except errors.FatalClientError as error:
        return render(request, "provider/refused.html", {"error": error.description or error.error}, status=400)
    except errors.OAuth2Error as error:
        return back(add_params_to_uri(error.redirect_uri, error.twotuples))


def _ask(request: HttpRequest, query: str, asked: Asked) -> HttpResponseBase:
    """What stands between the person and the service: signing in, being let in, consent."""
    prompts = (asked.prompt or "").split()
    silent = "none" in prompts
    user = request.user
    if not user.is_authenticated or "login" in prompts or _is_too_old(request, asked):
        if silent:
            raise LoginRequired(request=asked)
        left = [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k not in ("prompt", "max_age")]
        rest = " ".join(prompt for prompt in prompts if prompt != "login")
        onward = f"{reverse('provider:onward')}?{urlencode([*left, *([('prompt', rest)] if rest else [])])}"
        where = "account_reauthenticate" if user.is_authenticated else "account_login"
        return redirect(f"{reverse(where)}?{urlencode({'next': onward})}")
    service = asked.client.service
    if not rules.may_sign_in(user, service):
        audit.record(user, "provider.sign_in_refused", service, outcome="refused", service=service.client.name)
        if silent:
            raise errors.AccessDeniedError(request=asked)
        return render(request, "provider/not_open.html", {"service": service}, status=403)
    if "consent" in prompts or needs_consent(user, asked.client, asked.scopes, asked.redirect_uri):
        if silent:
            raise errors.AccessDeniedError(request=asked)
        return _show_consent(request, query, asked)
    return grant(request, query)


def _is_too_old(request: HttpRequest, asked: Asked) -> bool:
    text = dict(asked.uri_query_params).get("max_age")
    if text is None:
        return False
    if not text.isdecimal() or len(text) > 9:
        raise errors.InvalidRequestError(description="max_age is a number of seconds.", request=asked)
    age = (timezone.now() - connections.proof_of(request).at).total_seconds()
    return age > max(int(text), YOUNGEST)


@transaction.atomic
def grant(request: HttpRequest, query: str) -> HttpResponse:
    """Back to the service with a code."""
    asked = server.validate(query)
    headers, _body, _status = server.make().create_authorization_response(
        *server.asked(query), scopes=asked.scopes, credentials={"user": request.user}
    )
    return back(headers["Location"])


def back(address: str) -> HttpResponse:
    """To an address of the service, registered to the letter; with our name, so that it can't take us for another."""
    mark = "&" if "?" in address else "?"
    target = f"{address}{mark}{urlencode({'iss': settings.PUBLIC_URL})}"
    return HttpResponse(status=302, headers={"Location": target, "Cache-Control": "no-store"})


def _show_consent(request: HttpRequest, query: str, asked: Asked) -> HttpResponse:
    service, scopes = asked.client.service, in_order(asked.scopes)
    host = urlsplit(asked.redirect_uri).netloc
    context = {
        "service": service,
        "host": host,
        "told": [WORDS[scope] for scope in scopes if scope not in SENSITIVE],
        "done": [WORDS[scope] for scope in scopes if scope in SENSITIVE],
        "asked": signing.dumps([str(request.user.pk), query], salt=SALT),
    }
    response = render(request, "provider/consent.html", context)
    return may_lead_to(response, asked.redirect_uri)


def may_lead_to(response: HttpResponse, address: str) -> HttpResponse:
    """The form of this page ends at another site: browsers follow its answer nowhere else than the policy says."""
    parts = urlsplit(address)
    policy: Any = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}
    response._csp_update = policy  # type: ignore[attr-defined]
    return response


@never_cache
@writes
def consent(request: Request) -> HttpResponse:
    """The person has answered: back to the service with a code, or with his refusal."""
    try:
        user_id, query = signing.loads(request.POST.get("asked", ""), salt=SALT, max_age=CONSENT_LASTS)
    except signing.BadSignature:
        raise BadRequest(_("Too much time has passed. Go back to the service and begin again.")) from None
    if user_id != str(request.user.pk):
        raise BadRequest(_("Somebody else was asked. Go back to the service and begin again."))
    try:
        asked = server.validate(query)
    except errors.OAuth2Error as error:
        return render(request, "provider/refused.html", {"error": error.description}, status=400)
    if not rules.may_sign_in(request.user, asked.client.service):
        return render(request, "provider/not_open.html", {"service": asked.client.service}, status=403)
    if request.POST.get("answer") != "allow":
        refusal = errors.AccessDeniedError(request=asked)
        return back(add_params_to_uri(asked.redirect_uri, refusal.twotuples))
    with transaction.atomic():
        connections.allow(request.user, asked.client, asked.scopes)
        return grant(request, query)


@login_not_required
@never_cache
@require_safe
def onward(request: HttpRequest) -> HttpResponse:
    """After signing in: a page that goes on by itself. A form's own answer may not lead to another site."""
    if not (query := request.META.get("QUERY_STRING", "")):
        raise BadRequest
    where = f"{reverse('provider:authorize')}?{query}"
    return render(request, "provider/onward.html", {"where": where})
