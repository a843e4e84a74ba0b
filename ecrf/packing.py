"""What a device gets to work offline: forms, and of each subject the records that the reader may read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from core.access.models import Project, Site
from ecrf import engine, permissions, queries, rights
from ecrf.engine.narrowing import narrowed
from ecrf.models import Checkout, Entry, Form, Level, Lock, OfflineDevice, Subject
from ecrf.models.entries import THE_PARTICIPANT
from ecrf.services.contexts import context_of
from ecrf.services.keeping import known
from ecrf.services.locks import active
from ecrf.services.offline.devices import held_by, rule_of
from ecrf.services.subjects import rule_of as numbers_of

if TYPE_CHECKING:
    from core.access.scope import Actor, ScopedQuerySet

SHOWN = 500


def devices_seen_by(actor: Actor) -> ScopedQuerySet[OfflineDevice]:
    """The actor's own devices, and those that hold records which he may lock."""
    theirs = Checkout.objects.visible_to(actor).values("device")
    rows: ScopedQuerySet[OfflineDevice] = OfflineDevice.objects.filter(Q(owner=actor.pk) | Q(pk__in=theirs))
    return rows


def devices_of(actor: Actor, project: Project) -> ScopedQuerySet[OfflineDevice]:
    return devices_seen_by(actor).filter(project=project)


def situation(actor: Actor, project: Project, device: OfflineDevice | None) -> dict[str, Any]:
    """Where a device stands: whether it may still work, what it holds by our books, whom it may take besides."""
    rule = rule_of(project)
    taken = held_by(device).select_related("subject") if device else Checkout.objects.none()
    subjects = Subject.objects.visible_to(actor, permissions.TAKE_OFFLINE).filter(project=project)
    return {
        "device": {"id": str(device.pk), "label": device.label, "revoked": device.revoked_at is not None}
        if device
        else None,
        "rule": {"days": rule.days, "most": rule.most_subjects},
        "taken": [{"subject": str(one.subject_id), "expires": one.expires_at.isoformat()} for one in taken],
        "subjects": [
            {"id": str(one.pk), "number": one.number, "site": one.site.name}
            for one in subjects.select_related("site")[:SHOWN]
        ],
        "sites": [{"code": site.code, "name": site.name} for site in sites_to_include_at(actor, project)],
    }


def sites_to_include_at(actor: Actor, project: Project) -> list[Site]:
    """Where subjects may be included offline: nowhere if somebody gives their numbers."""
    return list(queries.sites_to_include_at(actor, project)) if numbers_of(project).needs_nobody else []


def forms(actor: Actor, project: Project) -> list[dict[str, Any]]:
    """The forms of the study in their current versions, without the pages that the actor nowhere reads."""
    return [
        {
            "key": form.key,
            "title": form.title,
            "version": form.published.number,
            "definition": definition_for(rights.of(actor, form), form.published.loaded),
        }
        for form in queries.forms_of(actor, project)
    ]


def definition_for(
    may: rights.PageRights, definition: engine.Definition, state: engine.Evaluated | None = None
) -> dict[str, Any]:
    return dict(definition.data) if may.whole else narrowed(definition, may.hidden, state)[0]


def records(actor: Actor, project: Project, checkouts: Iterable[Checkout]) -> list[dict[str, Any]]:
    """The subjects with their records, in a few queries however many there are."""
    until = {one.subject_id: one.expires_at for one in checkouts}
    subjects = list(Subject.objects.filter(pk__in=until).select_related("site", "project"))
    published = {form.pk: form for form in queries.forms_of(actor, project)}
    entries = defaultdict(list)
    rows = Entry.objects.filter(subject__in=subjects, removed_at=None, form__in=published).select_related("updated_by")
    by_key = {subject.pk: subject for subject in subjects}
    for entry in rows:
        entry.subject = by_key[entry.subject_id]
        entries[entry.subject_id].append(entry)
    locks = list(active().filter(Q(level=Level.STUDY, project=project) | Q(subject__in=subjects)))
    return [
        {
            "id": str(subject.pk),
            "number": subject.number,
            "site": subject.site.code,
            "site_name": subject.site.name,
            "arm": subject.arm,
            "taken": timezone.now().isoformat(),
            "expires": until[subject.pk].isoformat(),
            "locked": locked(locks, subject),
            "entries": [
                record(entry, published[entry.form_id], may, locks)
                for entry in entries[subject.pk]
                if (may := rights.of(actor, published[entry.form_id], subject.site)).reads(entry.page)
            ],
        }
        for subject in subjects
    ]


def locked(locks: Collection[Lock], subject: Subject) -> dict[str, Any]:
    """Whether everything of a subject is held fast, or which of his events are."""
    own = [lock for lock in locks if lock.subject_id == subject.pk]
    return {
        "all": any(lock.level == Level.STUDY for lock in locks) or any(lock.level == Level.SUBJECT for lock in own),
        "events": sorted(lock.event for lock in own if lock.level == Level.EVENT),
    }


def record(entry: Entry, form: Form, may: rights.PageRights, locks: Collection[Lock]) -> dict[str, Any]:
    """One sheet, without what is on pages that the reader may not read."""
    definition = form.published.loaded
    own = [lock for lock in locks if lock.entry_id == entry.pk]
    fixed = {page.key for page in definition.pages if not may.edits(page.key)}
    pages = {lock.page for lock in own if lock.level == Level.PAGE} | fixed
    values = known(definition, entry.values)
    return {
        "form": form.key,
        "event": entry.event,
        "page": entry.page,
        "instance": entry.instance,
        "revision": entry.revision,
        "values": rights.values_for(may, definition, values),
        "notes": rights.values_for(may, definition, entry.notes or {}),
        "complete": [key for key, page in entry.pages.items() if page["complete"] and may.reads(key)],
        "locked": any(lock.level == Level.ENTRY for lock in own),
        "held": {
            "pages": sorted(filter(may.reads, pages)),
            "items": sorted(lock.item for lock in own if lock.level == Level.ITEM and may.knows(definition, lock.item)),
        },
        "saved": {"by": str(entry.updated_by or THE_PARTICIPANT), "at": entry.updated_at.isoformat()},
        **({} if may.whole else {"definition": settled(entry, form, may, values)}),
    }


def settled(entry: Entry, form: Form, may: rights.PageRights, values: Mapping[str, Any]) -> dict[str, Any]:
    """The form for one sheet: what depends on withheld pages is fixed as the server knows it."""
    definition = form.published.loaded
    context = context_of(entry.subject, form=form, definition=definition, sheet=entry.sheet)
    state = engine.evaluate(definition, values, context, notes=entry.notes or {})
    return definition_for(may, definition, state)
