"""Save what was entered: everything is evaluated again here, and nothing is half saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, permissions, rights
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, FormVersion, Fragment, Source, Subject
from ecrf.models.forms import reader_language
from ecrf.queries import Change, changes_since
from ecrf.services import (
    attachments,
    chain,
    consents,
    double_plans,
    drawing,
    keeping,
    locks,
    noting,
    page_limits,
    script_failures,
    signatures,
)
from ecrf.services.automatic import Settled, after_save
from ecrf.services.contexts import ALONE, context_of
from ecrf.services.exports import mark_stale
from ecrf.services.people import author_of
from ecrf.services.scripted import run_scripts

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST_VALUES = 5000


class StaleEntry(Conflict):
    """Somebody saved since the caller read: `changes` names what, by whom and when."""

    def __init__(self, message: str, changes: list[Change]) -> None:
        super().__init__(message, "stale")
        self.changes = changes


@dataclass(frozen=True)
class Batch:
    """What one of many saves needn't ask for again: who makes the batch holds the form, and says that data changed."""

    version: FormVersion
    settled: Settled | None = None
    imported: Mapping[str, Any] | None = None
    """How the file spelt this record (`Entry.imported`)."""


@dataclass(frozen=True)
class Saved:
    entry: Entry
    state: engine.Evaluated


@script_failures.told
@transaction.atomic
def save_entry(
    actor: Actor,
    subject: Subject,
    form: Form,
    base: int,
    values: Mapping[str, Any],
    *,
    sheet: Sheet = ALONE,
    notes: Mapping[str, Any] | None = None,
    complete: Mapping[str, bool] | None = None,
    reason: str = "",
    shown: int | None = None,
    draft: bool = False,
    source: Source = Source.WEB,
    said_at: datetime | None = None,
    merge: bool = False,
) -> Saved:
    """Save the changed `values` and `notes` of a sheet, and which pages are complete, on revision `base`.

    `notes`: by place, ``{"status": "na", "comment": "…"}``, or null to take the note away. `shown`: the number of the
    form's version in which the questions were asked, where that is known. A `draft` may break the form's checks. With
    `merge`, what others changed meanwhile is no hindrance as long as it is elsewhere, and on no page that is completed
    here. Raises StaleEntry when the entry has moved on, Conflict when it is locked or the form has a newer version than
    was shown, Invalid with every fault of the values.
    """
    access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
    pages = rights.of(actor, form, subject.site)
    page_limits.check_pages(pages, subject, form, sheet, values, notes or {}, complete or {})
    double_plans.check_first(actor, subject, form, sheet, [*values, *(notes or {})], complete or {})
    with page_limits.veiled(pages, form.published.loaded):
        return keep(
            actor,
            subject,
            form,
            base,
            values,
            sheet=sheet,
            notes=notes or {},
            complete=complete or {},
            reason=reason,
            shown=shown,
            draft=draft,
            source=source,
            said_at=said_at,
            merge=merge,
        )


