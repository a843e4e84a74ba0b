"""Let a sealed file be fetched by whoever has its link, and nobody else know of it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from backup import queries
from backup.models import Send, SendFetch
from backup.services import sends
from core import audit
from core.context import current
from core.errors import Conflict
from core.notices.services import notify

if TYPE_CHECKING:
    from core.files.models import StoredFile


def begin(link: str) -> tuple[SendFetch, str]:
    """Count a download and give it a ticket, good for a day. Raises Http404, Conflict once it is over."""
    send = queries.sent(link)
    address = address_hash()
    with transaction.atomic(), nobodys():
        send = sends.locked(send)
        refuse(queries.state_for_others(send))
        ticket = secrets.token_urlsafe(24)
        fetch = SendFetch.objects.create(send=send, ticket_hash=hashed(ticket), address_hash=address)
        Send.objects.filter(pk=send.pk).update(fetch_count=F("fetch_count") + 1, fetched_at=timezone.now())
        audit.record(None, "backup.send_fetched", send, bytes=send.size, place=address)
        if send.request_id is None:
            notify([send.owner], "backup.file_fetched", project=send.project, url=send.get_absolute_url())
    return fetch, ticket


def piece(link: str, ticket: str, number: int) -> StoredFile:
    """A piece, for who has a ticket. Raises Http404, Conflict once it is over."""
    fetch = (
        SendFetch.objects.filter(ticket_hash=hashed(ticket), send__link=link).select_related("send__project").first()
    )
    if fetch is None:
        raise Http404
    send = queries.sent(link)
    state = queries.state_for_others(send)
    refuse("ready" if state == "used" and send.still_opens(fetch.created_at) else state)
    if not send.still_opens(fetch.created_at):
        raise Conflict(_("This download was begun too long ago: begin it again."), "ticket-over")
    found = send.pieces.filter(number=number).select_related("file__project").first()
    if found is None:
        raise Http404
    return found.file


def refuse(state: str) -> None:
    """Say why it can't be fetched, where it can't. Raises Conflict."""
    words = {
        "uploading": _("This file isn’t there in full yet: its sender is still sending it. Try again later."),
        "used": _("This file was fetched as often as its sender allows. Ask him for a new link."),
        "expired": _("This link has expired. Ask who sent it to you for a new one."),
        "revoked": _("This file was withdrawn by its sender."),
    }
    if state != "ready":
        raise Conflict(words[state], state)


def hashed(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def address_hash() -> str:
    """Which place a download comes from, as a keyed hash that leads back to none."""
    address = current.get().address
    return salted_hmac("backup.sends", address, algorithm="sha256").hexdigest()[:16] if address else ""


@contextmanager
def nobodys() -> Iterator[None]:
    """The audit trail keeps no address of people without account."""
    mark = current.set(replace(current.get(), address=None))
    try:
        yield
    finally:
        current.reset(mark)
