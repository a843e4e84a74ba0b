"""Save what was entered: everything is evaluated again here, and nothing is half saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, permissions
from ecrf.models import Entry, Form, Fragment, Subject
from ecrf.models.forms import reader_language
from ecrf.queries import Change, changes_since
from ecrf.services.automatic import after_save
from ecrf.services.exports import mark_stale
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST_VALUES = 5000


class StaleEntry(Conflict):
    """Somebody saved since the caller read: `changes` names what, by whom and when."""

    def __init__(self, message: str, changes: list[Change]) -> None:
        super().__init__(message, "stale")
        self.changes = changes


@dataclass(frozen=True)
class Saved:
    entry: Entry
    state: engine.Evaluated


def context_of(subject: Subject, at: datetime | None = None) -> engine.Context:
    """What expressions may know: the time at the hospital, now or `at` another moment, and the subject's number."""
    return engine.Context(timezone.localtime(at).replace(tzinfo=None, microsecond=0), subject.number)


@transaction.atomic
def save_entry(
    actor: Actor,
    subject: Subject,
    form: Form,
    base: int,
    values: Mapping[str, Any],
    *,
    complete: Mapping[str, bool] | None = None,
    reason: str = "",
    shown: int | None = None,
) -> Saved:
    """Save the changed `values`, and which pages are complete, on revision `base`.

    `shown`: the number of the form's version in which the questions were asked, where that is known. Raises StaleEntry
    when the entry has moved on, Conflict when it is locked or the form has a newer version than was shown, Invalid with
    every fault of the values.
    """
    access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    entry = Entry.objects.select_for_update(of=("self",)).filter(subject=subject, form=form).first()
    version = Form.objects.select_related("current").get(pk=form.pk).published
    definition = version.loaded
    if shown not in (None, version.number):
        text = _("A new version of this form was published: reload the page. What you typed is kept.")
        raise Conflict(text, "version")
    check_free(entry, base, definition)
    stored = entry.values if entry else {}
    known = {key: value for key, value in stored.items() if key in definition.items}
    context = context_of(subject)
    before = engine.evaluate(definition, known, context)
    after = engine.evaluate(definition, {**known, **values}, context)
    faults = [*refused_writes(definition, before, values), *new_errors(definition, before, after, values)]
    pages, wrong = page_states(definition, after, entry.pages if entry else {}, complete or {})
    if faults or wrong:
        raise Invalid([*faults, *wrong], _("Nothing was saved."))
    kept = worth_keeping(definition, after, {definition.items[key].page for key in values} | set(complete or {}))
    # what this version of the form doesn't hold or can't read stays as it was, until somebody writes the field
    kept |= {key: value for key, value in stored.items() if key not in after.values and key not in values}
    changed = {key: kept.get(key) for key in {**stored, **kept} if stored.get(key, MISSING) != kept.get(key, MISSING)}
    if entry and not changed and pages == entry.pages and entry.version_id == version.pk:
        return Saved(entry, after)
    entry = entry or Entry(subject=subject, form=form)
    entry.subject = subject
    previous = Fragment.objects.filter(entry=entry).order_by("-number").only("pk").first() if entry.revision else None
    entry.values, entry.pages, entry.version, entry.updated_by = kept, pages, version, account(actor)
    entry.revision += 1
    entry.is_complete = all(page["complete"] for page in pages.values() if page["shown"])
    entry.save()
    Fragment.objects.create(
        entry=entry,
        number=entry.revision,
        previous=previous,
        version=version,
        author=account(actor),
        keys=sorted(changed),
        values=changed,
        reason=reason[:500],
    )
    audit.record(
        actor,
        "ecrf.entry_saved",
        entry,
        reason=reason[:500],
        form=form.key,
        revision=entry.revision,
        fields=sorted(changed),
    )
    mark_stale(form, subject.project)
    after_save(actor, entry, after, frozenset(changed), context)
    return Saved(entry, after)


MISSING = object()


