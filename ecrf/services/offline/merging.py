"""Bring a piece of work into its record: what others left alone is saved, what both changed is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.errors import Fault, Invalid
from ecrf import engine, messages, rights
from ecrf.engine import Sheet
from ecrf.engine.merging import Clash, Given, merge
from ecrf.models import Entry, Form, FormVersion, Source, Subject
from ecrf.services import contexts, keeping, noting
from ecrf.services.entries import Saved, entry_on, keep
from ecrf.services.offline.sent import Sent

if TYPE_CHECKING:
    from core.access.scope import Actor


@dataclass
class Brought:
    """What became of a piece of work."""

    entry: Entry | None
    clashes: tuple[Clash, ...] = ()
    left: list[Fault] = field(default_factory=list)
    """What isn't in the record, by place, with why."""
    incomplete: list[str] = field(default_factory=list)
    """Pages that were completed offline, and aren't complete together with what is there."""


def bring(
    actor: Actor,
    subject: Subject,
    form: Form,
    version: FormVersion,
    sheet: Sheet,
    sent: Sent,
    *,
    at: datetime,
    reason: str,
) -> Brought:
    """Save what can be saved. Raises Conflict where the record is locked or removed."""
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    entry = entry_on(subject, form, sheet)
    work = Work(actor, subject, form, version.loaded, sheet, at)
    asked, left = work.permitted(sent)
    there = Given(entry.values, entry.notes or {}) if entry else Given()
    merged = merge(sent.base, asked, there, rows_of=work.groups, replaces=work.replaces)
    values, unasked, unreadable = work.split(merged.values)
    left += unreadable
    complete = {page: done for page, done in sent.complete.items() if work.rights.edits(page)}
    attempt = Attempt(values, merged.notes, complete, unasked)
    saved: Saved | None = None
    while saved is None and (attempt.holds_anything or not (entry or attempt.left or left)):
        try:
            saved = keep(
                actor,
                subject,
                form,
                entry.revision if entry else 0,
                attempt.values,
                sheet=sheet,
                notes=attempt.notes,
                complete=attempt.complete,
                reason=reason,
                shown=None,
                draft=attempt.draft,
                source=Source.OFFLINE,
                said_at=at,
                at=at,
                unasked=attempt.unasked,
            )
        except Invalid as error:
            if not attempt.without(error.faults, work.definition):
                left += attempt.all_for(error.faults)
                break
    left += attempt.left
    kept = saved.entry if saved else entry
    if kept is None:  # what was read here was never here: there is no record to ask about
        left += [Fault(one.place, "stale", messages.words("offline_faults", {})) for one in merged.clashes]
    return Brought(kept, merged.clashes, left, attempt.incomplete)


class Work:
    """One sheet as it is now, and what of the work on it may be asked to be saved."""

    def __init__(
        self, actor: Actor, subject: Subject, form: Form, old: engine.Definition, sheet: Sheet, at: datetime
    ) -> None:
        self.definition, self.old = form.published.loaded, old
        self.rights = rights.of(actor, form, subject.site)
        self.context = contexts.context_of(subject, at, form=form, definition=old, sheet=sheet)
        self.groups = {*self.definition.groups, *old.groups}
        self.statuses: dict[str, bool] = {**old.statuses, **self.definition.statuses}

    def replaces(self, status: str) -> bool:
        """Whether a status stands in place of a value."""
        return self.statuses.get(status, False)

    def permitted(self, sent: Sent) -> tuple[Given, list[Fault]]:
        """Of what was sent, what is on pages that the actor may fill in and in places that some version has."""
        left: list[Fault] = []
        kept: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        for found, given in zip(kept, (sent.mine.values, sent.mine.notes), strict=True):
            for place, own in given.items():
                key = place.partition("[")[0]
                page = keeping.page_of(self.definition, key) or keeping.page_of(self.old, key)
                code = "" if page else "unknown_variable"
                if page and not self.rights.edits(page):
                    code = "readonly"
                elif found is kept[1] and noting.item_at(self.definition, place) is None:
                    code = "unknown_variable"
                if code:
                    left.append(Fault(str(place)[:220], code, messages.words(code, {})))
                else:
                    found[place] = own
        return Given(*kept), left

    def split(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[Fault]]:
        """What the form asks; what only the version asked that the device had; what not even that can read."""
        asked: dict[str, Any] = {}
        unasked: dict[str, Any] = {}
        left: list[Fault] = []
        for key, value in values.items():
            if self.definition.holds(key) and (self.old is self.definition or self.reads(self.definition, key, value)):
                asked[key] = value
            elif self.reads(self.old, key, value):
                unasked[key] = value
            elif self.definition.holds(key):
                asked[key] = value
            else:
                left.append(Fault(key, "unknown_variable", messages.words("unknown_variable", {})))
        return asked, unasked, left

    def reads(self, definition: engine.Definition, key: str, value: Any) -> bool:
        """Whether a version asks for a value and takes this one."""
        item = definition.items.get(key)
        if not definition.holds(key) or (item is not None and not item.is_input):
            return False
        state = engine.evaluate(definition, {key: value}, self.context)
        return not any(key in (found.key, found.row.partition("[")[0]) for found in state.errors)


@dataclass
class Attempt:
    """What is tried to be saved; without what is refused it is tried again."""

    values: dict[str, Any]
    notes: dict[str, Any]
    complete: dict[str, bool]
    unasked: dict[str, Any]
    draft: bool = False
    left: list[Fault] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)

    @property
    def holds_anything(self) -> bool:
        return bool(self.values or self.notes or self.complete or self.unasked)

    def all_for(self, faults: tuple[Fault, ...]) -> list[Fault]:
        """Everything that is still tried, left for these causes."""
        first = faults[0]
        return [Fault(place, first.code, first.message) for place in {**self.values, **self.notes, **self.unasked}]

    def without(self, faults: tuple[Fault, ...], definition: engine.Definition) -> bool:
        """Leave out what is wrong; what is wrong elsewhere is let stand and seen to there. Whether to try again."""
        places = {fault.place.partition("[")[0] for fault in faults}
        refused = [fault for fault in faults if fault.place.partition("[")[0] in {**self.values, **self.notes}]
        pages = {page for place in places if (page := keeping.page_of(definition, place))} | places
        undone = [page for page in self.complete if page in pages]
        for page in undone:
            del self.complete[page]
        self.incomplete += undone
        if refused and not undone:
            self.values = {key: value for key, value in self.values.items() if key not in places}
            self.notes = {key: note for key, note in self.notes.items() if key.partition("[")[0] not in places}
            self.left += refused
        if refused or undone:
            return True
        again = not self.draft
        self.draft = True
        return again
