"""The values of one entry as the FormData of a project XML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping

from ecrf.engine.exchange.records import Record
from ecrf.engine.exchange.xml import tag
from ecrf.engine.redcap.flat_columns import box
from ecrf.engine.redcap.flat_rows import Writer
from ecrf.engine.redcap.layout import Layout


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
