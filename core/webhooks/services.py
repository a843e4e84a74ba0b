"""Look after the addresses that are told, and have them told again."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, outgoing, vault
from core.errors import Conflict, Fault, Invalid
from core.webhooks import events, sending
from core.webhooks.engine import signing
from core.webhooks.models import MANAGE, Delivery, Endpoint

if TYPE_CHECKING:
    from core.access.models import Project
    from core.accounts.models import User

BOTH_COUNT = timedelta(days=1)
"""How long the secret before the newest one still signs."""
MOST_AGAIN = 10_000


@transaction.atomic
def create_endpoint(
    actor: User, project: Project, url: str, codes: Collection[str], description: str = ""
) -> tuple[Endpoint, str]:
    """A new address, and the secret that signs what it is told, which can't be shown again. Raises Invalid."""
    access.require(actor, MANAGE, project)
    url = url.strip()
    refuse(faults(url, codes))
    endpoint = Endpoint(
        project=project, owner=actor, url=url, events=sorted(set(codes)), description=description.strip()[:120]
    )
    text = give_secret(endpoint)
    try:
        with transaction.atomic():
            endpoint.save(force_insert=True)
    except IntegrityError:
        raise Invalid([Fault("url", "taken", _("This address is told already."))]) from None
    audit.record(actor, "webhooks.endpoint_created", endpoint, events=endpoint.events)
    return endpoint, text


def faults(url: str, codes: Collection[str]) -> list[Fault]:
    found = []
    try:
        parts = urlsplit(url)
        host, _port = (parts.hostname or ""), parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or len(url) > 500 or not url.isprintable() or " " in url or "@" in parts.netloc or parts.fragment:
        found.append(
            Fault("url", "malformed", _("Give the whole address: https://example.org/path, without a password."))
        )
    elif parts.scheme != "https" and not (parts.scheme == "http" and outgoing.is_ours(host)):
        found.append(Fault("url", "https", _("The address must begin with https://.")))
    elif not outgoing.is_ours(host) and is_inside(host):
        found.append(Fault("url", "private", _("The suite calls no address of its own network.")))
    if not codes:
        found.append(Fault("events", "required", _("Choose at least one event.")))
    found += [
        Fault("events", "unknown", _("There is no event %(event)s.") % {"event": code})
        for code in events.unknown(codes)
    ]
    return found


def is_inside(host: str) -> bool:
    """Whether the name itself says so. What a name leads to is looked at again at each call."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    with suppress(OSError):
        host = socket.inet_ntoa(socket.inet_aton(host))  # as connections read it: 2130706433, 0x7f.1 and 127.1 too
    try:
        return not outgoing.is_public(host)
    except ValueError:
        return False


def refuse(found: list[Fault]) -> None:
    if found:
        raise Invalid(found)


def give_secret(endpoint: Endpoint) -> str:
    secret = secrets.token_bytes(32)
    endpoint.secret = vault.seal(endpoint.project, secret, sending.place(endpoint))
    return signing.secret_text(secret)


def hold(actor: User, endpoint: Endpoint) -> Endpoint:
    """The address as it is now, which nobody else changes meanwhile."""
    access.require(actor, MANAGE, endpoint.project, obj=endpoint)
    rows = Endpoint.objects.select_for_update(of=("self",)).select_related("project", "owner")
    return rows.get(pk=endpoint.pk)


@transaction.atomic
def change_endpoint(actor: User, endpoint: Endpoint, **values: Any) -> Endpoint:
    """Another description, other events, on or off. Who switches it on looks after it from then on."""
    endpoint = hold(actor, endpoint)
    codes = values.get("events", endpoint.events)
    refuse(faults(endpoint.url, codes))
    endpoint.events = sorted(set(codes))
    endpoint.description = str(values.get("description", endpoint.description)).strip()[:120]
    if "active" in values and values["active"] == bool(endpoint.off):
        endpoint.off = "" if values["active"] else Endpoint.Off.PERSON
        if values["active"]:
            endpoint.owner, endpoint.failing_since = actor, None
            events.start(endpoint)
    endpoint.save()
    audit.record(actor, "webhooks.endpoint_changed", endpoint, events=endpoint.events, active=not endpoint.off)
    return endpoint


@transaction.atomic
def rotate_secret(actor: User, endpoint: Endpoint) -> tuple[Endpoint, str]:
    """A new secret; for a day the old one signs too, so that the receiver can change without losing a call."""
    endpoint = hold(actor, endpoint)
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, timezone.now() + BOTH_COUNT
    text = give_secret(endpoint)
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    audit.record(actor, "webhooks.secret_rotated", endpoint)
    return endpoint, text


@transaction.atomic
def delete_endpoint(actor: User, endpoint: Endpoint) -> None:
    """Nothing is sent there any more, and what was sent is forgotten."""
    endpoint = hold(actor, endpoint)
    audit.record(actor, "webhooks.endpoint_deleted", endpoint)
    endpoint.delete()


@transaction.atomic
def send_test(actor: User, endpoint: Endpoint) -> Delivery:
    """Have the address called now about nothing. Raises Conflict where it is switched off."""
    endpoint = hold(actor, endpoint)
    require_on(endpoint)
    delivery = Delivery.objects.create(endpoint=endpoint, action=events.TEST)
    audit.record(actor, "webhooks.test_sent", endpoint)
    events.start(endpoint)
    return delivery


@transaction.atomic
def replay(actor: User, delivery: Delivery) -> Delivery:
    """Tell one thing again, under the same id. Raises Conflict where the address is switched off."""
    endpoint = hold(actor, delivery.endpoint)
    require_on(endpoint)
    again(Delivery.objects.filter(pk=delivery.pk))
    audit.record(actor, "webhooks.replayed", endpoint, deliveries=1)
    events.start(endpoint)
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def replay_since(actor: User, endpoint: Endpoint, since: datetime, until: datetime | None = None) -> int:
    """Tell again all that happened in a time; gives how much. Raises Invalid for too much at once."""
    endpoint = hold(actor, endpoint)
    require_on(endpoint)
    rows = Delivery.objects.filter(endpoint=endpoint, at__gte=since, at__lt=until or timezone.now())
    if rows.count() > MOST_AGAIN:
        message = _("That is more than %(most)s at once: choose a shorter time.") % {"most": MOST_AGAIN}
        raise Invalid([Fault("since", "too-many", message)])
    count = again(rows)
    audit.record(actor, "webhooks.replayed", endpoint, deliveries=count)
    events.start(endpoint)
    return count


def again(rows: Any) -> int:
    now = timezone.now()
    count: int = rows.update(state=Delivery.State.WAITING, tried=0, asked_at=now, due_at=now)
    return count


def require_on(endpoint: Endpoint) -> None:
    if endpoint.off:
        raise Conflict(_("This webhook is switched off. Switch it on first."), "webhook-off")


def on_leaving(user: User, project: Project | None, **_signal: Any) -> None:
    """With who leaves the project, the addresses that were called in his name are switched off."""
    found = Endpoint.objects.filter(owner=user, off="").select_related("project")
    for endpoint in found.filter(project=project) if project else found:
        sending.switch_off(endpoint, Endpoint.Off.RIGHTS)


def forget() -> None:
    """Drop what was sent more than thirty days ago, and old secrets that sign no more."""
    Delivery.objects.filter(created_at__lt=timezone.now() - timedelta(days=30)).exclude(state="waiting").delete()
    Endpoint.objects.filter(old_secret_until__lt=timezone.now()).update(old_secret=None, old_secret_until=None)
