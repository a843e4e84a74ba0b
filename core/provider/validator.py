"""What oauthlib asks while it checks a request: allauth's answers, made stricter.

PKCE with S256 for everybody, redirect addresses equal to the letter, codes that are used once whatever becomes of the
attempt, refresh tokens that are used once, and nothing for a service that is disabled.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.core import context
from allauth.core.internal.httpkit import extract_basic_auth
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.provider import claims, connections, rules, signing
from core.provider.models import Connection, Consent
from core.provider.scopes import SENSITIVE, in_order

if TYPE_CHECKING:
    from oauthlib.common import Request

ID_TOKEN_LASTS = 600


class Found:
    """What the checks of one HTTP request have found; kept there, since a parameter could be named like anything."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.refresh: Token | None = None
        self.clients: dict[str, Client | None] = {}

    @classmethod
    def now(cls) -> Found:
        request = context.request
        if not hasattr(request, "provider_found"):
            request.provider_found = cls()
        found: Found = request.provider_found
        return found


class Validator(OAuthLibRequestValidator):
    # Who asks

    def _lookup_client(self, request: Request, client_id: Any) -> Client | None:
        """A registered service that isn't disabled."""
        if not isinstance(client_id, str) or len(client_id) > 100:
            return None
        clients = Found.now().clients
        if client_id not in clients:
            rows = Client.objects.select_related("service").filter(service__disabled_at=None)
            clients[client_id] = rows.filter(pk=client_id, service__isnull=False).first()
        return clients[client_id]

    def authenticate_client(self, request: Request, *args: Any, **options: Any) -> bool:
        """By its secret, in the head or in the body but not in both; a public one has none and is refused one."""
        client_id, secret = extract_basic_auth(request.headers)
        posted = getattr(request, "client_secret", None)
        if client_id is None:
            client_id, secret = getattr(request, "client_id", None), posted
        elif posted:
            return False
        client = self._lookup_client(request, client_id)
        if client is None or not isinstance(secret, str) or not is_secret(client, secret):
            return False
        if request.client_id and request.client_id != client.pk:
            return False
        request.client_id = client.pk
        self._use_client(request, client)
        return True

    def client_authentication_required(self, request: Request, *args: Any, **options: Any) -> bool:
        """Of all but public clients; one that isn't known must prove itself, and can't."""
        client = self._lookup_client(request, request.client_id)
        return client is None or client.type != Client.Type.PUBLIC or bool(request.client_secret)

    # The request to sign in

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **options: Any
    ) -> bool:
        return redirect_uri in request.client.get_redirect_uris()

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return True

    def validate_silent_login(self, request: Request) -> bool:
        user = context.request.user
        if user.is_authenticated and rules.may_sign_in(user, request.client.service):
            request.user = user
            return True
        return False

    def validate_silent_authorization(self, request: Request) -> bool:
        return not needs_consent(context.request.user, request.client, request.scopes, request.redirect_uri)

    def validate_user_match(self, id_token_hint: str | None, scopes: Any, asked: Any, request: Request) -> bool:
        """A hint that names somebody else than who has signed in is refused."""
        if not id_token_hint or not context.request.user.is_authenticated:
            return True
        told = signing.read_id_token(id_token_hint, request.client.pk)
        return told is not None and told["sub"] == context.request.user.pk.hex

    def is_origin_allowed(self, client_id: str, origin: str, request: Request, *args: Any, **options: Any) -> bool:
        return False

    def save_authorization_code(
        self, client_id: str, code: dict[str, Any], request: Request, *args: Any, **options: Any
    ) -> None:
        key = context.request.session.session_key
        connections.begin(
            request.user,
            request.client,
            request.scopes,
            connections.proof_of(context.request),
            session_mark=connections.fingerprint(key) if key else "",
            code_hash=connections.fingerprint(code["code"]),
            code_expires_at=timezone.now() + connections.CODE_LASTS,
            code_challenge=request.code_challenge,
            redirect_uri=request.redirect_uri,
            nonce=request.nonce or "",
        )

    # A code becomes tokens

    def _connection(self, code: Any) -> Connection | None:
        """The connection that a code belongs to, locked until the answer is written: of two, the second waits."""
        found = Found.now()
        if found.connection is None and isinstance(code, str) and code:
            rows = Connection.objects.select_for_update(of=("self",)).select_related("user", "client__service")
            found.connection = rows.filter(code_hash=connections.fingerprint(code), ended_at=None).first()
        return found.connection

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **options: Any
    ) -> bool:
        """Tried once, it is used up, even where something else turns out to be wrong: a second try ends everything."""
        connection = self._connection(code)
        if connection is None:
            return False
        if connection.code_used_at is not None or connection.client_id != client.pk:
            connections.end(connection, "provider.code_replayed")
            return False
        now = timezone.now()
        Connection.objects.filter(pk=connection.pk).update(code_used_at=now, last_used_at=now)
        connection.code_used_at = now
        if connection.code_expires_at is None or connection.code_expires_at <= now:
            return False
        if not connections.is_living(connection):
            return False
        request.user, request.scopes = connection.user, connection.scopes
        return True

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Client, request: Request, *args: Any, **options: Any
    ) -> bool:
        connection = self._connection(code)
        return connection is not None and redirect_uri == connection.redirect_uri

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **options: Any
    ) -> None:
        """It was used up when it was tried; its hash stays, so that it is recognised when it comes again."""

    def get_authorization_code_scopes(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> list[str]:
        connection = self._connection(code)
        return list(connection.scopes) if connection else []

    def get_authorization_code_nonce(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> str | None:
        connection = self._connection(code)
        return connection.nonce or None if connection else None

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        connection = self._connection(code)
        return connection.code_challenge if connection else None

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        return "S256"

    # Tokens

    def rotate_refresh_token(self, request: Request) -> bool:
        return True

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **options: Any
    ) -> bool:
        token = connections.use_refresh_token(refresh_token, client)
        if token is None:
            return False
        found = Found.now()
        found.refresh, found.connection = token, connections.connection_of(token)
        request.user = token.user
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **options: Any) -> list[str]:
        token = Found.now().refresh
        return list(token.get_scopes()) if token else []

    @transaction.atomic
    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **options: Any) -> None:
        found = Found.now()
        assert found.connection is not None
        kinds, granted = Token.Type, in_order(request.scopes)
        until = timedelta(seconds=token["expires_in"])
        connections.keep_token(found.connection, kinds.ACCESS_TOKEN, token["access_token"], granted, until)
        if text := token.get("refresh_token"):
            if Client.GrantType.REFRESH_TOKEN not in request.client.get_grant_types():
                del token["refresh_token"]
                return
            kept = found.refresh.get_scopes() if found.refresh else granted  # narrowed for once, not for good
            connections.keep_token(found.connection, kinds.REFRESH_TOKEN, text, kept, connections.REFRESH_LASTS)

    def finalize_id_token(
        self, id_token: dict[str, Any], token: dict[str, Any], token_handler: Any, request: Request
    ) -> str:
        connection = Found.now().connection
        assert connection is not None
        return sign_id_token(connection, request.scopes, {k: v for k, v in id_token.items() if v is not None})

    def validate_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        access = connections.find_access(token or "")
        if access is None:
            return False
        Found.now().connection = access.connection
        self._use_client(request, access.connection.client)
        request.user, request.scopes = access.user, sorted(access.scopes)
        return True

    def validate_jwt_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        """Access tokens are opaque: an id_token is proof for the service it was made for, and opens nothing here."""
        return False

    def get_userinfo_claims(self, request: Request) -> dict[str, Any]:
        return claims.of(request.user, request.client.service, request.scopes)

    @transaction.atomic
    def revoke_token(
        self, token: str, token_type_hint: str | None, request: Request, *args: Any, **options: Any
    ) -> None:
        """A service gives up its own tokens and no other's; with a refresh token goes all of that sign-in."""
        kinds = [Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN]
        found = Token.objects.by_value(token).filter(client=request.client, type__in=kinds).first()
        if found is None:
            return
        connection = connections.connection_of(found)
        if found.type == Token.Type.REFRESH_TOKEN and connection is not None:
            connections.end(connection)
        else:
            found.delete()

    def introspect_token(self, token: str, token_type_hint: str | None, request: Request, *a: Any, **o: Any) -> None:
        return None


