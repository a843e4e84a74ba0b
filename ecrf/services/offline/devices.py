"""Make a browser ready for working offline, hand records to it, take them back, and revoke it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.models import Checkout, OfflineDevice, OfflineRule, Subject
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST_DAYS, MOST_SUBJECTS = 60, 500


def rule_of(project: Project) -> OfflineRule:
    """What the study has settled, or the defaults."""
    return OfflineRule.objects.filter(project=project).first() or OfflineRule(project=project)


@transaction.atomic
def set_rule(actor: Actor, project: Project, *, days: int, most_subjects: int) -> OfflineRule:
    """Settle for how many days records stay on a device, and of how many subjects."""
    access.require(actor, permissions.DESIGN, project)
    faults = [
        Fault(place, "out_of_range", _("Between 1 and %(most)s.") % {"most": most})
        for place, value, most in (("days", days, MOST_DAYS), ("most_subjects", most_subjects, MOST_SUBJECTS))
        if not 1 <= value <= most
    ]
    if faults:
        raise Invalid(faults)
    rule, _made = OfflineRule.objects.update_or_create(
        project=project, defaults={"days": days, "most_subjects": most_subjects}
    )
    audit.record(actor, "ecrf.offline_rule_set", rule, project=project, days=days, subjects=most_subjects)
    return rule


@transaction.atomic
def register(actor: Actor, project: Project, label: str, *, is_persistent: bool | None = None) -> OfflineDevice:
    """A device of the actor's in this study. Raises Invalid without a name."""
    access.require(actor, permissions.TAKE_OFFLINE, project)
    label = " ".join(label.split())
    if not label or len(label) > 100:
        raise Invalid([Fault("label", "required", _("Give the device a name of up to 100 characters."))])
    device = OfflineDevice.objects.create(
        project=project, owner=account(actor), label=label, is_persistent=is_persistent
    )
    audit.record(actor, "ecrf.device_registered", device, project=project, device=label)
    return device


@transaction.atomic
def take(actor: Actor, device: OfflineDevice, subjects: Collection[Subject]) -> list[Checkout]:
    """Hand the records of these subjects to the device, or renew them. Raises Conflict where it holds too many."""
    device = own(actor, device)
    if device.revoked_at is not None:
        raise Conflict(_("This device was revoked: it gets no records any more."), "revoked")
    rule, now = rule_of(device.project), timezone.now()
    for subject in subjects:
        access.require(actor, permissions.TAKE_OFFLINE, device.project, site=subject.site, obj=subject)
    held = held_by(device).exclude(subject__in=subjects).count()
    if held + len(subjects) > rule.most_subjects:
        text = _("A device holds the records of at most %(most)s subjects: remove some first.")
        raise Conflict(text % {"most": rule.most_subjects}, "too_many")
    made = []
    for subject in subjects:
        checkout, _made = Checkout.objects.update_or_create(
            device=device,
            subject=subject,
            defaults={"renewed_at": now, "expires_at": now + timedelta(days=rule.days), "returned_at": None},
        )
        audit.record(actor, "ecrf.records_taken", subject, device=device.label, number=subject.number, days=rule.days)
        made.append(checkout)
    return made


@transaction.atomic
def give_back(actor: Actor, device: OfflineDevice, subjects: Sequence[Subject] | None = None) -> int:
    """The device holds these subjects' records no more; without subjects, none."""
    device = own(actor, device)
    rows = held_by(device).select_related("subject__site", "subject__project")
    found = list(rows if subjects is None else rows.filter(subject__in=subjects))
    for checkout in found:
        checkout.returned_at = timezone.now()
        checkout.save(update_fields=["returned_at"])
        number = checkout.subject.number
        audit.record(actor, "ecrf.records_returned", checkout.subject, device=device.label, number=number)
    return len(found)


@transaction.atomic
def revoke(actor: Actor, device: OfflineDevice, reason: str = "") -> OfflineDevice:
    """From now on the device gets nothing, drops what it holds when it next comes, and what it sends is set aside."""
    device = OfflineDevice.objects.select_for_update(of=("self",)).select_related("project", "owner").get(pk=device.pk)
    if device.owner_id != actor.pk:
        access.require(actor, permissions.LOCK, device.project, obj=device)
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = timezone.now(), account(actor)
        device.save(update_fields=["revoked_at", "revoked_by"])
        audit.record(
            actor, "ecrf.device_revoked", device, project=device.project, device=device.label, reason=reason[:500]
        )
    return device


def held_by(device: OfflineDevice) -> QuerySet[Checkout]:
    """What the device holds now."""
    return Checkout.objects.filter(device=device, returned_at=None, expires_at__gt=timezone.now())


def own(actor: Actor, device: OfflineDevice) -> OfflineDevice:
    """The actor's own device, seen now, held until the end of the transaction."""
    device = OfflineDevice.objects.select_for_update(of=("self",)).select_related("project", "owner").get(pk=device.pk)
    if device.owner_id != actor.pk:
        raise access.Refused(actor, permissions.TAKE_OFFLINE, device.project, device)
    device.seen_at = timezone.now()
    device.save(update_fields=["seen_at"])
    return device
