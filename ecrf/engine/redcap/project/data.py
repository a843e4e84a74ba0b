"""Records as the ClinicalData of a project XML, a subject at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ecrf.engine.exchange.records import Record
from ecrf.engine.exchange.xml import tag
from ecrf.engine.redcap.flat_rows import Writer
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.project.form_data import form_data, group_oids


def clinical_data(layout: Layout, records: Iterable[Record], study: str, version: str) -> Iterator[str]:
    """Nothing where there is no record."""
    begun = False
    writer, groups = Writer(layout.definition), group_oids(layout)
    for subject, found in groupby(records, key=lambda record: record.subject):
        if not begun:
            opening = tag("ClinicalData", {"StudyOID": study, "MetaDataVersionOID": version}, " ")
            yield opening.removesuffix(" </ClinicalData>") + "\n"
            begun = True
        yield "\t" + subject_data(layout, writer, groups, subject, list(found)) + "\n"
    if begun:
        yield "</ClinicalData>\n"


def subject_data(layout: Layout, writer: Writer, groups: Mapping[str, str], subject: str, records: list[Record]) -> str:
    inside = []
    for (event, number), found in groupby(records, key=lambda record: place(layout, record)):
        forms = [form for record in found for form in form_data(layout, writer, groups, record)]
        if not layout.shape.events:
            inside += forms
            continue
        names = layout.event_names[event]
        unique = names.get(writer.arms.get(subject, ""), next(iter(names.values())))
        attributes: dict[str, str | None] = {"StudyEventOID": f"Event.{unique}", "StudyEventRepeatKey": str(number)}
        inside.append(tag("StudyEventData", {**attributes, "redcap:UniqueEventName": unique}, *forms))
    site = next((record.site for record in records if record.site), None)
    attributes = {"SubjectKey": subject, "redcap:RecordIdField": layout.subject, "redcap:DataAccessGroup": site}
    return tag("SubjectData", attributes, *inside)


def place(layout: Layout, record: Record) -> tuple[str, int]:
    """The event, and which time it is of an event that comes as a whole again."""
    return record.event, record.instance if layout.shape.event_repeats(record.event) else 1
