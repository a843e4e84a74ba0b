"""What a sign-in leaves open, and its end: at once, everywhere, and told to the service."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from allauth.account.internal.flows.login import get_authentication_records
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import audit
from core.accounts.strength import PROVIDER
from core.provider import backchannel, rules
from core.provider.models import Connection, Consent
from core.provider.scopes import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allauth.idp.oidc.models import Client
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from core.accounts.models import User
    from core.provider.models import Service

CODE_LASTS = timedelta(seconds=60)
ACCESS_LASTS = timedelta(minutes=15)
REFRESH_LASTS = timedelta(days=30)
"""Since the last use; each one is used once."""
DEVICE_LASTS = timedelta(days=90)
"""A command line asks again after this, however much it is used."""
AT_ONCE = 1000
NOTED_EVERY = timedelta(minutes=1)
AMR = {"password": "pwd", "mfa": "otp", PROVIDER: "fed", "code": "otp"}
"""How a record of a session names a way to sign in -> RFC 8176."""


def fingerprint(text: str) -> str:
    """What is kept of a code, a secret or a session key: it can't be turned back, nor made without the server's key."""
    return salted_hmac("core.provider", text, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


class Proof(NamedTuple):
    """When and how the person of this browser session said who he is."""

    at: datetime
    acr: str
    amr: list[str]


def proof_of(request: HttpRequest) -> Proof:
    """From the session's own records; a one-time link counts as one factor, at the start of the session."""
    records = get_authentication_records(request, request.user)
    ways = {way_of(record) for record in records}
    several = len(ways - {"user"}) > 1 or any(is_both(record) for record in records)
    last = max((record["at"] for record in records), default=None)
    at = datetime.fromtimestamp(last, UTC) if last else request.user.last_login or timezone.now()  # type: ignore[union-attr]
    return Proof(at, "2" if several else "1", sorted(ways | ({"mfa"} if several else set())))


def way_of(record: dict[str, Any]) -> str:
    if record.get("method") == "mfa" and record.get("type") == "webauthn":
        return "hwk"
    return AMR.get(record.get("method", ""), "user")


def is_both(record: dict[str, Any]) -> bool:
    """Whether it is two factors by itself: a provider that counts as strong, a passkey that verifies its person."""
    return bool(record.get("strong" if record.get("method") == PROVIDER else "passwordless"))


@transaction.atomic
def begin(user: User, client: Client, scopes: Sequence[str], proof: Proof, **more: Any) -> Connection:
    """A sign-in that the person has allowed; `more` are its code and where it goes, or how long it lasts."""
    connection = Connection.objects.create(
        user=user,
        client=client,
        scopes=in_order(scopes),
        epoch=user.session_epoch,
        auth_time=proof.at,
        acr=proof.acr,
        amr=proof.amr,
        **more,
    )
    audit.record(user, "provider.signed_in", client.service, service=client.name, scopes=connection.scopes)
    return connection


def is_living(connection: Connection) -> bool:
    """Whether its tokens open anything at this moment: asked each time one is shown."""
    return (
        Connection.objects.living().filter(pk=connection.pk).exists()
        and (connection.expires_at is None or connection.expires_at > timezone.now())
        and rules.may_sign_in(connection.user, connection.client.service)
    )


# Tokens. The rows are allauth's: a hash, a kind, an end. `data` says which connection one belongs to, and whether a
# refresh token was used: it is kept until it would have ended, so that using it twice is noticed.


def keep_token(connection: Connection, kind: Token.Type, text: str, scopes: Sequence[str], lasts: timedelta) -> None:
    until = timezone.now() + lasts
    if connection.expires_at is not None:
        until = min(until, connection.expires_at)
    token = Token(
        type=kind,
        client=connection.client,
        user=connection.user,
        expires_at=until,
        data={"connection": str(connection.pk)},
    )
    token.set_value(text)
    token.set_scopes(list(scopes))
    token.save()


def new_token() -> str:
    return secrets.token_urlsafe(48)


class Access(NamedTuple):
    """What an access token opens at this moment."""

    user: User
    connection: Connection
    scopes: frozenset[str]


