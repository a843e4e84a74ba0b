"""One save, step by step: what is there is read, what is asked is judged, written, and what follows is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages
from ecrf.models import Entry, Form, Fragment, Source, Subject
from ecrf.services import attachments, chain, consents, drawing, judging, keeping, locks, noting, signatures
from ecrf.services.asked import Asked, current_version, entry_on
from ecrf.services.automatic import after_save
from ecrf.services.contexts import context_of
from ecrf.services.exports import mark_stale
from ecrf.services.people import author_of
from ecrf.services.scripted import run_scripts

if TYPE_CHECKING:
    from core.access.scope import Actor


class Saving:
    """A save under way, inside a transaction: `read`, `judge`, and if anything changes `write` and `follow`."""

    def __init__(self, actor: Actor, subject: Subject, form: Form, base: int, asked: Asked) -> None:
        self.actor, self.subject, self.form, self.base, self.asked = actor, subject, form, base, asked

    def read(self) -> None:
        """Hold the sheet and see what is there. Raises Conflict where it is locked, removed or has moved on."""
        asked, subject, form = self.asked, self.subject, self.form
        Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
        self.version = asked.batch.version if asked.batch else current_version(form)
        self.definition = self.version.loaded
        if not self.definition.has_sheet(asked.sheet):
            raise Invalid([Fault("event", "unknown_sheet", messages.words("unknown_sheet", {}))])
        self.entry = entry_on(subject, form, asked.sheet)
        if asked.shown not in (None, self.version.number):
            text = _("A new version of this form was published: reload the page. What you typed is kept.")
            raise Conflict(text, "version")
        self.held = locks.holding(subject, asked.sheet, self.entry)
        touched = {place.partition("[")[0] for place in (*asked.values, *asked.notes)}
        self.elsewhere = (
            asked.merge
            and not self.held.all
            and judging.is_elsewhere(self.entry, self.base, self.definition, touched, asked.complete)
        )
        if not self.elsewhere:
            self.check_free()
        self.stored: dict[str, Any] = self.entry.values if self.entry else {}
        self.notes_before: dict[str, Any] = (self.entry.notes if self.entry else None) or {}
        self.pages_before: dict[str, Any] = self.entry.pages if self.entry else {}
        self.unconsented = consents.check(subject, form, self.definition, asked.sheet, self.stored, asked.values)
        self.known = keeping.known(self.definition, self.stored)
        self.context = context_of(subject, asked.at, form=form, definition=self.definition, sheet=asked.sheet)
        self.before = engine.evaluate(self.definition, self.known, self.context, notes=self.notes_before)

    def check_free(self) -> None:
        judging.check_free(self.entry, self.base, self.definition, self.held)

    def judge(self) -> None:
        """Evaluate the sheet as it is to be. Raises Invalid with everything that is wrong with it."""
        asked, subject, form = self.asked, self.subject, self.form
        noted, wrong = noting.merged(self.actor, self.definition, subject, self.notes_before, asked.notes)
        self.version.form = form
        self.ran = run_scripts(
            subject, form, self.version, asked.sheet, self.entry, self.known, asked.values, self.context,
            notes=noted, asked=asked.complete, draft=asked.draft,
        )  # fmt: skip
        self.definition, self.values = self.ran.definition, self.ran.values
        proposed = {**self.known, **self.values}
        self.after = engine.evaluate(self.definition, proposed, self.context, notes=noted, scripts=self.ran.states)
        self.noted = noting.fitting(self.definition, self.after, noted)
        by_name = asked.source is Source.IMPORT
        faults = [
            *wrong,
            *self.unconsented,
            *attachments.unknown(subject, form, self.definition, self.stored, self.values, named=by_name),
            *judging.refused_writes(self.definition, self.before, self.values, self.held, by_hand=asked.batch is None),
            *judging.new_errors(self.definition, self.before, self.after, self.values, draft=asked.draft),
        ]
        self.pages, lacks = keeping.page_states(self.definition, self.after, self.pages_before, asked.complete)
        if self.elsewhere and (faults or lacks):
            self.check_free()  # together they don't fit: both are to be seen
        if faults or lacks:
            raise Invalid([*faults, *lacks], _("Nothing was saved."))
        self.compare()

    def compare(self) -> None:
        """What of the record becomes another."""
        asked = self.asked
        seen = keeping.pages_of(self.definition, self.values) | set(asked.complete)
        kept = keeping.worth_keeping(self.definition, self.after, seen, emptied=self.ran.emptied)
        # what this version of the form doesn't hold or can't read stays as it was, until somebody writes the field
        beside = self.stored.keys() - self.after.values.keys() - self.values.keys()
        kept |= {key: value for key, value in self.stored.items() if key in beside}
        self.kept = kept | dict(asked.unasked)
        self.changed = keeping.difference(self.stored, self.kept)
        self.said = keeping.difference(self.notes_before, self.noted)
        self.tags = keeping.tags(self.after, self.pages, self.entry, draft=asked.draft)

    @property
    def changes_nothing(self) -> bool:
        entry = self.entry
        if entry is None or self.changed or self.said or entry.version_id != self.version.pk:
            return False
        return (self.pages, self.tags, self.ran.memory or None) == (entry.pages, entry.tags, entry.scripts)

    def write(self) -> Entry:
        """The record as it is now, and the fragment that says what became another."""
        asked, sheet, author = self.asked, self.asked.sheet, author_of(self.actor)
        entry = self.entry or Entry(event=sheet.event, page=sheet.page, instance=sheet.instance)
        entry.subject, entry.form = self.subject, self.form
        entry.values, entry.notes, entry.pages, entry.tags = self.kept, self.noted or None, self.pages, self.tags
        entry.version, entry.updated_by, entry.scripts = self.version, author, self.ran.memory or None
        entry.title = (self.after.titles.get(sheet.page) or None) if sheet.page else None
        entry.is_complete = all(page["complete"] for page in self.pages.values() if page["shown"])
        entry.revision += 1
        imported = asked.batch.imported if asked.batch else None
        entry.imported = {**imported, "revision": entry.revision} if imported else None
        entry.save()
        self.fragment: Fragment = chain.append(
            entry, author, values=self.changed, notes=self.said, reason=asked.reason[:500],
            source=asked.source, said_at=asked.said_at,
            scripts={page: {**told, **self.ran.memory.get(page, {})} for page, told in self.ran.told.items()},
        )  # fmt: skip
        return entry

    def follow(self, entry: Entry) -> None:
        """What each save brings with it: files are claimed, signatures undone, locks set, queries opened, and so on."""
        asked, author = self.asked, author_of(self.actor)
        drawing.keep(entry, self.ran.draws)
        attachments.claim(self.subject, self.form, self.definition, self.changed)
        if entry.revision > 1:
            signatures.undo(entry, author, keeping.pages_of(self.definition, [*self.changed, *self.said]))
        locks.after_save(entry, self.definition, author, asked.complete)
        told: dict[str, Any] = {"form": self.form.key, "revision": entry.revision, "fields": sorted(self.changed)}
        told |= {"notes": sorted(self.said)} if self.said else {}
        told |= {"event": entry.event} if entry.event else {}
        audit.record(self.actor, "ecrf.entry_saved", entry, reason=self.fragment.reason, **told)
        if asked.batch is None:
            mark_stale(self.form, self.subject.project)
        settled = asked.batch.settled if asked.batch else None
        after_save(self.actor, entry, self.after, frozenset(self.changed), self.context, settled)
        done_before = {key for key, page in self.pages_before.items() if page["complete"]}
        consents.after_save(self.actor, entry, self.after, self.fragment, asked.complete.keys() - done_before)
