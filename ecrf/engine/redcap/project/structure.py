"""The metadata of a project XML: events with their forms, forms with their groups, items and choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.exchange.xml import tag
from ecrf.engine.redcap.columns import COLUMNS
from ecrf.engine.redcap.dictionary_rows import dictionary_rows
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.names import Names
from ecrf.engine.redcap.project.event_definitions import events
from ecrf.engine.redcap.project.fields import FieldXml
from ecrf.engine.redcap.project.status_field import status_field


def metadata(layout: Layout, language: str) -> Iterator[str]:
    data = layout.shape.data
    rows = {row["name"]: row for row in dictionary_rows(data, language)[0]}
    choices = Names(data).choices
    text = layout.shape.definition.text
    yield from events(layout, language)
    forms, groups, items, lists = [], [], [], []
    for page in data["pages"]:
        title, references = text(page["title"], language) or page["key"], []
        blocks = [[rows[item["key"]] for item in group["items"]] for group in page["groups"]]
        fields = [
            [
                FieldXml(row, [(one["code"], text(one["label"], language)) for one in choices.get(row["name"], ())])
                for row in block
            ]
            for block in blocks
        ]
        for block in [*fields, [status_field(page["key"], COLUMNS)]]:
            oid = f"{page['key']}.{block[0].oids[0]}"
            name = block[0].row["section"] or title
            references.append(tag("ItemGroupRef", {"ItemGroupOID": oid, "Mandatory": "No"}))
            inside = [reference for field in block for reference in field.references()]
            groups.append(tag("ItemGroupDef", {"OID": oid, "Name": name, "Repeating": "No"}, *inside))
            items += [item for field in block for item in field.items()]
            lists += [codes for field in block for codes in field.lists()]
        attributes: dict[str, str | None] = {"OID": form_oid(page), "Name": title, "Repeating": "No"}
        forms.append(tag("FormDef", {**attributes, "redcap:FormName": page["key"]}, *references))
    yield from (f"\t{part}\n" for part in (*forms, *groups, *items, *lists))


def form_oid(page: Mapping[str, Any]) -> str:
    return f"Form.{page['key']}"