def check_free(entry: Entry | None, base: int, definition: engine.Definition) -> None:
    """Nobody locked the entry, nor saved since the caller read it."""
    if entry is not None and entry.locked_at is not None:
        raise Conflict(_("This record is locked: unlock it first, with a reason."), "locked")
    revision = entry.revision if entry else 0
    if base == revision:
        return
    since = changes_since(entry, base, definition, reader_language()) if entry else []
    names = ", ".join(dict.fromkeys(change.label for change in since[:8]))
    people = ", ".join(dict.fromkeys(str(change.by) for change in since))
    text = _("Saved in the meantime by %(people)s: %(names)s.") % {"people": people, "names": names}
    raise StaleEntry(text if since else _("This record is not at the revision that you name."), since)


def refused_writes(definition: engine.Definition, before: engine.Evaluated, values: Mapping[str, Any]) -> list[Fault]:
    """What nobody may write by hand: calculations, fixed fields, and masses of them."""
    if len(values) > MOST_VALUES:
        return [Fault("", "too_many_values", messages.words("too_many_values", {}))]
    faults: list[Fault] = []
    for key, value in values.items():
        item = definition.items.get(key)
        if item is None:
            continue
        code = "computed" if item.calc else "readonly" if item.spec.get("readonly") else ""
        if code and value != before.values.get(key):
            faults.append(Fault(key, code, messages.words(code, {})))
    return faults


def new_errors(
    definition: engine.Definition, before: engine.Evaluated, after: engine.Evaluated, values: Mapping[str, Any]
) -> list[Fault]:
    """Errors that this save brings; one that an older version of the form left elsewhere doesn't block the others."""
    known = {(finding.key, finding.code) for finding in before.errors}
    return [
        Fault(finding.key, finding.code, messages.of_finding(finding, definition, reader_language()))
        for finding in after.errors
        if finding.key in values or (finding.key, finding.code) not in known
    ]


def page_states(
    definition: engine.Definition, state: engine.Evaluated, before: Mapping[str, Any], asked: Mapping[str, bool]
) -> tuple[dict[str, Any], list[Fault]]:
    """How far each page is. It is complete only while nothing is missing; where that is asked, every lack is named."""
    pages: dict[str, Any] = {}
    faults = [
        Fault(str(key)[:100], "unknown_page", messages.words("unknown_page", {}))
        for key in asked
        if key not in state.pages
    ]
    for key, page in state.pages.items():
        lacks = bool(page.missing or page.errors)
        wanted = asked.get(key, before.get(key, {}).get("complete", False))
        pages[key] = {**asdict(page), "complete": wanted and not lacks}
    for finding in (*state.missing, *state.errors):
        if finding.key in definition.items and asked.get(definition.items[finding.key].page):
            message = messages.of_finding(finding, definition, reader_language())
            faults.append(Fault(finding.key, finding.code, message))
    return pages, faults


def worth_keeping(definition: engine.Definition, state: engine.Evaluated, pages: set[str]) -> dict[str, Any]:
    """What to store: defaults of the pages that somebody saw, and emptied fields whose default would come back."""
    kept: dict[str, Any] = {}
    for key, value in state.values.items():
        item = definition.items[key]
        if key in state.defaults and item.page not in pages:
            continue
        if value is not None or item.default is not None:
            kept[key] = value
    return kept


@transaction.atomic
def lock_entry(actor: Actor, entry: Entry, reason: str = "") -> Entry:
    """From now on no value of this record changes."""
    return set_lock(actor, entry, reason, locked=True)


@transaction.atomic
def unlock_entry(actor: Actor, entry: Entry, reason: str) -> Entry:
    """Let the record be changed again; the reason is part of its history."""
    return set_lock(actor, entry, reason.strip(), locked=False)


def set_lock(actor: Actor, entry: Entry, reason: str, *, locked: bool) -> Entry:
    subject = entry.subject
    access.require(actor, permissions.LOCK, subject.project, site=subject.site, obj=entry)
    if not locked and not reason:
        raise Invalid([Fault("reason", "required", _("Say why the record is unlocked."))])
    entry = Entry.objects.select_for_update(of=("self",)).select_related("subject__project", "form").get(pk=entry.pk)
    if (entry.locked_at is not None) == locked:
        return entry
    entry.locked_at, entry.locked_by = (timezone.now(), account(actor)) if locked else (None, None)
    entry.save(update_fields=["locked_at", "locked_by"])
    action = "ecrf.entry_locked" if locked else "ecrf.entry_unlocked"
    audit.record(actor, action, entry, reason=reason[:500], form=entry.form.key, revision=entry.revision)
    return entry
