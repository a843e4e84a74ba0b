"""When a session, a membership or an account ends, so does all that it had open elsewhere: in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.idp.oidc.models import Token
from django.db.models import F, Q
from django.utils import timezone

from core.provider import connections
from core.provider.models import Connection, DeviceRequest, LogoutNotice, Service

if TYPE_CHECKING:
    from allauth.usersessions.models import UserSession
    from django.http import HttpRequest

    from core.accounts.models import User

KEPT = connections.REFRESH_LASTS
"""How long an ended connection and a notice stay to be looked at."""


def signed_out(request: HttpRequest, user: User | None, **_signal: Any) -> None:
    """Who signs out in the portal is signed out of the services that this browser session opened."""
    if user is not None and (key := request.session.session_key):
        _end_session(user.pk, key)


def session_ended(instance: UserSession, **_signal: Any) -> None:
    _end_session(instance.user_id, instance.session_key)


def _end_session(user_id: Any, key: str) -> None:
    mine = Connection.objects.filter(user=user_id, session_mark=connections.fingerprint(key))
    connections.end_those(mine)


def everything_ended(user: User, **_signal: Any) -> None:
    """A membership has ended, the account was closed or its password changed: services ask anew who may come in."""
    connections.end_those(Connection.objects.filter(user=user))


def sweep() -> None:
    """End what is over without an act here: sessions that were all ended, memberships that have come to their day."""
    over = Q(expires_at__lte=timezone.now()) | Q(user__is_active=False) | ~Q(user__session_epoch=F("epoch"))
    connections.end_those(Connection.objects.filter(over))
    for service in Service.objects.filter(disabled_at=None).exclude(audience=Service.Audience.EVERYBODY):
        connections.end_of_others(service)


def forget() -> None:
    """Delete what nobody asks for any more."""
    now = timezone.now()
    Token.objects.filter(expires_at__lt=now).delete()
    unused = Connection.objects.filter(ended_at=None, code_used_at=None, code_expires_at__lt=now)
    connections.end_those(unused)
    dormant = Connection.objects.filter(ended_at=None, last_used_at__lt=now - KEPT - connections.ACCESS_LASTS)
    connections.end_those(dormant)
    Connection.objects.filter(ended_at__lt=now - KEPT).delete()
    DeviceRequest.objects.filter(expires_at__lt=now).delete()
    LogoutNotice.objects.filter(created_at__lt=now - KEPT).exclude(state=LogoutNotice.State.WAITING).delete()
