"""Take a record out of the study and bring it back: nothing is ever deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.models import Entry, Source
from ecrf.services import chain, locks, signatures, visits
from ecrf.services.exports import mark_stale
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def remove_entry(actor: Actor, entry: Entry, reason: str) -> Entry:
    """From now on the record counts nowhere; its history stays, and it can be restored."""
    return set_removed(actor, entry, reason.strip(), removed=True)


@transaction.atomic
def restore_entry(actor: Actor, entry: Entry, reason: str) -> Entry:
    """The record is there again as it was."""
    return set_removed(actor, entry, reason.strip(), removed=False)


def set_removed(actor: Actor, entry: Entry, reason: str, *, removed: bool) -> Entry:
    subject = entry.subject
    access.require(actor, permissions.REMOVE, subject.project, site=subject.site, obj=entry)
    if not reason:
        raise Invalid([Fault("reason", "required", _("Say why."))])
    return move(actor, entry, reason, removed=removed, source=Source.WEB)


def move(actor: Actor, entry: Entry, reason: str, *, removed: bool, source: Source) -> Entry:
    """What every way of removing does once it is granted, inside a transaction."""
    held = Entry.objects.select_for_update(of=("self",)).select_related("subject__project", "form").get(pk=entry.pk)
    if (held.removed_at is not None) == removed:
        return held
    lock = locks.holding(held.subject, held.sheet, held)
    if lock.all:
        raise Conflict(lock.message, "locked")
    held.removed_at, held.removed_by = (timezone.now(), account(actor)) if removed else (None, None)
    held.revision += 1
    held.updated_by = account(actor)
    held.save(update_fields=["removed_at", "removed_by", "revision", "updated_by", "updated_at"])
    chain.append(held, account(actor), values={}, notes={}, reason=reason[:500], source=source)
    if removed:
        signatures.undo(held, account(actor), held.pages)
    action = "ecrf.entry_removed" if removed else "ecrf.entry_restored"
    audit.record(actor, action, held, reason=reason[:500], form=held.form.key, revision=held.revision)
    visits.refresh(held.subject, held.form)
    mark_stale(held.form, held.subject.project)
    return held
