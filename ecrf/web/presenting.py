"""What the browser must know of a sheet."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import reverse

from ecrf import engine, queries
from ecrf.engine import Sheet, moments
from ecrf.models import Attachment, Entry, Form, Subject
from ecrf.services import attachments, drawing, scripted
from ecrf.services import locks as locking
from ecrf.services.contexts import context_of
from ecrf.services.keeping import known
from ecrf.services.script_threads import thread_of
from ecrf.web.reviewed import reviewed


def evaluated(subject: Subject, form: Form, sheet: Sheet, entry: Entry | None) -> engine.Evaluated:
    definition = form.published.loaded
    context = context_of(subject, form=form, definition=definition, sheet=sheet)
    values, notes = (entry.values, entry.notes or {}) if entry else ({}, {})
    return engine.evaluate(definition, known(definition, values), context, notes=notes)


def present(subject: Subject, form: Form, sheet: Sheet, entry: Entry | None) -> dict[str, Any]:
    """What the browser must know of the sheet as it is now."""
    definition = form.published.loaded
    context = context_of(subject, form=form, definition=definition, sheet=sheet)
    held = locking.holding(subject, sheet, entry)
    return {
        "revision": entry.revision if entry else 0,
        "values": known(definition, entry.values) if entry else {},
        "notes": (entry.notes if entry else None) or {},
        "complete": [key for key, page in entry.pages.items() if page["complete"]] if entry else [],
        "locked": held.all,
        "held": {"pages": sorted(held.pages), "items": sorted(held.items)},
        "signatures": signed(entry) if entry else [],
        "saved": {"by": entry.saved_by, "at": entry.updated_at.isoformat()} if entry else None,
        "context": {**asdict(context), "now": moments.write(context.now)},
        "files": files_of(entry, definition) if entry else {},
        "scripts": script_data(subject, form, definition, sheet, entry),
        **reviewed(entry),
    }


def files_of(entry: Entry, definition: engine.Definition) -> dict[str, Any]:
    """What the browser must know of the files that the record holds, by the values that name them."""
    if not any(item.kind == "file" for item in definition.items.values()):
        return {}
    return {row.value: told_file(row) for row in attachments.of_entry(entry, definition).values()}


def told_file(found: Attachment) -> dict[str, Any]:
    """What the browser must know of a file."""
    return {
        "name": found.name,
        "size": found.size,
        "type": found.media_type,
        "image": found.is_image,
        "url": reverse("ecrf:attachment", args=[found.subject.project.slug, found.pk]),
    }


def grown(form: Form, sheet: Sheet) -> dict[str, Any]:
    """The definition once more, where a save may have made its dictionary longer: with scripts."""
    definition = form.published.loaded
    scripted = any("script" in page.spec for page in definition.pages_of(sheet.event, sheet.page))
    return {"definition": definition.data} if scripted else {}


def script_data(
    subject: Subject, form: Form, definition: engine.Definition, sheet: Sheet, entry: Entry | None
) -> dict[str, Any]:
    """What the script pages of the sheet start from in the browser: as at a save, by page."""
    pages = [page.key for page in definition.pages_of(sheet.event, sheet.page) if "script" in page.spec]
    if not pages:
        return {}
    drawn = drawing.drawn(subject, form)
    memory = (entry.scripts if entry else None) or {}
    return {
        "thread": thread_of(subject, form, definition, sheet, entry, entry.values if entry else {}, drawn),
        "pages": {
            key: {"seed": scripted.seed(subject, form, sheet, key), "extra": memory.get(key, {}).get("extra", {})}
            for key in pages
        },
    }


def signed(entry: Entry) -> list[dict[str, Any]]:
    found = entry.signatures.filter(undone_at=None).select_related("signer")
    return [
        {"page": one.page, "by": str(one.signer), "at": one.created_at.isoformat(), "meaning": one.meaning}
        for one in found
    ]


def told(change: queries.Change) -> dict[str, Any]:
    return {"key": change.key, "label": change.label, "by": str(change.by), "at": change.at.isoformat()}