def find_access(text: str) -> Access | None:
    """The access that this text gives, or None: unknown, over, ended, of a service or a person that may no longer."""
    token = Token.objects.lookup(Token.Type.ACCESS_TOKEN, text) if 0 < len(text) <= 200 else None
    connection = connection_of(token) if token is not None else None
    if token is None or connection is None or not is_living(connection):
        return None
    return Access(connection.user, connection, frozenset(token.get_scopes()))


def connection_of(token: Token, lock: bool = False) -> Connection | None:
    rows = Connection.objects.select_related("user", "client__service")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(pk=str((token.data or {})["connection"])).first()


@transaction.atomic
def use_refresh_token(text: str, client: Client) -> Token | None:
    """The refresh token that this text is, used up from now on.

    One that was used before has been stolen, from the service or by it: all that the sign-in left open ends.
    """
    token = (
        Token.objects.select_for_update(of=("self",))
        .by_value(text)
        .filter(type=Token.Type.REFRESH_TOKEN, client=client)
        .first()
    )
    connection = connection_of(token, lock=True) if token is not None else None
    if token is None or connection is None:
        return None
    if token.data.get("spent"):
        end(connection, "provider.token_replayed")
        return None
    if token.expires_at is None or token.expires_at <= timezone.now() or not is_living(connection):
        return None
    token.data = token.data | {"spent": True}
    token.save(update_fields=["data"])
    note_use(connection)
    return token


def note_use(connection: Connection) -> None:
    """Remember when it was last used, to the minute."""
    if timezone.now() - connection.last_used_at > NOTED_EVERY:
        Connection.objects.filter(pk=connection.pk).update(last_used_at=timezone.now())


# The end.


@transaction.atomic
def end(connection: Connection, action: str = "", actor: User | None = None) -> bool:
    """Its code and tokens open nothing any more, and the service is told; False where it had ended already."""
    if not Connection.objects.filter(pk=connection.pk, ended_at=None).update(ended_at=timezone.now(), code_hash=None):
        return False
    _tokens_of(connection).delete()
    backchannel.tell(connection)
    if action:
        service = connection.client.service
        audit.record(actor, action, service, service=service.client.name, person=str(connection.user_id))
    return True


def _tokens_of(connection: Connection) -> QuerySet[Token]:
    mine: QuerySet[Token] = Token.objects.filter(user=connection.user_id, client=connection.client_id)
    return mine.filter(data__connection=str(connection.pk))


def end_of_others(service: Service) -> int:
    """End what those have open who may no longer sign in to a service, a thousand at a time."""
    if service.audience == service.Audience.EVERYBODY:
        return 0
    shut_out = Connection.objects.filter(client=service.client_id, ended_at=None)
    shut_out = shut_out.exclude(user__in=rules.letting_in(service).values("user"))
    return end_those(Connection.objects.filter(pk__in=shut_out.order_by("pk").values("pk")[:AT_ONCE]))


def end_those(connections: QuerySet[Connection], action: str = "", actor: User | None = None) -> int:
    rows = connections.filter(ended_at=None).select_related("user", "client__service")
    return sum(end(connection, action, actor) for connection in rows)


@transaction.atomic
def revoke(actor: User, client: Client) -> None:
    """A person takes back what he allowed a service: it is asked for again the next time."""
    ended = end_those(Connection.objects.filter(user=actor, client=client))
    forgotten, _rows = Consent.objects.filter(user=actor, client=client).delete()
    if ended or forgotten:
        audit.record(actor, "provider.access_revoked", client.service, service=client.name)


@transaction.atomic
def allow(user: User, client: Client, scopes: Sequence[str]) -> None:
    """Remember what a person allows a service, beside what he had allowed before."""
    consent, _new = Consent.objects.get_or_create(user=user, client=client, defaults={"scopes": []})
    consent.scopes, consent.given_at = in_order({*consent.scopes, *scopes}), timezone.now()
    consent.save()
    audit.record(user, "provider.access_allowed", client.service, service=client.name, scopes=in_order(scopes))
