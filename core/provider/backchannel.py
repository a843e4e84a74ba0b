"""Tell services that somebody's sign-in has ended: OpenID Connect Back-Channel Logout 1.0, tried again until heard.

The work is a job in the name of the administrator who registered the service: it is he who said whom to call.
"""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import requests
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, jobs, outgoing
from core.accounts.models import User
from core.errors import Conflict
from core.provider import signing
from core.provider.models import Connection, LogoutNotice, Service

if TYPE_CHECKING:
    from allauth.idp.oidc.models import Client

TASK = "provider.tell_logout"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""After each failed attempt; then it is given up."""
TOKEN_LASTS = 120
"""Seconds: one is signed for each attempt."""
AT_ONCE, GIVEN_UP = 200, 3
"""Notices that one job sends, and failures after which it stops."""


def tell(connection: Connection) -> None:
    """Keep a notice for a service that asked to hear of it, and send it once this is committed."""
    service = connection.client.service
    if not service.logout_address or not connection.session_mark or connection.code_used_at is None:
        return
    LogoutNotice.objects.create(client=connection.client, sid=connection.sid, sub=connection.user_id.hex)
    _send(service)


def send_due() -> None:
    """Send again what waits, and what no job has taken. Called by the scheduler."""
    due = LogoutNotice.objects.filter(state=LogoutNotice.State.WAITING, due_at__lte=timezone.now())
    for service in Service.objects.filter(client__in=due.values("client")).select_related("client", "registered_by"):
        _send(service)


def _send(service: Service) -> None:
    owner = _in_whose_name(service)
    if owner is None:
        return
    try:
        jobs.submit(owner, TASK, arguments={"client": service.client_id}, unique=f"logout:{service.client_id}")
    except Conflict:
        return  # one is under way in another's name: what it misses is sent by the scheduler


def _in_whose_name(service: Service) -> User | None:
    first = service.registered_by
    if first is not None and first.is_active and first.is_administrator:
        return first
    return User.objects.filter(is_active=True, is_administrator=True).order_by("created_at").first()


def deliver(client: Client) -> dict[str, int]:
    """Send what is due to one service; gives how many it heard and how many not."""
    counts = {"heard": 0, "failed": 0}
    now = timezone.now()
    waiting = LogoutNotice.objects.filter(client=client, state=LogoutNotice.State.WAITING, due_at__lte=now)
    for notice in waiting.order_by("due_at")[:AT_ONCE]:
        fault = call(client.service.logout_address, token_for(notice)) if client.service.logout_address else ""
        settle(notice, fault)
        counts["failed" if fault else "heard"] += 1
        if counts["failed"] >= GIVEN_UP:
            break  # it is down: the others stay due, and the scheduler asks again
    return counts


def token_for(notice: LogoutNotice) -> str:
    """A logout token: it can't be taken for an id_token, for it has no nonce, another `typ`, and says its event."""
    claims = {
        "aud": notice.client_id,
        "sub": notice.sub,
        "sid": notice.sid,
        "jti": secrets.token_hex(16),
        "exp": int(time.time()) + TOKEN_LASTS,
        "events": {EVENT: {}},
    }
    return signing.sign(claims, "logout+jwt")


def call(address: str, token: str) -> str:
    """Post a logout token; gives what went wrong, in words."""
    try:
        with outgoing.session() as session:
            answer = session.post(address, data={"logout_token": token}, headers={"Accept": "application/json"})
    except outgoing.Forbidden:
        return _("This address is in a private network that the operator hasn’t allowed.")
    except outgoing.BadCertificate:
        return _("Its certificate has expired, is for another address or comes from nobody who is trusted here.")
    except requests.RequestException as error:
        return _("It did not answer (%(kind)s).") % {"kind": type(error).__name__}
    if answer.status_code in (200, 204):
        return ""
    return _("It answered %(status)s.") % {"status": answer.status_code}


@transaction.atomic
def settle(notice: LogoutNotice, fault: str) -> None:
    """Write down what became of an attempt, and when the next one is due."""
    states = LogoutNotice.State
    notice.attempts += 1
    notice.answer = fault[:200]
    if not fault:
        notice.state = states.DONE
    elif notice.attempts > len(WAITS):
        notice.state = states.FAILED
        audit.record(
            None, "provider.logout_not_heard", notice.client.service, outcome="failed", service=notice.client.name
        )
    else:
        notice.due_at = timezone.now() + WAITS[notice.attempts - 1]
    notice.save(update_fields=["attempts", "answer", "state", "due_at"])
