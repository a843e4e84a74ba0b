"""Entries as the records that formats write: what is stored, and how the file that it came from told it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ecrf import engine
from ecrf.engine.exchange.records import Record
from ecrf.models import Entry
from ecrf.services import keeping


def records_of(definition: engine.Definition, entries: Iterable[Entry]) -> Iterator[Record]:
    """One record per entry, in their order. The caller has chosen entries that the reader may see."""
    for entry in entries:
        yield record_of(definition, entry)


def record_of(definition: engine.Definition, entry: Entry) -> Record:
    """The record of an entry. What no save has touched since its import is told as its file told it."""
    record = Record(
        entry.subject.number,
        entry.subject.site.code,
        entry.event,
        entry.page,
        entry.instance,
        values=keeping.known(definition, entry.values),
        notes={place: dict(note) for place, note in (entry.notes or {}).items()},
        version=entry.version.number,
        saved_at=entry.updated_at.isoformat(),
        created_at=entry.created_at.isoformat(),
    )
    trace: dict[str, Any] = entry.imported if entry.imported and entry.imported["revision"] == entry.revision else {}
    record.spelt = {key: text for key, text in trace.get("spelt", {}).items() if key in record.values}
    for key in trace.get("uncomputed", ()):
        record.values.pop(key, None)
    told = trace.get("pages", {})
    begun = {page for place in (*record.values, *record.notes) if (page := page_of(definition, place))} | set(told)
    for page, state in entry.pages.items():
        if state["complete"]:
            record.pages[page] = "complete"
        elif page in begun:
            record.pages[page] = told.get(page, "incomplete")
    return record


def page_of(definition: engine.Definition, place: str) -> str:
    return keeping.page_of(definition, place.partition("[")[0])