def keep(
    actor: Actor,
    subject: Subject,
    form: Form,
    base: int,
    values: Mapping[str, Any],
    *,
    sheet: Sheet,
    notes: Mapping[str, Any],
    complete: Mapping[str, bool],
    reason: str,
    shown: int | None,
    draft: bool,
    source: Source,
    said_at: datetime | None,
    batch: Batch | None = None,
    merge: bool = False,
    at: datetime | None = None,
    unasked: Mapping[str, Any] | None = None,
) -> Saved:
    """What every way of saving does once it is granted, inside a transaction: see save_entry.

    `at`: when the questions were answered, for what depends on the day. `unasked`: values of an older version of the
    form that this one doesn't ask or can't read any more; they are kept as they are.
    """
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    version = batch.version if batch else current_version(form)
    definition = version.loaded
    if not definition.has_sheet(sheet):
        raise Invalid([Fault("event", "unknown_sheet", messages.words("unknown_sheet", {}))])
    entry = entry_on(subject, form, sheet)
    if shown not in (None, version.number):
        text = _("A new version of this form was published: reload the page. What you typed is kept.")
        raise Conflict(text, "version")
    held = locks.holding(subject, sheet, entry)
    touched = {place.partition("[")[0] for place in (*values, *notes)}
    elsewhere = merge and not held.all and is_elsewhere(entry, base, definition, touched, complete)
    if not elsewhere:
        check_free(entry, base, definition, held)
    stored = entry.values if entry else {}
    unconsented = consents.check(subject, form, definition, sheet, stored, values)
    known = keeping.known(definition, stored)
    context = context_of(subject, at, form=form, definition=definition, sheet=sheet)
    before_notes = (entry.notes if entry else None) or {}
    before = engine.evaluate(definition, known, context, notes=before_notes)
    noted, wrong = noting.merged(actor, definition, subject, before_notes, notes)
    version.form = form
    ran = run_scripts(
        subject, form, version, sheet, entry, known, values, context, notes=noted, asked=complete, draft=draft
    )
    definition, values = ran.definition, ran.values
    after = engine.evaluate(definition, {**known, **values}, context, notes=noted, scripts=ran.states)
    noted = noting.fitting(definition, after, noted)
    faults = [
        *wrong,
        *unconsented,
        *attachments.unknown(subject, form, definition, stored, values, named=source is Source.IMPORT),
        *refused_writes(definition, before, values, held, by_hand=batch is None),
        *new_errors(definition, before, after, values, draft=draft),
    ]
    done_before = {key for key, page in (entry.pages if entry else {}).items() if page["complete"]}
    pages, lacks = keeping.page_states(definition, after, entry.pages if entry else {}, complete)
    if elsewhere and (faults or lacks):
        check_free(entry, base, definition, held)  # together they don't fit: both are to be seen
    if faults or lacks:
        raise Invalid([*faults, *lacks], _("Nothing was saved."))
    seen = {page for key in values if (page := keeping.page_of(definition, key))} | set(complete)
    kept = keeping.worth_keeping(definition, after, seen, emptied=ran.emptied)
    # what this version of the form doesn't hold or can't read stays as it was, until somebody writes the field
    kept |= {key: value for key, value in stored.items() if key not in after.values and key not in values}
    kept |= unasked or {}
    changed = difference(stored, kept)
    said = difference(before_notes, noted)
    tags = keeping.tags(after, pages, entry, draft=draft)
    memory = ran.memory or None
    unchanged = entry and not (changed or said) and pages == entry.pages and tags == entry.tags
    if entry and unchanged and memory == entry.scripts and entry.version_id == version.pk:
        return Saved(entry, after)
    entry = entry or Entry(subject=subject, form=form, event=sheet.event, page=sheet.page, instance=sheet.instance)
    entry.subject, entry.form = subject, form
    entry.values, entry.notes, entry.pages, entry.tags = kept, noted or None, pages, tags
    author = author_of(actor)
    entry.version, entry.updated_by, entry.scripts = version, author, memory
    entry.title = (after.titles.get(sheet.page) or None) if sheet.page else None
    entry.is_complete = all(page["complete"] for page in pages.values() if page["shown"])
    entry.revision += 1
    entry.imported = {**batch.imported, "revision": entry.revision} if batch and batch.imported else None
    entry.save()
    fragment = chain.append(
        entry,
        author,
        values=changed,
        notes=said,
        reason=reason[:500],
        source=source,
        said_at=said_at,
        scripts={page: {**told, **ran.memory.get(page, {})} for page, told in ran.told.items()},
    )
    drawing.keep(entry, ran.draws)
    attachments.claim(subject, form, definition, changed)
    if entry.revision > 1:
        signatures.undo(entry, author, keeping.pages_of(definition, [*changed, *said]))
    locks.after_save(entry, definition, author, complete)
    told: dict[str, Any] = {"form": form.key, "revision": entry.revision, "fields": sorted(changed)}
    if said:
        told["notes"] = sorted(said)
    if sheet.event:
        told["event"] = sheet.event
    audit.record(actor, "ecrf.entry_saved", entry, reason=fragment.reason, **told)
    if batch is None:
        mark_stale(form, subject.project)
    after_save(actor, entry, after, frozenset(changed), context, batch.settled if batch else None)
    consents.after_save(actor, entry, after, fragment, {key for key in complete if key not in done_before})
    return Saved(entry, after)


