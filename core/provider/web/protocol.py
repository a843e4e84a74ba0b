"""What services call without a person: discovery, keys, tokens, userinfo, revocation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from core.provider import devices, keys, server
from core.provider.scopes import ORDER

PEOPLE_CLAIMS = ["sub", "name", "locale", "email", "email_verified", "groups", "organisations", "projects"]
SIGN_IN_CLAIMS = ["iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid"]


def discovery() -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 and RFC 8414."""

    def at(name: str) -> str:
        return f"{settings.PUBLIC_URL}{reverse(f'provider:{name}')}"

    ways = ["client_secret_basic", "client_secret_post", "none"]
    return {
        "issuer": settings.PUBLIC_URL,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "revocation_endpoint": at("revoke"),
        "end_session_endpoint": at("logout"),
        "device_authorization_endpoint": at("device_request"),
        "scopes_supported": ORDER,
        "claims_supported": PEOPLE_CLAIMS + SIGN_IN_CLAIMS,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", devices.GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ways,
        "revocation_endpoint_auth_methods_supported": ways,
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": ["1", "2"],
        "prompt_values_supported": ["none", "login", "consent"],
        "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
    }


@login_not_required
@cache_control(max_age=3600, public=True)
@require_safe
def configuration(request: HttpRequest) -> JsonResponse:
    return JsonResponse(discovery(), headers={"Access-Control-Allow-Origin": "*"})


@login_not_required
@cache_control(max_age=300, public=True)
@require_safe
def jwks(request: HttpRequest) -> JsonResponse:
    """Our public keys; who asks first has them made."""
    return JsonResponse(keys.jwks(), headers={"Access-Control-Allow-Origin": "*"})


@login_not_required
@csrf_exempt
@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A code, a refresh token or a device's code becomes tokens."""
    with transaction.atomic():
        try:
            if request.POST.get("grant_type") == devices.GRANT:
                return devices.answer(request)
            return server.answer(*server.make().create_token_response(*server.posted(request)))
        except OAuth2Error as error:
            return server.problem(error)
        except ValueError:
            return server.json_error("invalid_request", "Unreadable.")


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """What the bearer of an access token with `openid` is told of the person; only in the head, never in an address."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    uri = settings.PUBLIC_URL + request.path
    heads = {"Authorization": f"Bearer {text.strip()}"} if scheme.lower() == "bearer" else {}
    try:
        return server.answer(*server.make().create_userinfo_response(uri, "GET", "", heads))
    except OAuth2Error as error:
        return server.problem(error)


@login_not_required
@csrf_exempt
@never_cache
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009: a service gives up a token of its own. One that isn't there is as good as revoked."""
    try:
        return server.answer(*server.make().create_revocation_response(*server.posted(request)))
    except ValueError:
        return server.json_error("invalid_request", "Unreadable.")
