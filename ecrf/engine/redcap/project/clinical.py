"""The data of a project XML as records; a wrong value is named with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.judging import in_order, judge_records
from ecrf.engine.exchange.records import Reading
from ecrf.engine.exchange.xml import Element, children, each, local
from ecrf.engine.faults import Refused
from ecrf.engine.redcap.flat_columns import EVENT, INSTANCE, INSTRUMENT, SITE
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.project.attributes import own
from ecrf.engine.redcap.project.entry import Entry
from ecrf.engine.redcap.project.line_breaks import with_line_breaks
from ecrf.engine.redcap.rows import Rows


def read_project_data(
    content: bytes,
    definition: Definition,
    *,
    now: datetime,
    sites: Mapping[str, str] | None = None,
    subjects: Collection[str] | None = None,
    judged: bool = True,
) -> Reading:
    """The records, its wrong values (`faults`) and, where they are `judged`, its doubtful ones (`warnings`)."""
    reading = Reading()
    layout = Layout(definition)
    rows = Rows(layout, reading, sites=sites, subjects=subjects)
    try:
        for subject in each(with_line_breaks(content), "SubjectData"):
            for entry in entries(subject, layout, reading):
                record = entry.read(rows)
                if record is not None:
                    reading.records.append(record)
    except Refused as refused:
        reading.faults += refused.faults
        return reading
    rows.lines = {}
    if judged:
        judge_records(definition, reading, layout.shape.asked.keys(), now, {})
    return in_order(reading)


def entries(subject: Element, layout: Layout, reading: Reading) -> Iterator[Entry]:
    """The entries of one subject: forms that don't repeat are one per event."""
    events = [*children(subject, "StudyEventData")] or [subject]
    for event in events:
        name = own(event, "UniqueEventName") or str(event.get("StudyEventOID", "")).removeprefix("Event.")
        shared = {layout.subject: str(subject.get("SubjectKey", "")), EVENT: name}
        shared[SITE] = own(subject, "DataAccessGroup") or own(subject, "DataAccessGroupName")
        key = layout.events.get(name, "")
        single: Entry | None = None
        copies: list[Entry] = []
        for form in children(event, "FormData"):
            page = own(form, "FormName") or str(form.get("FormOID", "")).removeprefix("Form.")
            repeated = page in layout.shape.pages and layout.shape.repeats(page, key)
            number = str(form.get("FormRepeatKey", "1"))
            if repeated:
                target = Entry(layout, reading, form.line, {**shared, INSTRUMENT: page, INSTANCE: number})
                copies.append(target)
            else:
                number = str(event.get("StudyEventRepeatKey", "1")) if layout.shape.event_repeats(key) else ""
                single = single or Entry(layout, reading, form.line, {**shared, INSTANCE: number})
                target = single
            for item in items(form):
                target.take(item)
        if single is not None:
            yield single
        yield from copies


def items(form: Element) -> Iterator[Element]:
    for group in children(form, "ItemGroupData"):
        yield from (one for one in children(group) if local(one).startswith("ItemData"))