def current_version(form: Form) -> FormVersion:
    """The published version now; its definition stays in memory from one save to the next."""
    return Form.objects.select_related("current").defer("current__definition").get(pk=form.pk).published


MISSING = object()


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What is now another, null where it is gone."""
    return {key: after.get(key) for key in {**before, **after} if before.get(key, MISSING) != after.get(key, MISSING)}


def entry_on(subject: Subject, form: Form, sheet: Sheet) -> Entry | None:
    """The entry of a sheet, held until the transaction ends. Raises Conflict where it was removed."""
    entry = (
        Entry.objects.select_for_update(of=("self",))
        .filter(subject=subject, form=form, event=sheet.event, page=sheet.page, instance=sheet.instance)
        .first()
    )
    if entry is not None and entry.removed_at is not None:
        raise Conflict(_("This record was removed: restore it first."), "removed")
    return entry


def is_elsewhere(
    entry: Entry | None, base: int, definition: engine.Definition, touched: set[str], complete: Mapping[str, bool]
) -> bool:
    """Whether all that others changed since `base` is something else, on no page that is completed now."""
    if entry is None or not 0 <= base < entry.revision:
        return False
    fragments = Fragment.objects.filter(entry=entry, number__gt=base).values_list("keys", "noted")
    theirs = {place.partition("[")[0] for keys, noted in fragments for place in (*keys, *noted)}
    return not theirs & touched and not keeping.pages_of(definition, theirs) & complete.keys()


def check_free(entry: Entry | None, base: int, definition: engine.Definition, held: locks.Held) -> None:
    """Nobody locked the entry, nor saved since the caller read it."""
    if held.all:
        raise Conflict(held.message, "locked")
    revision = entry.revision if entry else 0
    if base == revision:
        return
    since = changes_since(entry, base, definition, reader_language()) if entry else []
    names = ", ".join(dict.fromkeys(change.label for change in since[:8]))
    people = ", ".join(dict.fromkeys(str(change.by) for change in since))
    text = _("Saved in the meantime by %(people)s: %(names)s.") % {"people": people, "names": names}
    raise StaleEntry(text if since else _("This record is not at the revision that you name."), since)


def refused_writes(
    definition: engine.Definition,
    before: engine.Evaluated,
    values: Mapping[str, Any],
    held: locks.Held,
    *,
    by_hand: bool = True,
) -> list[Fault]:
    """What nobody may write: calculations and locked fields, masses of them, and by hand those that are fixed."""
    if len(values) > MOST_VALUES:
        return [Fault("", "too_many_values", messages.words("too_many_values", {}))]
    faults: list[Fault] = []
    for key, value in values.items():
        if value == before.values.get(key):
            continue
        item = definition.items.get(key)
        code = "locked" if held.covers(keeping.page_of(definition, key), key) else ""
        if item is not None and not code:
            fixed = by_hand and (item.spec.get("readonly") or key in before.readonly)
            code = "computed" if item.calc else "readonly" if fixed else ""
        if code:
            faults.append(Fault(key, code, messages.words(code, {})))
    return faults


def new_errors(
    definition: engine.Definition,
    before: engine.Evaluated,
    after: engine.Evaluated,
    values: Mapping[str, Any],
    *,
    draft: bool,
) -> list[Fault]:
    """Errors that this save brings; one that an older version of the form left elsewhere doesn't block the others."""
    known = {(finding.place, finding.code) for finding in before.errors}
    return [
        Fault(finding.place, finding.code, messages.of_finding(finding, definition, reader_language()))
        for finding in after.errors
        if not (draft and finding.code in engine.WAIVED)
        and (
            finding.key in values
            or finding.row.partition("[")[0] in values
            or (finding.place, finding.code) not in known
        )
    ]
