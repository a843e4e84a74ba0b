"""A definition, and data if there are some, as a project XML that REDCap can make a project of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import quoteattr

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Record
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.dictionary_rows import dictionary_rows
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.project.data import clinical_data
from ecrf.engine.redcap.project.structure import metadata
from ecrf.engine.redcap.project.variables import variables

OPENING = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n'
    '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:redcap="https://projectredcap.org" '
    'ODMVersion="1.3.1" FileOID="000-00-0000" FileType="Snapshot" '
)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (an engine has no clock: who has one says the time)
NOT_CARRIED = ("summary", "lock", "sign", "script", "help", "consent")


def write_project(definition: Definition, *, created: datetime = EPOCH) -> tuple[bytes, list[Fault]]:
    """The file without data, and what isn't in it."""
    _, remarks = dictionary_rows(definition.data, definition.languages[0])
    for number, page in enumerate(definition.data["pages"]):
        remarks += [
            Fault(f"pages.{number}.{name}", "not_in_format", {"name": page["key"], "property": name})
            for name in NOT_CARRIED
            if page.get(name)
        ]
    for number, event in enumerate(definition.data.get("events", ())):
        remarks += [
            Fault(f"events.{number}.{name}", "not_in_format", {"name": event["key"], "property": name})
            for name in ("from", "after_visit", "after_randomisation", "date", "visible_if", "kind", "requires_consent")
            if name in event
        ]
    if len(definition.languages) > 1:
        remarks.append(Fault("languages", "one_language_only", {"name": definition.languages[0]}))
    return "".join(write_project_data(definition, (), created=created)).encode(), remarks


def write_project_data(
    definition: Definition, records: Iterable[Record], *, created: datetime = EPOCH
) -> Iterator[str]:
    """The file with data, in pieces; records of a subject stand one after the other."""
    layout = Layout(definition)
    source = definition.data.get("source", {})
    language = definition.languages[0]
    title = definition.text(definition.data["title"], language)
    name = re.sub(r"[^A-Za-z0-9]", "", title)[:50] or "Project"
    study = source.get("redcap.study") or f"Project.{name}"
    version = source.get("redcap.version") or f"Metadata.{name}"
    moment = created.strftime("%Y-%m-%dT%H:%M:%S")
    yield OPENING + f'Description={quoteattr(title)} AsOfDateTime="{moment}" CreationDateTime="{moment}" '
    yield f'SourceSystem="REDCap" SourceSystemVersion={quoteattr(source.get("redcap.system", ""))}>\n'
    yield f"<Study OID={quoteattr(study)}>\n{variables(layout, title, source)}"
    yield f"<MetaDataVersion OID={quoteattr(version)} Name={quoteattr(title or name)} "
    yield f'redcap:RecordIdField="{layout.subject}">\n'
    yield from metadata(layout, language)
    yield "</MetaDataVersion>\n</Study>\n"
    yield from clinical_data(layout, records, study, version)
    yield "</ODM>\n"
