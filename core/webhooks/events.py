"""What is recorded in the audit trail and public to webhooks becomes a delivery for each address that asked for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import tool
from core.webhooks import sending
from core.webhooks.models import Delivery, Endpoint

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.audit.models import Event

TEST = "webhooks.test"


def public() -> dict[str, _StrPromise | str]:
    """Every action that an address may be told of, in words: the apps declare them."""
    return {code: room.audit_actions[code] for room in tool.rooms() for code in room.webhooks}


def unknown(codes: Collection[str]) -> list[str]:
    return sorted(set(codes) - public().keys())


def on_event(instance: Event, created: bool, **_signal: Any) -> None:
    """In the transaction of the act: what is rolled back is told to nobody, and what is committed is not forgotten."""
    if not created or instance.outcome != "done" or instance.project_id is None or instance.action not in public():
        return
    if str(instance.details.get("task", "")).startswith("webhooks."):
        return  # the work of telling isn't itself told, or it would never end
    endpoints = Endpoint.objects.filter(project=instance.project_id, events__contains=[instance.action], off="")
    deliveries = [
        Delivery(
            endpoint=endpoint,
            action=instance.action,
            event_id=instance.pk,
            object_type=instance.object_type,
            object_id=instance.object_id,
            at=instance.at,
        )
        for endpoint in endpoints.select_related("owner", "project")
    ]
    Delivery.objects.bulk_create(deliveries)
    for delivery in deliveries:
        start(delivery.endpoint)


def start(endpoint: Endpoint) -> None:
    """Have the address called once this transaction is committed. Should that be missed, the scheduler does it."""
    transaction.on_commit(lambda: sending.start(endpoint), robust=True)


def in_words(action: str) -> str:
    """What an address is told of, for a reader."""
    return _("a test") if action == TEST else str(public().get(action, action))
