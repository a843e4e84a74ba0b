"""Take what was done offline: each piece of work once, in its order, and none of it lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Site
from core.errors import Conflict, Invalid
from ecrf import messages, permissions
from ecrf.models import OfflineDevice, OfflineFragment
from ecrf.services.offline.asking import ask
from ecrf.services.offline.merging import Brought, bring
from ecrf.services.offline.placing import Place, Unplaced, Waiting, place_of
from ecrf.services.offline.sent import Sent
from ecrf.services.people import account
from ecrf.services.subjects import include_subject

if TYPE_CHECKING:
    from core.access.scope import Actor

State = OfflineFragment.State
CLOCK_TOLERANCE = 120
"""Seconds by which a clock may be off without being said."""


@dataclass(frozen=True)
class Clock:
    """How far the clock of a device is off, as told when it sends."""

    now: datetime
    off: int

    @classmethod
    def of(cls, sent_at: datetime | None) -> Clock:
        now = timezone.now()
        off = round((sent_at - now).total_seconds()) if sent_at else 0
        return cls(now, max(-(2**31), min(off, 2**31 - 1)) if abs(off) > CLOCK_TOLERANCE else 0)

    def bounded(self, said_at: datetime | None, device: OfflineDevice) -> datetime:
        """What the device says, but neither before it was made ready nor after now."""
        return min(max(said_at or self.now, device.created_at), self.now)


def sync(
    actor: Actor, device: OfflineDevice, batch: Iterable[Sent], *, sent_at: datetime | None = None, exported: int = 0
) -> list[dict[str, Any]]:
    """Do each piece of work, and answer each in the order in which they came.

    One that was answered before gets the same answer; one whose predecessor hasn't come is ``pending``, also where it
    came first in this batch and its predecessor later. Who isn't the device's owner sends its rescue file, and must be
    somebody who locks records. Each is done in a transaction of its own.
    """
    is_rescue = device.owner_id != actor.pk
    access.require(actor, permissions.LOCK if is_rescue else permissions.READ, device.project, obj=device)
    clock = Clock.of(sent_at)
    waiting = list(batch)
    answers: dict[str, dict[str, Any]] = {}
    counts: Counter[str] = Counter()
    while waiting:
        again: list[Sent] = []
        for sent in waiting:
            answer, is_fresh = once(actor, device, sent, clock)
            answers[sent.id] = answer
            if answer["state"] == "pending":
                again.append(sent)
            elif is_fresh:
                counts[answer["state"]] += 1
        if len(again) == len(waiting):
            break
        waiting = again
    OfflineDevice.objects.filter(pk=device.pk).update(seen_at=clock.now)
    tell(actor, device, counts, clock, exported=exported, is_rescue=is_rescue)
    return list(answers.values())


def tell(
    actor: Actor, device: OfflineDevice, counts: Counter[str], clock: Clock, *, exported: int, is_rescue: bool
) -> None:
    name = device.label
    if exported:
        audit.record(actor, "ecrf.outbox_exported", device, project=device.project, device=name, fragments=exported)
    if counts:
        aside = counts[State.ASIDE] + counts[State.PARTLY]
        told: dict[str, Any] = {"clock_off": clock.off} if clock.off else {}
        told |= {"fragments": counts.total(), "applied": counts.total() - aside, "aside": aside}
        told |= {"device": name, "conflicts": counts[State.MERGED]}
        action = "ecrf.outbox_rescued" if is_rescue else "ecrf.offline_synced"
        audit.record(actor, action, device, project=device.project, **told)


@transaction.atomic
def once(actor: Actor, device: OfflineDevice, sent: Sent, clock: Clock) -> tuple[dict[str, Any], bool]:
    """The answer to a piece of work, and whether it was done just now. One device's work is done one after another."""
    device = OfflineDevice.objects.select_for_update(of=("self",)).select_related("project", "owner").get(pk=device.pk)
    known = OfflineFragment.objects.filter(device=device, ulid=sent.id).only("answer").first()
    if known is not None:
        return known.answer, False
    receipt = OfflineFragment(
        project=device.project,
        device=device,
        author=account(actor),
        ulid=sent.id,
        kind=sent.kind,
        said_at=sent.said_at,
        clock_off=clock.off,
        event=sent.sheet.event,
        page=sent.sheet.page,
        instance=sent.sheet.instance,
    )
    try:
        if sent.kind == OfflineFragment.Kind.SUBJECT:
            include(actor, receipt, sent)
        else:
            subject, form, version, sheet = place_of(actor, device, sent)
            receipt.subject, receipt.site, receipt.form, receipt.instance = subject, subject.site, form, sheet.instance
            at, reason = clock.bounded(sent.said_at, device), why(actor, receipt, sent)
            settle(actor, receipt, sent, bring(actor, subject, form, version, sheet, sent, at=at, reason=reason))
    except Waiting:
        return {"id": sent.id, "state": "pending"}, False
    except Conflict as error:
        set_aside(receipt, sent, error.code)
    except Unplaced as error:
        if not error.is_kept:
            return {"id": sent.id, "state": "refused", "code": error.code, "message": said(error.code)}, False
        put(receipt, error.place)
        set_aside(receipt, sent, error.code)
    receipt.save()
    if receipt.state in (State.ASIDE, State.PARTLY):
        audit.record(actor, "ecrf.fragment_set_aside", receipt, device=device.label, code=receipt.code)
    return receipt.answer, True


