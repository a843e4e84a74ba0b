"""What somebody may write who doesn't fill in every page, and what of the answer he may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, rights
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, Subject
from ecrf.services import keeping
from ecrf.services.scripted import ScriptFailed
from ecrf.words.values import VALUES


def check_pages(
    pages: rights.PageRights,
    subject: Subject,
    form: Form,
    sheet: Sheet,
    values: Mapping[str, Any],
    notes: Mapping[str, Any],
    complete: Iterable[str],
) -> None:
    """Raises Invalid for what is written to a page that isn't the writer's; one he doesn't see is as if not there.

    A value that stands there already may be sent again.
    """
    if not pages.hidden and not pages.fixed:
        return
    definition = form.published.loaded
    if sheet.page and not pages.reads(sheet.page):
        raise Invalid([Fault("page", "unknown_page", messages.words("unknown_page", {}))])
    faults: list[Fault] = []
    stored: dict[str, Any] | None = None
    for place in [*values, *notes]:
        page = keeping.page_of(definition, place.partition("[")[0])
        if not page or pages.edits(page):
            continue
        if not pages.reads(page):
            faults.append(Fault(place, "unknown_variable", messages.words("unknown_variable", {}, of=VALUES)))
            continue
        stored = stored_at(subject, form, sheet) if stored is None else stored
        if place in notes or stored.get(place) != values[place]:
            faults.append(Fault(place, "readonly", messages.words("readonly", {})))
    for page in complete:
        if not pages.reads(page):
            faults.append(Fault(page, "unknown_page", messages.words("unknown_page", {})))
        elif not pages.edits(page):
            faults.append(Fault(page, "readonly", messages.words("readonly", {})))
    if faults:
        raise Invalid(faults, _("Nothing was saved."))


def stored_at(subject: Subject, form: Form, sheet: Sheet) -> dict[str, Any]:
    found = Entry.objects.filter(
        subject=subject, form=form, event=sheet.event, page=sheet.page, instance=sheet.instance
    ).first()
    return dict(found.values) if found else {}


@contextmanager
def veiled(pages: rights.PageRights, definition: engine.Definition) -> Iterator[None]:
    """Faults of pages that the writer doesn't see are told without their names."""
    if pages.whole:
        yield
        return
    try:
        yield
    except Invalid as error:
        told = [fault for fault in error.faults if told_of(pages, definition, fault.place)]
        if len(told) < len(error.faults):
            told.append(Fault("", "hidden_page", messages.words("hidden_page", {})))
        if isinstance(error, ScriptFailed):  # who makes forms is told all of it; what is raised from here is not
            raise error.told_as(told) from None
        raise Invalid(told, error.message) from None
    except Conflict as error:
        changes = getattr(error, "changes", [])
        kept = [change for change in changes if pages.knows(definition, change.key)]
        if len(kept) < len(changes):
            names = ", ".join(dict.fromkeys(change.label for change in kept[:8])) or _("other pages")
            people = ", ".join(dict.fromkeys(str(change.by) for change in changes))
            error.message = _("Saved in the meantime by %(people)s: %(names)s.") % {"people": people, "names": names}
            error.changes = kept  # type: ignore[attr-defined]
        raise


def told_of(pages: rights.PageRights, definition: engine.Definition, place: str) -> bool:
    key = place.partition("[")[0]
    page = keeping.page_of(definition, key) or (key if any(one.key == key for one in definition.pages) else "")
    return not page or pages.reads(page)
