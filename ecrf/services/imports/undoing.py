"""Undo an import while nothing that it touched has changed since: each record is again what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, Fault, Invalid
from ecrf.models import DataImport, Entry, Fragment, ImportedEntry, Signature, Source
from ecrf.services import doors, removal, script_failures
from ecrf.services import entries as saves
from ecrf.services.exports import mark_stale
from ecrf.services.imports.acts import held, silent, submit
from ecrf.services.imports.saving import Progress
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

CHUNK = 300
NAMED = 20
"""So many records are named that stand in the way."""


@transaction.atomic
def undo_import(actor: Actor, data_import: DataImport, reason: str) -> DataImport:
    """Have an import undone by a job. Raises Conflict where one of its records has changed since."""
    found = held(actor, data_import)
    ready(found, reason)
    found.job = submit(actor, "ecrf.undo_import", found, reason=reason.strip()[:500])
    found.save(update_fields=["job"])
    return found


def ready(found: DataImport, reason: str) -> None:
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why the import is undone."))])
    if found.state != DataImport.State.DONE:
        raise Conflict(_("Only an import that was saved can be undone."), "state")
    changed = changed_since(found)
    if changed:
        names = ", ".join(changed[:NAMED])
        text = _("Records of this import have changed since, so that it can’t be undone: %(names)s.") % {"names": names}
        raise Conflict(text, "changed")


def changed_since(found: DataImport) -> list[str]:
    """The subjects whose records are no longer as the import left them, or were signed as it left them."""
    lines = found.entries.select_related("entry__subject").only("after", "entry__revision", "entry__subject__number")
    moved = {line.entry.subject.number for line in lines.iterator(CHUNK) if line.entry.revision != line.after}
    signed = Signature.objects.filter(entry__imports__data_import=found, undone_at=None, created_at__gt=found.done_at)
    return sorted(moved | set(signed.values_list("entry__subject__number", flat=True)))


@script_failures.told
def undo_now(
    actor: Actor, data_import: DataImport, reason: str, progress: Progress = silent, fence: Any = None
) -> DataImport:
    """All of it in one transaction: records that were new are removed, the others get back what they held."""
    with transaction.atomic():
        found = held(actor, data_import)
        if found.state == DataImport.State.UNDONE:
            return found
        ready(found, reason)
        version = type(found.form).objects.select_for_update(of=("self",), no_key=True).get(pk=found.form_id).published
        lines = list(found.entries.order_by("-pk").values_list("pk", flat=True))
        for start in range(0, len(lines), CHUNK):
            rows = ImportedEntry.objects.filter(pk__in=lines[start : start + CHUNK]).order_by("-pk")
            for line in rows.select_related("entry__subject__site", "entry__version"):
                line.entry.subject.project = line.entry.subject.site.project = found.project
                line.entry.form = found.form
                back(actor, line, version, reason)
            progress(min(start + CHUNK, len(lines)), len(lines))
        found.state, found.undone_at, found.undone_by = DataImport.State.UNDONE, timezone.now(), account(actor)
        found.report = None
        found.save(update_fields=["state", "undone_at", "undone_by", "report"])
        mark_stale(found.form, found.project)
        told: dict[str, Any] = {"form": found.form.key, "source": found.source, "records": len(lines)}
        audit.record(actor, "ecrf.import_undone", found, reason=reason.strip()[:500], **told)
        if fence is not None:
            with fence():
                pass
    return found


def back(actor: Actor, line: ImportedEntry, version: Any, reason: str) -> None:
    entry = line.entry
    if line.before == 0:
        removal.move(actor, entry, reason, removed=True, source=Source.IMPORT)
        return
    values, notes = as_it_was(entry, line.before)
    definition = version.loaded
    computed = {key for key, item in definition.items.items() if item.calc is not None}
    values = {key: value for key, value in values.items() if key not in computed and definition.holds(key)}
    complete = {page: page in line.complete for page in entry.pages}
    other = {page: done for page, done in complete.items() if done != entry.pages[page]["complete"]}
    try:
        with doors.acting_for(actor, entry.subject, entry.form, entry.sheet, values, notes, other):
            saves.keep(
                actor,
                entry.subject,
                entry.form,
                entry.revision,
                values,
                sheet=entry.sheet,
                notes=notes,
                complete=complete,
                reason=reason[:500],
                shown=None,
                draft=False,
                source=Source.IMPORT,
                said_at=None,
                batch=saves.Batch(version),
            )
    except Invalid as error:
        text = _("A record of %(number)s can’t be what it was: the form takes its former values no more.")
        raise Conflict(text % {"number": entry.subject.number}, "form_changed") from error


def as_it_was(entry: Entry, revision: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values and notes that were changed since a revision, as they were in it; null where there was none."""
    before: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    changed: tuple[set[str], set[str]] = (set(), set())
    for fragment in Fragment.objects.filter(entry=entry).order_by("number"):
        fragment.entry = entry
        for at, said in enumerate((fragment.values, fragment.notes or {})):
            if fragment.number <= revision:
                before[at].update(said)
            else:
                changed[at].update(said)
    values, notes = ({key: before[at].get(key) for key in changed[at]} for at in (0, 1))
    return values, notes
