"""The formats in which data come in, by name: read(content, definition, kind, …) gives records and every wrong cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecrf.engine.definition import Definition
from ecrf.engine.exchange import flat, odm_1_3_2, odm_2_0, sheets
from ecrf.engine.exchange.detection import EDGE, xml
from ecrf.engine.exchange.fhir_questionnaire import responses
from ecrf.engine.exchange.flat_sheets import read_sheets
from ecrf.engine.exchange.goupile_data import read_goupile
from ecrf.engine.exchange.native_data import read_native
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap import records as redcap
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.project import read_project_data

__all__ = ["FORMATS", "MAX_BYTES", "MAX_RECORDS", "Asked", "DataFormat", "detect", "read"]

MAX_BYTES = 100 * 1024 * 1024
MAX_RECORDS = 200_000


@dataclass(frozen=True)
class Asked:
    """What a file is held against: the definition, the moment, the sites by every name they go by, who exists."""

    definition: Definition
    now: datetime
    sites: Mapping[str, str] | None = None
    subjects: Collection[str] | None = None


@dataclass(frozen=True)
class DataFormat:
    name: str
    title: str
    extensions: tuple[str, ...]
    read: Callable[[bytes, Asked], Reading] = field(repr=False)
    settled: bool = False
    """Whether its reader checks sites and subjects itself."""


def from_csv(content: bytes, asked: Asked) -> Reading:
    sites = settled_sites(asked)
    return flat.read_flat(content, asked.definition, now=asked.now, sites=sites, subjects=asked.subjects, judged=False)


def from_sheets(content: bytes, asked: Asked) -> Reading:
    return read_sheets(content, asked.definition, sites=settled_sites(asked), subjects=asked.subjects)


def from_goupile(content: bytes, asked: Asked) -> Reading:
    return read_goupile(content, asked.definition, sites=settled_sites(asked), subjects=asked.subjects)


def from_redcap(content: bytes, asked: Asked) -> Reading:
    options = {"now": asked.now, "sites": asked.sites, "subjects": asked.subjects, "judged": False}
    return redcap.read_records(content, asked.definition, **options)  # type: ignore[arg-type]


def from_redcap_xml(content: bytes, asked: Asked) -> Reading:
    options = {"now": asked.now, "sites": asked.sites, "subjects": asked.subjects, "judged": False}
    return read_project_data(content, asked.definition, **options)  # type: ignore[arg-type]


def from_odm_1(content: bytes, asked: Asked) -> Reading:
    return odm_1_3_2.read_records(content, asked.definition, now=asked.now, judged=False)


def from_odm_2(content: bytes, asked: Asked) -> Reading:
    return odm_2_0.read_records(content, asked.definition, now=asked.now, judged=False)


def from_fhir(content: bytes, asked: Asked) -> Reading:
    return responses.read_records(content, asked.definition)


def from_json(content: bytes, asked: Asked) -> Reading:
    return read_native(content, asked.definition, sites=settled_sites(asked), subjects=asked.subjects)


def settled_sites(asked: Asked) -> Collection[str] | None:
    return asked.sites.keys() if asked.sites is not None else None


FORMATS: dict[str, DataFormat] = {
    each.name: each
    for each in (
        DataFormat("csv", "CSV", (".csv", ".txt"), from_csv, settled=True),
        DataFormat("xlsx", "Excel", (".xlsx", ".zip"), from_sheets, settled=True),
        DataFormat("goupile-xlsx", "Excel (Goupile)", (".xlsx",), from_goupile, settled=True),
        DataFormat("redcap-csv", "REDCap CSV", (".csv",), from_redcap, settled=True),
        DataFormat("redcap-xml", "REDCap project XML", (".xml",), from_redcap_xml, settled=True),
        DataFormat("odm-1.3.2", "CDISC ODM 1.3.2", (".xml",), from_odm_1),
        DataFormat("odm-2.0", "CDISC ODM 2.0", (".xml",), from_odm_2),
        DataFormat("fhir-bundle", "FHIR QuestionnaireResponse", (".json",), from_fhir),
        DataFormat("json", "JSON", (".json",), from_json, settled=True),
    )
}


def detect(content: bytes, definition: Definition) -> str | None:
    """The name of the format, told from what is in the file; None where that can't be told."""
    if content.startswith(b"PK\x03\x04"):
        return workbook(content)
    text = content[:EDGE].decode("utf-8-sig", errors="replace").lstrip()
    if text.startswith("<"):
        return xml(text)
    if text.startswith("{"):
        return "fhir-bundle" if '"resourceType"' in text else "json"
    if "\0" in text or not text:
        return None
    first = text.splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    titles = [cell.strip().strip('"').lower() for cell in first.split(delimiter)]
    own = Layout(definition).subject.lower()
    of_redcap = [title for title in titles if title.startswith("redcap_") or title.endswith("_complete")]
    if own in titles and (of_redcap or "subject" not in titles):
        return "redcap-csv"
    return "csv" if "subject" in titles else None


def workbook(content: bytes) -> str:
    try:
        found = list(sheets.tables(content, Reading())) if b"xl/workbook.xml" in content else []
    except Refused:
        return "xlsx"
    is_goupile = any({"__tid", "__sequence"} & set(table.header) for table in found)
    return "goupile-xlsx" if is_goupile else "xlsx"


def read(content: bytes, kind: str, asked: Asked) -> Reading:
    """The records with every wrong cell (`faults`) and every doubtful one; nothing is evaluated yet."""
    reading = Reading()
    if len(content) > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        reading.faults.append(Fault("file", "file_too_large", {"row": 0, "column": "", "limit": limit}))
        return reading
    form = FORMATS[kind]
    try:
        reading = form.read(content, asked)
    except Refused as refused:
        reading.faults += refused.faults
    except RecursionError:
        reading.faults.append(Fault("file", "too_deep", {"row": 0, "column": "", "limit": 200}))
    if len(reading.records) > MAX_RECORDS:
        reading.faults.append(Fault("file", "too_many_rows", {"row": 0, "column": "", "limit": MAX_RECORDS}))
    seen: dict[tuple[str, str, str, int], str] = {}
    for record in reading.records if not form.settled else ():
        settle(record, reading, asked, seen)
    if not kind.startswith("redcap") and asked.sites is not None:
        for record in reading.records:
            record.site = asked.sites.get(record.site, record.site)
    return reading


def settle(record: Record, reading: Reading, asked: Asked, seen: dict[tuple[str, str, str, int], str]) -> None:
    """Sites, subjects and twins of formats whose readers leave them to others."""
    place = (record.subject, record.event, record.page, record.instance)
    if asked.sites is not None and record.site and record.site not in asked.sites:
        reading.faults.append(cell_fault(record.place, "site", "unknown_site", {"name": record.site[:80]}))
    if record.subject and asked.subjects is not None and record.subject not in asked.subjects:
        reading.faults.append(cell_fault(record.place, "subject", "unknown_subject"))
    if record.subject and seen.setdefault(place, record.place) != record.place:
        reading.faults.append(cell_fault(record.place, "subject", "row_twice", {"first": seen[place]}))
