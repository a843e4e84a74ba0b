"""``Authorization: Bearer …`` makes a call in somebody's name, within limits.

Either a token that he made for one project (``suite_…``), or the access token of a service that he let in with the
scope `api`, or `api:read` for calls that change nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from core import tool
from core.access import second_factor
from core.access.scope import Limits
from core.accounts.models import User
from core.api import services
from core.api.models import Token
from core.db import after_read
from core.provider import connections
from core.provider.models import Connection
from core.provider.scopes import API, API_READ

NOTED_EVERY = timedelta(minutes=1)
PREFIX = "suite_"


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Token | Connection] | None:
        scheme, _space, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        said = text.decode("ascii", "replace").strip()
        if not said.startswith(PREFIX):
            return by_service(request, said)
        token = services.find(said)
        if token is None:
            raise AuthenticationFailed(
                _("This token is unknown, expired or revoked, or its owner has left the project since. Make a new one.")
            )
        user = token.user
        if second_factor.missing(user):
            raise PermissionDenied(_("Set up a second factor first."))
        user.limits = Limits(token.project_id, frozenset(token.permissions))
        after_read(lambda: note_use(token))
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def by_service(request: Request, text: str) -> tuple[User, Connection]:
    """A service speaks for who let it in: all his projects, all that he may but what is done in person."""
    access = connections.find_access(text)
    if access is None:
        raise AuthenticationFailed(_("This access token is unknown or over, or its sign-in has ended. Sign in again."))
    if not access.scopes & ({API, API_READ} if request.method in SAFE_METHODS else {API}):
        raise PermissionDenied(_("This access token wasn’t made for this: it needs the scope “api”."))
    if second_factor.missing(access.user):
        raise PermissionDenied(_("Set up a second factor first."))
    access.user.limits = Limits(project_id=None, permissions=None)
    after_read(lambda: connections.note_use(access.connection))
    return access.user, access.connection


def is_known(request: HttpRequest) -> bool:
    """Whether a session or a token that is good comes with it. What it may do is asked later, of what it is sent to."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        said = text.strip()
        if said.startswith(PREFIX):
            return services.find(said) is not None
        return connections.find_access(said) is not None or any(import_string(each)(said) for each in tool.programs())
    SessionMiddleware(lambda _request: HttpResponse()).process_request(request)
    return get_user(request).is_authenticated


def note_use(token: Token) -> None:
    """Remember when the token was last used, to the minute, so that a busy client doesn't write at each call."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
