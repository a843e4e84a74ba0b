"""Records as the ClinicalData of a project XML, a subject at a time."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ecrf.engine.exchange.records import Record
from ecrf.engine.exchange.xml import tag
from ecrf.engine.redcap.export import Writer
from ecrf.engine.redcap.layout import Layout, box


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


def form_data(layout: Layout, writer: Writer, groups: Mapping[str, str], record: Record) -> Iterator[str]:
    """Each form that was begun. Boxes that are not ticked are written, empty values are not."""
    here = [record.page] if record.page else layout.shape.single_pages(record.event)
    begun = writer.begun(record)
    first = next(iter(layout.shape.pages))
    for page in here:
        if page not in begun:
            continue
        blocks: dict[str, list[str]] = {}
        if page == first and not record.page:
            value = tag("ItemData", {"ItemOID": layout.subject, "Value": record.subject})
            blocks[groups[layout.subject]] = [value]
        for column in writer.fields:
            if column.page != page:
                continue
            items = blocks.setdefault(groups[column.name if column.kind == "status" else column.key], [])
            if column.key in record.files:
                file = record.files[column.key]
                names: dict[str, str | None] = {"redcap:DocName": file.name, "redcap:MimeType": file.kind}
                content = b64encode(file.content).decode()
                items.append(tag("ItemDataBase64Binary", {"ItemOID": column.name, **names}, content))
            elif text := writer.cell(column, record):
                value = tag("ItemData", {"ItemOID": column.name, "Value": text.replace("\r\n", "\n")})
                items.append(value)
        inside = [
            tag("ItemGroupData", {"ItemGroupOID": oid, "ItemGroupRepeatKey": "1"}, *items)
            for oid, items in blocks.items()
            if items
        ]
        number = str(record.instance) if record.page else "1"
        yield tag("FormData", {"FormOID": f"Form.{page}", "FormRepeatKey": number}, *inside)


def group_oids(layout: Layout) -> dict[str, str]:
    """The group of each item and of each state, as the metadata name it."""
    found: dict[str, str] = {}
    for page in layout.shape.data["pages"]:
        for group in page["groups"]:
            first = group["items"][0]
            codes = list(layout.shape.choices.get(first["key"], ())) if first["type"] == "choices" else []
            name = box(first["key"], codes[0]) if codes else first["key"]
            found |= {item["key"]: f"{page['key']}.{name}" for item in group["items"]}
        found[f"{page['key']}_complete"] = f"{page['key']}.{page['key']}_complete"
    return found
