"""REDCap's project XML with its data, and the files that questions hold."""

from __future__ import annotations

import json
from typing import IO

from ecrf.engine.definition import Definition, load
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.lacking import lacking
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.project import write_project, write_project_data


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """A subject at a time, with his files."""
    definition = with_subject(book.definition)
    _, losses = write_project(definition)
    for piece in write_project_data(definition, book.records(), created=book.exported_at):
        out.write(piece.encode("utf-8", "replace"))
    return [*losses, *lacking(book, "labels", "history", "comments")]


def with_subject(definition: Definition) -> Definition:
    """With the field of the record's number, which each REDCap project begins with."""
    key = Layout(definition).subject
    if key in definition.items:
        return definition
    data = json.loads(json.dumps(definition.data))
    label = dict.fromkeys(data["languages"], "Record ID")
    field = {"key": key, "type": "text", "label": label, "calc": ["subject"], "annotate": False}
    data["pages"][0]["groups"].insert(0, {"items": [field]})
    return load(data)
