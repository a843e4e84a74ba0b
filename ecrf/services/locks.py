"""Hold fast what was entered, at any level from one field to the whole study; let go again with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, permissions, rights
from ecrf.engine import Sheet
from ecrf.models import Consent, Entry, Level, Lock, Subject
from ecrf.services.double_plans import check_reconciled
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

WHOLE = (Level.STUDY, Level.SUBJECT, Level.EVENT, Level.ENTRY)
"""The levels that hold an entry as a whole."""


@dataclass(frozen=True)
class Held:
    """What of one sheet can't be changed now."""

    all: bool = False
    message: str = ""
    pages: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()

    def covers(self, page: str, item: str) -> bool:
        return self.all or page in self.pages or item in self.items


def active() -> QuerySet[Lock]:
    return Lock.objects.filter(released_at=None, starts_at__lte=timezone.now())


def holding(subject: Subject, sheet: Sheet, entry: Entry | None) -> Held:
    """What holds this sheet of a subject, his event, himself or the study."""
    own = Q(level=Level.STUDY, project=subject.project_id) | Q(level=Level.SUBJECT, subject=subject)
    own |= Q(level=Level.EVENT, subject=subject, event=sheet.event)
    if entry is not None:
        own |= Q(entry=entry)
    locks = list(active().filter(own).select_related("by"))
    whole = next((lock for lock in locks if lock.level in WHOLE), None)
    return Held(
        all=whole is not None,
        message=message(whole) if whole else "",
        pages=frozenset(lock.page for lock in locks if lock.level == Level.PAGE),
        items=frozenset(lock.item for lock in locks if lock.level == Level.ITEM),
    )


def message(lock: Lock) -> str:
    if lock.level == Level.STUDY:
        return _("The study is frozen: nothing of its records changes any more.")
    if lock.level == Level.ENTRY:
        return _("This record is locked: unlock it first, with a reason.")
    return _("Everything of this subject or of this event is locked: unlock it first, with a reason.")


@transaction.atomic
def freeze(actor: Actor, project: Project, reason: str = "") -> Lock:
    """From now on nothing of the records of the whole study changes."""
    access.require(actor, permissions.FREEZE, project)
    return hold(actor, project, Level.STUDY, None, reason)


@transaction.atomic
def lock(
    actor: Actor,
    level: Level,
    *,
    subject: Subject | None = None,
    entry: Entry | None = None,
    event: str = "",
    page: str = "",
    item: str = "",
    reason: str = "",
) -> Lock:
    """Lock what the level and its details name; what is locked already stays so."""
    subject = entry.subject if entry else subject
    assert subject is not None, level
    access.require(actor, permissions.LOCK, subject.project, site=subject.site, obj=entry or subject)
    if entry is not None and (page or item):
        may, definition = rights.of_entry(actor, entry), entry.form.published.loaded
        if not may.reads(page) or (item and not may.knows(definition, item)):
            raise Invalid([Fault("page", "unknown_page", messages.words("unknown_page", {}))])
    if entry is not None and not item:
        begun = [key for key, state in entry.pages.items() if state["answered"]]
        check_reconciled(entry.form, entry, [page] if page else begun)
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    return hold(actor, subject.project, level, subject, reason, entry=entry, event=event, page=page, item=item)


@transaction.atomic
def lock_subjects(actor: Actor, subjects: Iterable[Subject], event: str = "", reason: str = "") -> int:
    """Lock everything of these subjects, or one event of each: all of them or none."""
    level = Level.EVENT if event else Level.SUBJECT
    done = 0
    for one in sorted(subjects, key=lambda subject: str(subject.pk)):
        lock(actor, level, subject=one, event=event, reason=reason)
        done += 1
    return done


def hold(
    actor: Actor, project: Project, level: Level, subject: Subject | None, reason: str, **details: Entry | str | None
) -> Lock:
    """The lock that is there already, or a new one."""
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    named: dict[str, Any] = {"entry": None, "event": "", "page": "", "item": "", **details}
    named |= {"project": project, "level": level, "subject": subject}
    found = Lock.objects.filter(**named, released_at=None).first()
    if found is not None:
        return found
    made = Lock.objects.create(**named, starts_at=timezone.now(), by=account(actor), reason=reason[:500])
    mark(made)
    tell(actor, "locked", made, reason)
    return made


