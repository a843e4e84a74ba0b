"""A subject's casebook: what each event asks, how far each page is, and the copies of pages that repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf import engine, progress, rights
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, Subject
from ecrf.models.entries import sheet_url
from ecrf.progress import Progress


@dataclass(frozen=True)
class Cell:
    """One page at one event."""

    title: str
    url: str
    progress: Progress


@dataclass(frozen=True)
class Copies:
    """A page that repeats, with the copies that are filled in and the way to the next."""

    title: str
    filled: tuple[Cell, ...]
    next_url: str


@dataclass(frozen=True)
class Visit:
    """One event of a subject, or one instance of an event that repeats."""

    title: str
    url: str
    progress: Progress
    cells: Mapping[str, Cell]
    copies: tuple[Copies, ...]
    entry: Entry | None
    event: str = ""
    next_url: str = ""
    """Where an event that repeats is begun once more."""
    is_outside: bool = False
    """Whether the subject's arm doesn't have this event: what was entered is kept."""


@dataclass(frozen=True)
class Casebook:
    """All visits of a subject in one form; `pages` are the lines of the grid of pages and visits."""

    form: Form
    visits: tuple[Visit, ...]
    pages: tuple[tuple[str, str], ...]
    removed: tuple[Entry, ...] = field(default=())
    may: rights.PageRights = rights.EVERYTHING

    @property
    def is_grid(self) -> bool:
        return len(self.visits) > 1

    @property
    def progress(self) -> Progress:
        return progress.of_entries([visit.entry for visit in self.visits if visit.entry is not None], self.may)


def casebook(
    subject: Subject,
    form: Form,
    entries: Mapping[tuple[Any, Any, Sheet], Entry],
    language: str,
    may: rights.PageRights = rights.EVERYTHING,
) -> Casebook:
    """What the subject's entries in a form are, laid out by the form's events: of the pages that the reader sees."""
    definition = form.published.loaded
    own = {sheet: entry for (who, what, sheet), entry in entries.items() if (who, what) == (subject.pk, form.pk)}
    own = {sheet: entry for sheet, entry in own.items() if may.reads(sheet.page)}
    here = {sheet: entry for sheet, entry in own.items() if entry.removed_at is None}
    begun = {sheet.event for sheet in here}
    visits = [
        visit(subject, form, definition, Sheet(key, "", instance), here, own, language, may)
        for key in (list(definition.events) or [""])
        if not key or key in begun or definition.events[key].is_of(subject.arm)
        for instance in instances(definition, key, here)
    ]
    if not may.whole:
        visits = [one for one in visits if one.cells or one.copies]
    asked = {key for one in visits for key in one.cells}
    pages = tuple((page.key, definition.text(page.title, language)) for page in definition.pages if page.key in asked)
    removed = tuple(entry for entry in own.values() if entry.removed_at is not None)
    return Casebook(form, tuple(visits), pages, removed, may)


def instances(definition: engine.Definition, event: str, here: Mapping[Sheet, Entry]) -> list[int]:
    if not event or not definition.events[event].spec.get("repeats"):
        return [1]
    return sorted({sheet.instance for sheet in here if sheet.event == event and not sheet.page} | {1})


def visit(
    subject: Subject,
    form: Form,
    definition: engine.Definition,
    sheet: Sheet,
    here: Mapping[Sheet, Entry],
    own: Mapping[Sheet, Entry],
    language: str,
    may: rights.PageRights,
) -> Visit:
    entry = here.get(sheet)
    event = definition.events.get(sheet.event)
    title = definition.text(event.title, language) if event else str(form)
    repeats = bool(event and event.spec.get("repeats"))
    address = sheet_url("entry", subject, form.key, sheet)
    cells = {
        page.key: Cell(
            definition.text(page.title, language),
            sheet_url("entry", subject, form.key, sheet, page=page.key),
            progress.of_page_in(entry, page.key),
        )
        for page in definition.pages_of(sheet.event)
        if may.reads(page.key)
    }
    copied = (
        [page for page in definition.copied_pages(sheet.event) if may.reads(page.key)] if sheet.instance == 1 else ()
    )
    following = max((one.instance for one in own if one.event == sheet.event and not one.page), default=0) + 1
    return Visit(
        title=f"{title} {sheet.instance}" if repeats else title,
        url=address,
        progress=progress.of_entry(entry, may),
        cells=cells,
        copies=tuple(copies(subject, form, definition, sheet.event, page, here, own, language) for page in copied),
        entry=entry,
        event=sheet.event if sheet.instance == 1 else "",
        next_url=sheet_url("entry", subject, form.key, Sheet(sheet.event, "", following)) if repeats and entry else "",
        is_outside=event is not None and not event.is_of(subject.arm),
    )


def copies(
    subject: Subject,
    form: Form,
    definition: engine.Definition,
    event: str,
    page: engine.Page,
    here: Mapping[Sheet, Entry],
    own: Mapping[Sheet, Entry],
    language: str,
) -> Copies:
    found = sorted(
        (sheet for sheet in here if (sheet.event, sheet.page) == (event, page.key)), key=lambda one: one.instance
    )
    taken = max((sheet.instance for sheet in own if (sheet.event, sheet.page) == (event, page.key)), default=0)
    title = definition.text(page.title, language)
    return Copies(
        title,
        tuple(
            Cell(
                here[sheet].title or f"{title} {sheet.instance}",
                sheet_url("entry", subject, form.key, sheet),
                progress.of_page_in(here[sheet], page.key),
            )
            for sheet in found
        ),
        sheet_url("entry", subject, form.key, Sheet(event, page.key, taken + 1)),
    )
