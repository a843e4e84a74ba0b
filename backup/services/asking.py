"""Ask people without account for files: who has the link of a request drops them, only its owner opens them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from backup import queries
from backup.models import FileRequest, Send
from backup.permissions import SEND
from backup.services import pieces, sends
from backup.services.fetching import hashed, nobodys
from core import access, audit
from core.errors import Conflict, Fault, Invalid
from core.jobs.services import person
from core.notices.services import notify

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

MOST_FILES = 200
ENVELOPE = 80
"""Bytes of a key sealed to that of a request (SEALED.md, section 7)."""
USUAL_BYTES = 5 * 10**9


@transaction.atomic
def ask(actor: Actor, project: Project, *, days: int = sends.DAYS, most_bytes: int = USUAL_BYTES) -> FileRequest:
    """Make a link by which files are dropped for the actor. Raises Invalid."""
    access.require(actor, SEND, project)
    faults = sends.days_faults(days)
    if not sends.SMALLEST <= most_bytes <= sends.PER_PERSON:
        faults.append(
            Fault("most_bytes", "range", _("From 4 KiB to %d GiB can be dropped.") % (sends.PER_PERSON >> 30))
        )
    if faults:
        raise Invalid(faults)
    until = timezone.now() + timedelta(days=days)
    row = FileRequest(project=project, owner_id=person(actor), most_bytes=most_bytes, expires_at=until)
    row.save(force_insert=True)
    audit.record(actor, "backup.request_made", row, bytes=most_bytes, until=until.isoformat())
    return row


@transaction.atomic
def withdraw(actor: Actor, row: FileRequest) -> FileRequest:
    """From now on nothing is dropped; what was dropped stays until it expires."""
    access.require(actor, SEND, row.project, obj=row)
    row = FileRequest.objects.select_for_update(of=("self",)).select_related("project").get(pk=row.pk)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        audit.record(actor, "backup.request_revoked", row)
    return row


@transaction.atomic
def drop(link: str, *, size: int, envelope: bytes) -> tuple[Send, str]:
    """Begin to drop a file, with the token by which it goes on. Raises Http404, Conflict once it is over, Invalid."""
    row = queries.request_of(link)
    row = FileRequest.objects.select_for_update(of=("self",)).select_related("project", "owner").get(pk=row.pk)
    refuse(queries.request_state(row))
    faults = sends.size_faults(size)
    if len(envelope) != ENVELOPE:
        faults.append(Fault("envelope", "length", _("The sealed key has another length.")))
    if faults:
        raise Invalid(faults)
    held = row.files.aggregate(bytes=Sum("size"))["bytes"] or 0
    if held + size > row.most_bytes or row.files.count() >= MOST_FILES:
        raise Invalid([Fault("size", "quota", _("More isn’t taken by this link. Ask who gave it to you for another."))])
    sends.require_room(row.owner_id, row.project, size)
    token = secrets.token_urlsafe(24)
    send = Send(project=row.project, owner=row.owner, request=row, envelope=envelope, size=size, days=sends.DAYS)
    send.upload_hash = hashed(token)
    with nobodys():
        return sends.begun(send, None), token


def dropped(link: str, token: str) -> Send:
    """What is being dropped with this token. Raises Http404, Conflict once the request is over."""
    rows = Send.objects.filter(request__link=link, upload_hash=hashed(token))
    send = rows.select_related("project", "owner", "request__owner", "request__project").first()
    if send is None or send.request is None:
        raise Http404
    refuse(queries.request_state(send.request))
    return send


def put(link: str, token: str, number: int, data: bytes) -> bool:
    """Take a piece from a stranger; whether it is new. Raises as `dropped` and `pieces.taken`."""
    return pieces.taken(dropped(link, token), number, data)


def finish(link: str, token: str) -> Send:
    """All of it is there: its owner is told. Raises as `dropped` and `sends.finished`."""
    send = dropped(link, token)
    was_there = send.finished_at is not None
    with transaction.atomic(), nobodys():
        send = sends.finished(send, None)
        if not was_there:
            assert send.request is not None
            notify([send.owner], "backup.file_dropped", project=send.project, url=send.request.get_absolute_url())
    return send


def refuse(state: str) -> None:
    """Say why nothing is taken, where nothing is. Raises Conflict."""
    words = {
        "expired": _("This link has expired. Ask who gave it to you for a new one."),
        "revoked": _("This link was withdrawn by who made it."),
    }
    if state != "open":
        raise Conflict(words[state], state)
