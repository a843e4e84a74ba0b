"""CDISC ODM 2.0 in and out: definitions and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.odm import data_reading
from ecrf.engine.exchange.odm.data import People, admin_data
from ecrf.engine.exchange.odm.model import Study
from ecrf.engine.exchange.odm.patching import modelled
from ecrf.engine.exchange.odm.places import Places
from ecrf.engine.exchange.odm.reading import read_study
from ecrf.engine.exchange.odm.writing import EPOCH, opening, with_status_lists
from ecrf.engine.exchange.odm_2_0.data import Writer
from ecrf.engine.exchange.odm_2_0.metadata import NAMESPACE, study_text
from ecrf.engine.exchange.records import Reading, Record
from ecrf.engine.faults import Fault

VERSION, FAMILY = "2.0", "2.0"


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    """The data of the definition, and what couldn't be carried. Raises Refused with every fault and its line."""
    return read_study(content, language=language)


def write(definition: Definition, *, created: datetime = EPOCH) -> tuple[bytes, list[Fault]]:
    """The file, and what of the definition only this system finds in it."""
    splitting, remarks = modelled(definition.data, metadata, FAMILY)
    return "".join(metadata(splitting.study, created)).encode(), remarks


def metadata(study: Study, created: datetime = EPOCH) -> Iterator[str]:
    yield opening(NAMESPACE, VERSION, "Snapshot", "Metadata", study, created)
    yield from study_text(study)
    yield "</ODM>\n"


def places_of(definition: Definition) -> Places:
    return Places(definition, modelled(definition.data, metadata, FAMILY)[0])


def write_data(
    definition: Definition,
    records: Iterable[Record],
    *,
    audit: bool = True,
    created: datetime = EPOCH,
    people: People | None = None,
) -> Iterator[str]:
    """The study and its data in pieces; records of a subject stand one after the other.

    With `audit` every change of a value is there (a transactional file), else the values as they are (a snapshot).
    """
    places = places_of(definition)
    kind = "Transactional" if audit else "Snapshot"
    yield opening(NAMESPACE, VERSION, kind, "All", places.study, created)
    yield from study_text(with_status_lists(places.study, definition.data))
    yield admin_data(places, people or People(), created.strftime("%Y-%m-%d"))
    yield from Writer(places, audit=audit).clinical_data(records)
    yield "</ODM>\n"


def read_data(content: bytes, definition: Definition, reading: Reading | None = None) -> Iterator[Record]:
    """The records, a subject at a time; wrong values go to `reading`, each with its line."""
    yield from data_reading.read_subjects(content, places_of(definition), Reading() if reading is None else reading)


def read_records(content: bytes, definition: Definition, *, now: datetime, judged: bool = True) -> Reading:
    """All records, with the wrong values and what the form finds doubtful."""
    return data_reading.read_all(content, definition, places_of(definition), now, judged=judged)