def include(actor: Actor, receipt: OfflineFragment, sent: Sent) -> None:
    """A subject who was included offline gets the next number of the site now."""
    site = Site.objects.select_related("project").filter(project=receipt.project, code=sent.site).first()
    if site is None:
        raise Unplaced("unknown_site")
    receipt.site = site
    if receipt.device.revoked_at is not None:
        raise Unplaced("revoked", is_kept=True)
    if site.retired_at is not None or not access.can(actor, permissions.SAVE, receipt.project, site):
        raise Unplaced("forbidden", is_kept=True)
    try:
        receipt.subject = include_subject(actor, site)
    except Invalid:  # its number is typed or names an arm, since the study changed its rule
        raise Unplaced("number", is_kept=True) from None
    receipt.state = State.APPLIED
    answer(receipt)


def settle(actor: Actor, receipt: OfflineFragment, sent: Sent, brought: Brought) -> None:
    """What became of it: wholly in the record, with queries, in part, or not at all."""
    receipt.entry = brought.entry
    asked = []
    known = set(receipt.answer.get("conflicts", ()))
    fresh = tuple(clash for clash in brought.clashes if clash.place not in known)
    if fresh and brought.entry is not None:
        asked = ask(actor, receipt.device, brought.entry, sent, fresh)
    all_of_it = len(sent.mine.values) + len(sent.mine.notes)
    nothing = brought.entry is None or len({one.place for one in brought.left}) >= all_of_it
    if brought.left:
        receipt.state = State.ASIDE if nothing else State.PARTLY
        receipt.code = brought.left[0].code
    else:
        receipt.state = State.MERGED if asked else State.APPLIED
    if receipt.state != State.APPLIED:
        receipt.content = dict(sent.raw)
    answer(receipt, brought, queries=len(asked))


def set_aside(receipt: OfflineFragment, sent: Sent, code: str) -> None:
    receipt.state, receipt.code, receipt.content = State.ASIDE, code, dict(sent.raw)
    answer(receipt)


def put(receipt: OfflineFragment, place: Place | None) -> None:
    """What is known of where it belongs, so that those of its site see it."""
    if place is None:
        return
    receipt.subject, receipt.form, receipt.instance = place.subject, place.form, place.sheet.instance
    receipt.site = place.subject.site if place.subject else receipt.site


def answer(receipt: OfflineFragment, brought: Brought | None = None, *, queries: int = 0) -> None:
    """What the device is told, now and whenever it asks again: places and causes, no value."""
    told: dict[str, Any] = {"id": receipt.ulid, "state": str(receipt.state)}
    if receipt.code:
        told |= {"code": receipt.code, "message": said(receipt.code)}
    if receipt.subject is not None:
        told |= {"subject": str(receipt.subject.pk), "number": receipt.subject.number}
    if brought is not None:
        told |= {
            "revision": brought.entry.revision if brought.entry else 0,
            "instance": receipt.instance,
            "conflicts": sorted({clash.place for clash in brought.clashes}),
            "queries": queries,
            "left": [{"place": one.place, "code": one.code, "message": str(one.message)} for one in brought.left],
            "incomplete": sorted(brought.incomplete),
        }
    receipt.answer = told


def said(code: str) -> str:
    code = f"offline_{code}"
    return str(messages.words(code if code in messages.WORDS else "offline_faults", {}))


def why(actor: Actor, receipt: OfflineFragment, sent: Sent) -> str:
    """The reason that is kept with the change."""
    if receipt.device.owner_id == account(actor).pk:
        return sent.reason
    about: Mapping[str, str] = {"who": str(receipt.device.owner), "device": receipt.device.label}
    return f"{_('Entered offline by %(who)s (%(device)s).') % about} {sent.reason}".strip()
