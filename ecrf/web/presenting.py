"""What the browser must know of a sheet."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from ecrf import codes, engine, queries, rights
from ecrf.engine import Sheet, moments
from ecrf.engine.narrowing import narrowed
from ecrf.models import Attachment, Entry, Form, Subject
from ecrf.services import attachments, drawing, scripted
from ecrf.services import locks as locking
from ecrf.services.contexts import context_of
from ecrf.services.keeping import known
from ecrf.services.script_threads import thread_of
from ecrf.web.reviewed import reviewed

if TYPE_CHECKING:
    from core.access.scope import Actor


def evaluated(subject: Subject, form: Form, sheet: Sheet, entry: Entry | None) -> engine.Evaluated:
    definition = form.published.loaded
    context = context_of(subject, form=form, definition=definition, sheet=sheet)
    values, notes = (entry.values, entry.notes or {}) if entry else ({}, {})
    return engine.evaluate(definition, known(definition, values), context, notes=notes)


def present(actor: Actor, subject: Subject, form: Form, sheet: Sheet, entry: Entry | None) -> dict[str, Any]:
    """What the browser must know of the sheet as it is now: of the pages that the reader sees."""
    definition = form.published.loaded
    pages = rights.of(actor, form, subject.site)
    context = context_of(subject, form=form, definition=definition, sheet=sheet)
    context = rights.context_for(pages, definition, context)
    held = locking.holding(subject, sheet, entry)
    return {
        "revision": entry.revision if entry else 0,
        "values": rights.values_for(pages, definition, known(definition, entry.values)) if entry else {},
        "notes": rights.values_for(pages, definition, (entry.notes if entry else None) or {}),
        "complete": [key for key, page in entry.pages.items() if page["complete"] and pages.reads(key)]
        if entry
        else [],
        "locked": held.all,
        "held": {
            "pages": sorted(page for page in held.pages | pages.fixed if pages.reads(page)),
            "items": sorted(item for item in held.items if pages.knows(definition, item)),
        },
        "signatures": [one for one in signed(entry) if pages.reads(one["page"])] if entry else [],
        "saved": {"by": entry.saved_by, "at": entry.updated_at.isoformat()} if entry else None,
        "context": {**asdict(context), "now": moments.write(context.now)},
        "files": files_of(entry, definition, pages) if entry else {},
        "scripts": script_data(subject, form, definition, sheet, entry, pages),
        **reviewed(entry, pages),
        "codes": coded(entry, pages) if entry else {},
    }


def coded(entry: Entry, pages: rights.PageRights) -> dict[str, dict[str, str]]:
    """What texts were coded as, by place."""
    definition = entry.form.published.loaded
    return {
        place: {"code": one.code, "label": one.label, "state": one.state, "word": str(one.get_state_display())}
        for place, one in codes.of_entries([entry], definition).get(entry.pk, {}).items()
        if pages.knows(definition, place.rpartition(".")[2])
    }


def files_of(entry: Entry, definition: engine.Definition, pages: rights.PageRights) -> dict[str, Any]:
    """What the browser must know of the files that the record holds, by the values that name them."""
    if not any(item.kind == "file" for item in definition.items.values()):
        return {}
    found = attachments.of_entry(entry, definition).values()
    return {row.value: told_file(row) for row in found if pages.knows(definition, row.item)}


def told_file(found: Attachment) -> dict[str, Any]:
    """What the browser must know of a file."""
    return {
        "name": found.name,
        "size": found.size,
        "type": found.media_type,
        "image": found.is_image,
        "url": reverse("ecrf:attachment", args=[found.subject.project.slug, found.pk]),
    }


def grown(actor: Actor, subject: Subject, form: Form, sheet: Sheet) -> dict[str, Any]:
    """The definition once more, where a save may have made its dictionary longer: with scripts."""
    definition = form.published.loaded
    scripted = any("script" in page.spec for page in definition.pages_of(sheet.event, sheet.page))
    if not scripted:
        return {}
    hidden = rights.of(actor, form, subject.site).hidden
    return {"definition": narrowed(definition, hidden)[0] if hidden else definition.data}


def script_data(
    subject: Subject,
    form: Form,
    definition: engine.Definition,
    sheet: Sheet,
    entry: Entry | None,
    may: rights.PageRights,
) -> dict[str, Any]:
    """What the script pages of the sheet start from in the browser: as at a save, by page, of pages that are read."""
    asked = definition.pages_of(sheet.event, sheet.page)
    pages = [page.key for page in asked if "script" in page.spec and may.reads(page.key)]
    if not pages:
        return {}
    drawn = drawing.drawn(subject, form)
    memory = (entry.scripts if entry else None) or {}
    return {
        "thread": thread_of(subject, form, definition, sheet, entry, entry.values if entry else {}, drawn, may.reads),
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