@transaction.atomic
def release(actor: Actor, held: Lock, reason: str) -> Lock:
    """Let what was locked be changed again; the reason is part of its history."""
    permission = permissions.FREEZE if held.level == Level.STUDY else permissions.LOCK
    site = held.subject.site if held.subject else None
    access.require(actor, permission, held.project, site=site, obj=held.entry or held.subject or held.project)
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why the record is unlocked."))])
    if (
        held.level == Level.PAGE
        and Consent.objects.filter(entry=held.entry_id, page=held.page, superseded_by=None).exists()
    ):
        raise Conflict(_("A consent is archived of this page: ask for it again instead of unlocking it."), "consent")
    return let_go(actor, held, reason)


def let_go(actor: Actor, held: Lock, reason: str) -> Lock:
    """Release a lock, once it is granted, inside a transaction."""
    held = Lock.objects.select_for_update(of=("self",)).get(pk=held.pk)
    if held.released_at is not None:
        return held
    held.released_at, held.released_by, held.release_reason = timezone.now(), account(actor), reason.strip()[:500]
    held.save(update_fields=["released_at", "released_by", "release_reason"])
    mark(held)
    tell(actor, "unlocked", held, held.release_reason)
    return held


def tell(actor: Actor, what: str, held: Lock, reason: str) -> None:
    target = held.entry or held.subject or held.project
    if held.level == Level.ENTRY and held.entry is not None:
        form, revision = held.entry.form.key, held.entry.revision
        audit.record(actor, f"ecrf.entry_{what}", target, reason=reason[:500], form=form, revision=revision)
        return
    details = {"level": str(held.level), "event": held.event, "page": held.page, "field": held.item}
    said: dict[str, Any] = {name: word for name, word in details.items() if word}
    audit.record(actor, f"ecrf.{what}", target, reason=reason[:500], **said)


def mark(held: Lock) -> None:
    """Tell the entries concerned that they are locked as a whole, or no more: lists read it there."""
    if held.level not in WHOLE:
        return
    entries = Entry.objects.filter(subject__project=held.project)
    if held.subject_id:
        entries = entries.filter(subject=held.subject_id)
    if held.level == Level.EVENT:
        entries = entries.filter(event=held.event)
    if held.entry_id:
        entries = entries.filter(pk=held.entry_id)
    over = active().filter(
        Q(level=Level.STUDY, project=held.project)
        | Q(level=Level.SUBJECT, subject=OuterRef("subject_id"))
        | Q(level=Level.EVENT, subject=OuterRef("subject_id"), event=OuterRef("event"))
        | Q(level=Level.ENTRY, entry=OuterRef("pk"))
    )
    first = over.order_by("starts_at")
    entries.update(locked_at=Subquery(first.values("starts_at")[:1]), locked_by=Subquery(first.values("by")[:1]))


def after_save(entry: Entry, definition: engine.Definition, author: User | None, complete: Mapping[str, bool]) -> None:
    """Lock the pages that lock themselves once they are complete, at once or some time later."""
    for page in definition.pages_of(entry.event, entry.page):
        rule = page.spec.get("lock")
        if rule is None or not complete.get(page.key) or not entry.pages.get(page.key, {}).get("complete"):
            continue
        delay = timedelta(0) if rule == "save" else timedelta(seconds=rule)
        Lock.objects.get_or_create(
            project=entry.subject.project,
            level=Level.PAGE,
            subject=entry.subject,
            entry=entry,
            page=page.key,
            released_at=None,
            defaults={"starts_at": timezone.now() + delay, "by": author},
        )


@transaction.atomic
def lock_entry(actor: Actor, entry: Entry, reason: str = "") -> Entry:
    """From now on no value of this record changes."""
    lock(actor, Level.ENTRY, entry=entry, reason=reason)
    return refreshed(entry)


@transaction.atomic
def unlock_entry(actor: Actor, entry: Entry, reason: str) -> Entry:
    """Let the record be changed again; the reason is part of its history."""
    access.require(actor, permissions.LOCK, entry.subject.project, site=entry.subject.site, obj=entry)
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why the record is unlocked."))])
    held = (
        Lock.objects.filter(level=Level.ENTRY, entry=entry, released_at=None).select_related("entry__subject").first()
    )
    if held is not None:
        release(actor, held, reason)
    elif entry.locked_at is not None:
        raise Conflict(_("The lock is on the subject, the event or the study: release it there."), "locked")
    return refreshed(entry)


def refreshed(entry: Entry) -> Entry:
    entry.refresh_from_db(fields=["locked_at", "locked_by"])
    return entry
