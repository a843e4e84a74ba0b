"""Send a sealed file to people without account: what its owner does with it. Its bytes come by `pieces`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from backup.engine.format.packs import padme
from backup.models import Send
from backup.models.sends import PIECE
from backup.permissions import SEND
from core import access, audit
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.files import quotas
from core.jobs.services import person

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

SMALLEST, LARGEST = 4096, 20 << 30
"""Bytes of a sealed file."""
PER_PERSON = 100 << 30
"""Bytes of all the sealed files of one person that can be fetched or are being sent."""
DAYS, MOST_DAYS = 7, 90
MOST_FETCHES = 1000


@transaction.atomic
def begin(actor: Actor, project: Project, *, size: int, days: int = DAYS, most_fetches: int | None = None) -> Send:
    """Make room for a sealed file, whose pieces come after. Raises Invalid, also where there is no room."""
    access.require(actor, SEND, project)
    faults = [*days_faults(days), *size_faults(size)]
    if most_fetches is not None and not 1 <= most_fetches <= MOST_FETCHES:
        faults.append(Fault("most_fetches", "range", _("It can be fetched from 1 to %d times.") % MOST_FETCHES))
    if faults:
        raise Invalid(faults)
    require_room(person(actor), project, size)
    send = Send(project=project, owner_id=person(actor), size=size, days=days, most_fetches=most_fetches)
    return begun(send, actor)


def begun(send: Send, actor: Actor | None) -> Send:
    send.expires_at = timezone.now() + timedelta(days=send.days)
    send.save(force_insert=True)
    audit.record(actor, "backup.send_begun", send, bytes=send.size)
    return send


def finish(actor: Actor, send: Send) -> Send:
    """From now on it can be fetched. Raises Invalid where pieces are missing."""
    require_own(actor, send)
    return finished(send, actor)


@transaction.atomic
def finished(send: Send, actor: Actor | None) -> Send:
    """The time until it expires begins when all of it is there. Harmless to repeat."""
    send = uploading(send, or_finished=True)
    if send.finished_at is not None:
        return send
    there = send.pieces.count()
    if there != send.piece_count:
        message = _("%(there)d of %(all)d pieces are there: send the others first.")
        raise Invalid([Fault("pieces", "missing", message % {"there": there, "all": send.piece_count})])
    send.finished_at = timezone.now()
    send.expires_at = send.finished_at + timedelta(days=send.days)
    send.save(update_fields=["finished_at", "expires_at"])
    action = "backup.send_received" if send.request_id else "backup.send_made"
    audit.record(actor, action, send, bytes=send.size, protected=send.is_protected, until=send.expires_at.isoformat())
    return send


@transaction.atomic
def revoke(actor: Actor, send: Send) -> Send:
    """From now on nobody fetches it, also who has begun to; upkeep removes its bytes."""
    access.require(actor, SEND, send.project, obj=send)
    send = locked(send)
    if send.revoked_at is None:
        send.revoked_at = timezone.now()
        send.save(update_fields=["revoked_at"])
        audit.record(actor, "backup.send_revoked", send)
    return send


@transaction.atomic
def prolong(actor: Actor, send: Send, *, days: int) -> Send:
    """Let it be fetched for so many days from now on. Raises Invalid, Conflict once it is over."""
    require_own(actor, send)
    if faults := days_faults(days):
        raise Invalid(faults)
    send = locked(send)
    if send.state not in ("uploading", "ready"):
        raise Conflict(_("This file can’t be fetched any more: send it again."), "over")
    send.days, send.expires_at = days, timezone.now() + timedelta(days=days)
    send.save(update_fields=["days", "expires_at"])
    audit.record(actor, "backup.send_prolonged", send, until=send.expires_at.isoformat())
    return send


def require_own(actor: Actor, send: Send) -> None:
    """Others who see it may stop it, and nothing else. Raises Refused."""
    access.require(actor, SEND, send.project, obj=send)
    if send.owner_id != actor.pk:
        raise access.Refused(actor, SEND, send.project, send)


def locked(send: Send) -> Send:
    return Send.objects.select_for_update(of=("self",)).select_related("project", "owner").get(pk=send.pk)


def uploading(send: Send, *, or_finished: bool = False) -> Send:
    """The row, locked, while pieces of it are taken. Raises Conflict."""
    send = locked(send)
    if send.state != "uploading" and not (or_finished and send.finished_at):
        raise not_uploading()
    return send


def not_uploading() -> Conflict:
    return Conflict(_("Nothing more is taken of this file: it is whole, was revoked or was given up."), "not-uploading")


def days_faults(days: int) -> list[Fault]:
    if 1 <= days <= MOST_DAYS:
        return []
    return [Fault("days", "range", _("A link is good for 1 to %d days.") % MOST_DAYS)]


def size_faults(size: int) -> list[Fault]:
    """A sealed file has one of few sizes: another one would tell more of what it holds."""
    if size > LARGEST:
        message = _("The file is larger than the %d GiB that can be sent.") % (LARGEST >> 30)
        return [Fault("size", "too_large", message)]
    if size < SMALLEST or padme(size) != size:
        return [Fault("size", "not_padded", _("A sealed file has no such size: seal it again."))]
    return []


def require_room(owner_id: object, project: Project, size: int) -> None:
    """Whether the project and the person have room, who is asked for one file after the other. Raises Invalid."""
    quotas.require_room(project, size)
    owner = User.objects.select_for_update(no_key=True).get(pk=str(owner_id))
    held = Send.objects.filter(owner=owner, erased_at=None).aggregate(bytes=Sum("size"))["bytes"] or 0
    if held + size > PER_PERSON:
        message = _("Your sealed files may take %d GiB in all: revoke some, or wait until they expire.")
        raise Invalid([Fault("size", "quota", message % (PER_PERSON >> 30))])


__all__ = ["PIECE", "begin", "finish", "prolong", "revoke"]
