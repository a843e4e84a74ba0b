"""Bring a piece of work into its record: what others left alone is saved, what both changed is asked about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core.errors import Fault, Invalid
from ecrf import messages
from ecrf.engine import Sheet
from ecrf.engine.merging import Clash, Given, merge
from ecrf.models import Entry, Form, FormVersion, Source, Subject
from ecrf.services import page_limits, script_failures
from ecrf.services.entries import Saved, entry_on, keep
from ecrf.services.offline.attempt import Attempt
from ecrf.services.offline.sent import Sent
from ecrf.services.offline.work import Work
from ecrf.services.scripted import ScriptFailed

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
    if sheet.page and not work.rights.reads(sheet.page):
        return Brought(None, left=[Fault("page", "unknown_page", messages.words("unknown_page", {}))])
    asked, left = work.permitted(sent)
    there = Given(entry.values, entry.notes or {}) if entry else Given()
    merged = merge(sent.base, asked, there, rows_of=work.groups, replaces=work.replaces)
    values, unasked, unreadable = work.split(merged.values)
    left += unreadable
    complete, incomplete = work.completed(sent, entry)
    attempt = Attempt(values, merged.notes, complete, unasked, incomplete=incomplete)
    saved: Saved | None = None
    while saved is None and (attempt.holds_anything or not (entry or attempt.left or left)):
        try:
            # what is refused leaves nothing behind, and names no page that he doesn't see
            with page_limits.veiled(work.rights, work.definition), transaction.atomic():
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
        except ScriptFailed as error:
            script_failures.tell(actor, error)
            left += attempt.all_for(error.faults)
            break
        except Invalid as error:
            if not attempt.without(error.faults, work.definition):
                left += attempt.all_for(error.faults)
                break
    left += attempt.left
    kept = saved.entry if saved else entry
    if kept is None:  # what was read here was never here: there is no record to ask about
        left += [Fault(one.place, "stale", messages.words("offline_faults", {})) for one in merged.clashes]
    return Brought(kept, merged.clashes, left, attempt.incomplete)
