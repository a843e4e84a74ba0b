"""oauthlib with our rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from oauthlib.common import quote, urlencoded
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.openid import Server

from core.provider import connections
from core.provider.validator import Validator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from oauthlib.common import Request

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""The SHA-256 of a verifier in base64url."""
TEXTS = {"state": 2000, "nonce": 500}
"""What a service has repeated to it, and how long that may be."""


def make() -> Any:
    return Server(
        Validator(),
        token_expires_in=int(connections.ACCESS_LASTS.total_seconds()),
        token_generator=lambda _request: connections.new_token(),
        refresh_token_generator=lambda _request: connections.new_token(),
    )


def posted(request: HttpRequest) -> tuple[str, str, str, dict[str, str]]:
    """A POST as oauthlib wants it. A parameter that came twice stays twice, to be refused."""
    heads = {"Content-Type": "application/x-www-form-urlencoded"}
    if "Authorization" in request.headers:
        heads["Authorization"] = request.headers["Authorization"]
    pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    return settings.PUBLIC_URL + request.path, request.method or "POST", urlencode(pairs), heads


def asked(query: str) -> tuple[str, str, str, dict[str, str]]:
    """A request to sign in as oauthlib wants it."""
    return f"{settings.PUBLIC_URL}/oauth/authorize?{quote(query, safe=''.join(urlencoded))}", "GET", "", {}


def answer(headers: Mapping[str, str], body: str | None, status: int) -> HttpResponse:
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    return response


def problem(error: errors.OAuth2Error) -> HttpResponse:
    return answer({"Content-Type": "application/json", **error.headers}, error.json, error.status_code)


def validate(query: str) -> Request:
    """A request to sign in that may be shown to a person.

    Raises FatalClientError where nobody may be sent back, other OAuth2Errors where the service is told.
    """
    try:
        _scopes, info = make().validate_authorization_request(*asked(query))
    except ValueError as error:  # what oauthlib can't parse
        raise errors.InvalidRequestFatalError(description="Unreadable request.") from error
    request: Request = info["request"]
    if request.code_challenge_method != "S256" or not CHALLENGE.fullmatch(request.code_challenge):
        raise errors.InvalidRequestError(description="PKCE with S256 is required.", request=request)
    if request.duplicate_params:
        raise errors.InvalidRequestError(description="A parameter came twice.", request=request)
    if getattr(request, "response_mode", None) not in (None, "query"):
        raise errors.InvalidRequestError(description="Only response_mode=query is known.", request=request)
    for name in ("request", "request_uri"):
        if name in dict(request.uri_query_params):
            raise RequestNotSupported(description=f"{name} isn't known.", request=request)
    for name, longest in TEXTS.items():
        if len(getattr(request, name, None) or "") > longest:
            raise errors.InvalidRequestError(description=f"{name} is too long.", request=request)
    target = dict(request.uri_query_params).get("resource")
    if target not in (None, f"{settings.PUBLIC_URL}/api/v1/"):
        raise InvalidTarget(description="Tokens are made for this suite alone.", request=request)
    return request


class RequestNotSupported(errors.OAuth2Error):
    error = "request_not_supported"


class InvalidTarget(errors.OAuth2Error):
    error = "invalid_target"


def json_error(code: str, words: str = "", status: int = 400) -> JsonResponse:
    body = {"error": code} | ({"error_description": words} if words else {})
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})
