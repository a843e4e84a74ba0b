"""Whom and what a piece of work is about, if the device was given it and its owner still may."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import access
from ecrf import permissions
from ecrf.engine import Sheet
from ecrf.models import Checkout, Entry, Form, FormVersion, OfflineDevice, OfflineFragment, Subject
from ecrf.services.offline.sent import Sent

if TYPE_CHECKING:
    from core.access.scope import Actor

Kind = OfflineFragment.Kind


class Unplaced(Exception):
    """It can't be put anywhere. `is_kept`: it is kept here, for people to see to; else it stays on the device."""

    def __init__(self, code: str, place: Place | None = None, *, is_kept: bool = False) -> None:
        super().__init__(code)
        self.code, self.place, self.is_kept = code, place, is_kept


class Waiting(Exception):
    """What comes before it hasn't come."""


@dataclass
class Place:
    subject: Subject | None = None
    form: Form | None = None
    version: FormVersion | None = None
    sheet: Sheet = field(default_factory=Sheet)


def place_of(actor: Actor, device: OfflineDevice, sent: Sent) -> tuple[Subject, Form, FormVersion, Sheet]:
    """Where a piece of work belongs. Raises Waiting, or Unplaced with the code of why."""
    before = previous(device, sent)
    place = Place(subject=subject_of(device, sent), sheet=sent.sheet)
    place.form = Form.objects.filter(project=device.project, key=sent.form).select_related("current", "project").first()
    if place.form is None or place.form.current is None:
        raise Unplaced("unknown_form")
    place.version = FormVersion.objects.filter(form=place.form, number=sent.version).first()
    if place.version is None:
        raise Unplaced("unknown_version")
    if place.subject is None:
        raise Unplaced("subject_aside", place, is_kept=True)
    if device.revoked_at is not None:
        raise Unplaced("revoked", place, is_kept=True)
    if not access.can(actor, permissions.SAVE, device.project, place.subject.site):
        raise Unplaced("forbidden", place, is_kept=True)
    if before is not None and (before.subject_id, before.form_id) != (place.subject.pk, place.form.pk):
        raise Unplaced("bad_order")
    place.sheet = sheet_of(place.subject, place.form, sent, before)
    if not place.form.published.loaded.has_sheet(place.sheet):
        raise Unplaced("unknown_sheet", place, is_kept=True)
    return place.subject, place.form, place.version, place.sheet


def previous(device: OfflineDevice, sent: Sent) -> OfflineFragment | None:
    """The receipt of what came before on this sheet: no gap is jumped."""
    if not sent.previous:
        return None
    found = OfflineFragment.objects.filter(device=device, ulid=sent.previous).first()
    if found is None:
        raise Waiting
    if found.kind == Kind.ENTRY and (found.event, found.page) != (sent.sheet.event, sent.sheet.page):
        raise Unplaced("bad_order")
    return found


def subject_of(device: OfflineDevice, sent: Sent) -> Subject | None:
    """One whose records this device was given, or who was included on it; None while that is set aside."""
    rows = Subject.objects.select_related("project", "site")
    if sent.subject_key is None:
        inclusion = OfflineFragment.objects.filter(device=device, ulid=sent.subject, kind=Kind.SUBJECT).first()
        if inclusion is None:
            raise Waiting
        return rows.get(pk=inclusion.subject_id) if inclusion.subject_id else None
    was_given = Checkout.objects.filter(device=device, subject=sent.subject_key).exists()
    was_made = OfflineFragment.objects.filter(device=device, kind=Kind.SUBJECT, subject=sent.subject_key).exists()
    if not (was_given or was_made):
        raise Unplaced("not_taken")
    return rows.get(pk=sent.subject_key)


def sheet_of(subject: Subject, form: Form, sent: Sent, before: OfflineFragment | None) -> Sheet:
    """The sheet; a copy begun on the device gets the next number where somebody else has begun one meanwhile."""
    sheet = sent.sheet
    if before is not None and before.entry_id is not None:
        return Sheet(sheet.event, sheet.page, before.instance)
    event = form.published.loaded.events.get(sheet.event)
    if not sent.is_new or not (sheet.page or (event is not None and event.spec.get("repeats"))):
        return sheet
    there = Entry.objects.filter(subject=subject, form=form, event=sheet.event, page=sheet.page)
    taken = set(there.values_list("instance", flat=True))
    return Sheet(sheet.event, sheet.page, max(taken) + 1 if sheet.instance in taken else sheet.instance)
