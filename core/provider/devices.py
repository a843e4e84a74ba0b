"""Sign in on a command line by typing its code in a browser (RFC 8628)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.db import transaction
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from oauthlib.common import Request as Asked

from core.errors import Conflict
from core.provider import connections, server
from core.provider.models import DeviceRequest
from core.provider.rules import may_sign_in
from core.provider.scopes import in_order
from core.provider.validator import Validator, sign_id_token

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.accounts.models import User
    from core.provider.models import Connection

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LASTS = timedelta(minutes=10)
INTERVAL = 5
"""Seconds between two questions; five more each time it asks sooner."""
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so no words; 8 of them are 34 bits."""
WAITING = 1000
"""Requests of all that wait at a time: who floods us keeps others waiting, and finds no code by it."""


class Slow(Exception):
    """Too many wait."""


def client_of(request: HttpRequest) -> Client | None:
    """Who asks, proved as at the token endpoint, and registered to sign in this way."""
    asked = Asked(*server.posted(request))
    validator = Validator()
    if validator.client_authentication_required(asked):
        known = validator.authenticate_client(asked)
    else:
        known = validator.authenticate_client_id(asked.client_id, asked)
    client: Client | None = asked.client if known else None
    return client if client is not None and GRANT in client.get_grant_types() else None


@transaction.atomic
def begin(client: Client, scopes: list[str], address: str | None, program: str) -> dict[str, Any]:
    """Two codes: a long one for the program, a short one for the person. Raises Slow."""
    now = timezone.now()
    if DeviceRequest.objects.filter(expires_at__gt=now, answered_at=None).count() >= WAITING:
        raise Slow
    device = connections.new_token()
    code = "".join(secrets.choice(LETTERS) for _each in range(8))
    DeviceRequest.objects.create(
        client=client,
        device_hash=connections.fingerprint(device),
        code_hash=connections.fingerprint(code),
        scopes=in_order(scopes),
        address=address,
        program=program[:200],
        expires_at=now + LASTS,
        interval=INTERVAL,
    )
    page = settings.PUBLIC_URL + reverse("provider:device")
    return {
        "device_code": device,
        "user_code": f"{code[:4]}-{code[4:]}",
        "verification_uri": page,
        "verification_uri_complete": f"{page}?code={code[:4]}-{code[4:]}",
        "expires_in": int(LASTS.total_seconds()),
        "interval": INTERVAL,
    }


def find(text: str) -> DeviceRequest | None:
    """The request that waits under the code that a person typed, however he wrote it."""
    code = "".join(letter for letter in text.upper() if letter.isalpha())
    rows = DeviceRequest.objects.filter(
        answered_at=None, expires_at__gt=timezone.now(), client__service__disabled_at=None
    )
    return rows.select_related("client__service").filter(code_hash=connections.fingerprint(code)).first()


def scopes_of(waiting: DeviceRequest) -> list[str]:
    """What it asks for and the service may still ask for."""
    return in_order(set(waiting.scopes) & set(waiting.client.get_scopes()))


@transaction.atomic
def settle(user: User, waiting: DeviceRequest, proof: connections.Proof, allowed: bool) -> None:
    """The person lets the program in, or not. Raises Conflict where it waits no more or he may not sign in to it."""
    waiting = DeviceRequest.objects.select_for_update(of=("self",)).get(pk=waiting.pk)
    if waiting.answered_at is not None or waiting.expires_at <= timezone.now():
        raise Conflict(_("This code has been used or has expired. Begin again in the program."), "code-over")
    scopes = scopes_of(waiting)
    if allowed and not (scopes and may_sign_in(user, waiting.client.service)):
        raise Conflict(_("This service isn’t open to your account."), "not-open")
    now = timezone.now()
    waiting.answered_at = now
    if allowed:
        lasts = now + connections.DEVICE_LASTS
        waiting.connection = connections.begin(user, waiting.client, scopes, proof, expires_at=lasts)
    waiting.save(update_fields=["answered_at", "connection"])


def answer(request: HttpRequest) -> HttpResponse:
    """The program asks whether it may come in: RFC 8628, section 3.5."""
    client = client_of(request)
    if client is None:
        return server.json_error("invalid_client", status=401)
    rows = DeviceRequest.objects.select_for_update(of=("self",))
    code = connections.fingerprint(request.POST.get("device_code", ""))
    waiting = rows.filter(device_hash=code, client=client).first()
    now = timezone.now()
    if waiting is None:
        return server.json_error("invalid_grant")
    if waiting.expires_at <= now:
        return server.json_error("expired_token")
    if waiting.polled_at is not None and now - waiting.polled_at < timedelta(seconds=waiting.interval):
        DeviceRequest.objects.filter(pk=waiting.pk).update(polled_at=now, interval=min(waiting.interval + 5, 60))
        return server.json_error("slow_down")
    DeviceRequest.objects.filter(pk=waiting.pk).update(polled_at=now)
    if waiting.answered_at is None:
        return server.json_error("authorization_pending")
    connection, _deleted = waiting.connection, waiting.delete()
    if connection is None or not connections.is_living(connection):
        return server.json_error("access_denied")
    return _tokens(connection)


def _tokens(connection: Connection) -> HttpResponse:
    access, refresh = connections.new_token(), connections.new_token()
    kinds, client = Token.Type, connection.client
    connections.keep_token(connection, kinds.ACCESS_TOKEN, access, connection.scopes, connections.ACCESS_LASTS)
    body = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": int(connections.ACCESS_LASTS.total_seconds()),
        "scope": " ".join(connection.scopes),
    }
    if Client.GrantType.REFRESH_TOKEN in client.get_grant_types():
        connections.keep_token(connection, kinds.REFRESH_TOKEN, refresh, connection.scopes, connections.REFRESH_LASTS)
        body["refresh_token"] = refresh
    if "openid" in connection.scopes:
        body["id_token"] = sign_id_token(connection, connection.scopes, {})
    return JsonResponse(body, headers={"Cache-Control": "no-store"})
