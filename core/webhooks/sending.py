"""Call the addresses: each call signed, noted, and tried again with growing pauses for a day."""

from __future__ import annotations

import json
import logging
import time
from datetime import timedelta

import requests
from django.db import DatabaseError, transaction
from django.utils import timezone

from core import access, audit, jobs, outgoing, vault
from core.errors import Conflict, Refusal
from core.notices.services import notify
from core.webhooks.engine import signing
from core.webhooks.models import LASTS, MANAGE, PAUSES, Attempt, Delivery, Endpoint

logger = logging.getLogger(__name__)

IN_A_ROW = 3
"""After so many calls without success, the other deliveries of an address wait for the next time."""


def start(endpoint: Endpoint) -> None:
    """Have what is due to an address delivered by a job, one at a time for each address."""
    if not access.can(endpoint.owner, MANAGE, endpoint.project):
        switch_off(endpoint, Endpoint.Off.RIGHTS)
        return
    arguments = {"endpoint_id": str(endpoint.pk)}
    jobs.submit(
        endpoint.owner, "webhooks.deliver", project=endpoint.project, arguments=arguments, unique=str(endpoint.pk)
    )


def start_due() -> None:
    """For the scheduler: whatever is due and not on its way, after a pause or a crash."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=timezone.now(), endpoint__off="")
    for endpoint in Endpoint.objects.filter(pk__in=due.values("endpoint")).select_related("owner", "project"):
        try:
            start(endpoint)
        except (Refusal, Conflict, DatabaseError) as error:
            logger.warning("webhook %s was not started (%s)", endpoint.pk, type(error).__name__)


def next_due(endpoint_id: str) -> Delivery | None:
    """The oldest delivery that is due to an address which may still be called."""
    rows = Delivery.objects.select_related("endpoint__owner", "endpoint__project")
    due = rows.filter(
        endpoint__pk=endpoint_id, endpoint__off="", state=Delivery.State.WAITING, due_at__lte=timezone.now()
    )
    return due.order_by("due_at", "pk").first()


def body_of(delivery: Delivery) -> bytes:
    """What the receiver gets: what happened to which thing, and never what the thing holds."""
    said = {
        "type": delivery.action,
        "timestamp": delivery.at.isoformat(),
        "data": {
            "project": delivery.endpoint.project.slug,
            "event_id": delivery.event_id,
            "object_type": delivery.object_type,
            "object_id": delivery.object_id,
        },
    }
    return json.dumps(said, separators=(",", ":")).encode()


def secrets_of(endpoint: Endpoint) -> list[bytes]:
    """The secret, and the one before it while that still counts."""
    found = [vault.open(endpoint.project, bytes(endpoint.secret), place(endpoint))]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > timezone.now():
        found.append(vault.open(endpoint.project, bytes(endpoint.old_secret), place(endpoint)))
    return found


def place(endpoint: Endpoint) -> str:
    return f"webhooks.secret:{endpoint.pk}"


def call(delivery: Delivery) -> Attempt:
    """Call the address once. Whatever happens, it becomes an attempt."""
    body, now, begun = body_of(delivery), int(time.time()), time.monotonic()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "suite-interhop-webhooks/1",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signing.sign(secrets_of(delivery.endpoint), delivery.message_id, now, body),
    }
    attempt = Attempt(delivery=delivery)
    try:
        with outgoing.session() as client:
            answer = client.post(delivery.endpoint.url, data=body, headers=headers)
        attempt.status = answer.status_code
        attempt.answer = readable(answer.content[:300])
    except outgoing.Forbidden:
        attempt.fault = "forbidden"
    except outgoing.BadCertificate:
        attempt.fault = "certificate"
    except outgoing.TooMuch:
        attempt.fault = "too-much"
    except requests.Timeout:
        attempt.fault = "timeout"
    except requests.RequestException:
        attempt.fault = "unreachable"
    attempt.milliseconds = int((time.monotonic() - begun) * 1000)
    return attempt


def readable(content: bytes) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in content.decode("utf-8", "replace"))


@transaction.atomic
def settle(delivery: Delivery, attempt: Attempt) -> bool:
    """Note an attempt and what follows from it: delivered, once more after a pause, or given up."""
    now = timezone.now()
    endpoint = Endpoint.objects.select_for_update(no_key=True, of=("self",)).get(pk=delivery.endpoint_id)
    attempt.save()
    delivery.tried += 1
    good = attempt.status is not None and 200 <= attempt.status < 300
    if good:
        delivery.state, endpoint.failing_since = Delivery.State.DELIVERED, None
    else:
        endpoint.failing_since = endpoint.failing_since or now
        delivery.due_at = now + timedelta(seconds=PAUSES[min(delivery.tried, len(PAUSES)) - 1])
        if delivery.due_at > delivery.asked_at + LASTS:
            delivery.state = Delivery.State.FAILED
    delivery.save(update_fields=["state", "tried", "due_at"])
    endpoint.save(update_fields=["failing_since"])
    if attempt.status == 410:
        switch_off(endpoint, Endpoint.Off.GONE)
    elif endpoint.failing_since and now - endpoint.failing_since >= LASTS:
        switch_off(endpoint, Endpoint.Off.FAILING)
    return good


@transaction.atomic
def switch_off(endpoint: Endpoint, why: Endpoint.Off) -> None:
    """Nothing is sent there any more, and those who look after it are told. Once: who comes later does nothing."""
    if not Endpoint.objects.filter(pk=endpoint.pk, off="").update(off=why):
        return
    audit.record(None, "webhooks.endpoint_switched_off", endpoint, why=str(why))
    people = [membership.user for membership in access.members_holding(MANAGE, endpoint.project).select_related("user")]
    notify(
        people,
        "webhooks.endpoint_switched_off",
        project=endpoint.project,
        url=endpoint.get_absolute_url(),
        webhook=str(endpoint),
    )