def sign_id_token(connection: Connection, scopes: Any, base: dict[str, Any]) -> str:
    """Who signed in, for the service alone: of `base`, its nonce and the hash of the access token."""
    told: dict[str, Any] = {name: base[name] for name in ("nonce", "at_hash") if name in base}
    told |= claims.of(connection.user, connection.client.service, scopes)
    told |= claims.of_sign_in(connection)
    now = int(timezone.now().timestamp())
    told |= {"aud": connection.client_id, "azp": connection.client_id, "iat": now, "exp": now + ID_TOKEN_LASTS}
    return signing.sign(told, "JWT")


def is_secret(client: Client, secret: str) -> bool:
    """Compared in the same time whether it is nearly right or not. A public client has none."""
    kept = client.service.secret_hash
    return hmac.compare_digest(kept or connections.fingerprint(""), connections.fingerprint(secret)) and bool(
        kept and secret
    )


def needs_consent(user: Any, client: Client, scopes: Any, redirect_uri: str) -> bool:
    """Whether the person must be asked. Always where any program of the machine could stand at the address.

    What opens data in his name is never given without him, whatever the service is.
    """
    if client.skip_consent and not SENSITIVE & set(scopes):
        return False
    if redirect_uri.startswith("http:") and settings.HTTPS:
        return True
    consent = Consent.objects.filter(user=user, client=client).first()
    return consent is None or not consent.covers(scopes)
