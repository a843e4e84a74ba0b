"""Work done offline that didn't fit: read, saved after all once nothing is in the way, or discarded with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.models import OfflineFragment
from ecrf.services.offline.merging import bring
from ecrf.services.offline.placing import Unplaced, Waiting, place_of
from ecrf.services.offline.sent import Sent, read
from ecrf.services.offline.syncing import Clock, State, include, said, settle, why
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

WAITING = (State.ASIDE, State.PARTLY)


def read_aside(actor: Actor, receipt: OfflineFragment) -> Sent:
    """What was sent, for who may lock records at its site; the reading is in the journal."""
    access.require(actor, permissions.LOCK, receipt.project, site=receipt.site, obj=receipt)
    if receipt.content is None:
        raise Conflict(_("All of it is in the record: nothing was kept here."), "state")
    audit.record(actor, "ecrf.fragment_read", receipt, device=receipt.device.label, code=receipt.code)
    return read(receipt.content)


@transaction.atomic
def apply_again(actor: Actor, receipt: OfflineFragment) -> OfflineFragment:
    """Try once more, as the actor, what was set aside. Raises Conflict, and changes nothing, where it doesn't fit."""
    receipt = held(actor, receipt)
    sent, clock = read(receipt.content), Clock.of(None)
    author = receipt.author
    receipt.author = account(actor)
    try:
        if receipt.kind == OfflineFragment.Kind.SUBJECT:
            if receipt.site is None:
                raise Unplaced("forbidden")
            receipt.code = ""
            receipt.device.revoked_at = None  # who may lock records takes the work of a revoked device on himself
            include(actor, receipt, sent)
        else:
            device = receipt.device
            device.revoked_at = None
            subject, form, version, sheet = place_of(actor, device, sent)
            receipt.subject, receipt.site, receipt.form, receipt.instance = subject, subject.site, form, sheet.instance
            at = clock.bounded(sent.said_at, device)
            receipt.code = ""
            brought = bring(actor, subject, form, version, sheet, sent, at=at, reason=why(actor, receipt, sent))
            settle(actor, receipt, sent, brought)
    except Unplaced as error:
        raise Conflict(said(error.code), error.code) from None
    except Waiting:
        raise Conflict(said("bad_order"), "bad_order") from None
    if receipt.state in WAITING:
        raise Conflict(said(receipt.code), receipt.code)
    receipt.author = author
    receipt.state = State.SETTLED
    return finish(actor, receipt, "ecrf.fragment_applied", "")


@transaction.atomic
def drop(actor: Actor, receipt: OfflineFragment, reason: str) -> OfflineFragment:
    """Leave it out of the records for good; what was sent stays kept, with the reason."""
    receipt = held(actor, receipt)
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why."))])
    receipt.state = State.DROPPED
    return finish(actor, receipt, "ecrf.fragment_dropped", reason.strip()[:500])


def held(actor: Actor, receipt: OfflineFragment) -> OfflineFragment:
    rows = OfflineFragment.objects.select_related(
        "project", "device__project", "device__owner", "site", "subject", "form"
    )
    receipt = rows.select_for_update(of=("self",)).get(pk=receipt.pk)
    access.require(actor, permissions.LOCK, receipt.project, site=receipt.site, obj=receipt)
    if receipt.state not in WAITING:
        raise Conflict(_("Somebody has seen to this already."), "state")
    return receipt


def finish(actor: Actor, receipt: OfflineFragment, action: str, reason: str) -> OfflineFragment:
    receipt.settled_at, receipt.settled_by, receipt.reason = timezone.now(), account(actor), reason
    receipt.save()
    audit.record(actor, action, receipt, device=receipt.device.label, code=receipt.code, reason=reason)
    return receipt
