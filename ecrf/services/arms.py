"""The arm of a subject in the forms says which events he has: an open allocation sets it, or somebody with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from ecrf import messages, permissions
from ecrf.models import Allocation, Entry, Form, Scheme, Subject
from ecrf.models.forms import reader_language

if TYPE_CHECKING:
    from core.access.scope import Actor


def arms_of(project: Project) -> dict[str, str]:
    """The arms of the study's forms by key, with their titles."""
    found: dict[str, str] = {}
    for form in Form.objects.filter(project=project, current__isnull=False).select_related("current"):
        definition = form.published.loaded
        for arm in definition.data.get("arms", ()):
            found.setdefault(arm["key"], definition.text(arm["title"], reader_language()) or arm["key"])
    return found


def outside(entries: Iterable[Entry], arm: str) -> list[Entry]:
    """The records of events that a subject of this arm doesn't have; `entries` come with their forms."""
    found = []
    for entry in entries:
        event = entry.form.published.loaded.events.get(entry.event)
        if event is not None and not event.is_of(arm):
            found.append(entry)
    return found


@transaction.atomic
def set_arm(actor: Actor, subject: Subject, arm: str, reason: str) -> list[Entry]:
    """Put the subject into another arm, or into none; gives his records of events that he no longer has: they are kept.

    Raises Conflict where his arm comes from a randomisation.
    """
    access.require(actor, permissions.SET_ARM, subject.project, site=subject.site, obj=subject)
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why."))])
    if arm and arm not in arms_of(subject.project):
        raise Invalid([Fault("arm", "arm_unknown", messages.words("arm_unknown", {}))])
    if Allocation.objects.filter(subject=subject).exclude(scheme__form_arms={}).exists():
        raise Conflict(_("The arm of this subject comes from his randomisation, and stays."), "randomised")
    return put(actor, subject, arm, reason.strip()[:500])


def follow_allocation(actor: Actor, subject: Subject, scheme: Scheme, arm: str) -> None:
    """The subject was randomised by a scheme that isn't blinded and says which arm of the form each arm is."""
    if arm not in scheme.form.published.loaded.arms:
        text = _("The form no longer has the arm that this randomisation sets: tell who manages it.")
        raise Conflict(text, "arm_lost")
    put(actor, subject, arm, "", scheme=scheme.name)


def put(actor: Actor, subject: Subject, arm: str, reason: str, **told: Any) -> list[Entry]:
    held = Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    rows = Entry.objects.filter(subject=held, removed_at=None).select_related("form__current").defer("values", "notes")
    kept = outside(rows, arm)
    if held.arm == arm:
        return kept
    before, held.arm = held.arm, arm
    held.save(update_fields=["arm"])
    subject.arm = arm
    details: dict[str, Any] = {"arm": arm, "arm_before": before, "entries_kept": len(kept)}
    audit.record(actor, "ecrf.arm_set", subject, reason=reason, number=subject.number, **details, **told)
    return kept
