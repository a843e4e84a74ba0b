"""Prescriptions as datasets: a row for each prescription in FHIR or PN13, a row for each line in OMOP."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from prescriptions import leaving, queries, reference
from prescriptions.cdm import CDM
from prescriptions.engine.exchange import fhir, omop, pn13
from prescriptions.engine.exchange.fhir import Sent
from prescriptions.models import Document

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

AT_ONCE = 100
"""Prescriptions that are opened at a time."""
LINES = 1000
"""More lines than any prescription has: number times this plus the line is the number of an exposure."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Shape:
    """A dataset: its name, its columns with their words, and how rows are made of prescriptions."""

    dataset: str
    title: _StrPromise
    schema: pa.Schema
    labels: tuple[_StrPromise, ...]
    rows: Callable[[Sequence[Document]], Rows]

    @property
    def columns(self) -> list[tuple[str, _StrPromise]]:
        return list(zip(self.schema.names, self.labels, strict=True))


def _sent(documents: Sequence[Document]) -> list[tuple[Document, Sent]]:
    lines = queries.lines_by_document(documents)
    edition = reference.in_use()[1]
    return [(document, leaving.sent(document, lines[document.pk], edition)) for document in documents]


def _texts(write: Callable[[Sequence[Sent]], Any]) -> Callable[[Sequence[Document]], Rows]:
    def rows(documents: Sequence[Document]) -> Rows:
        return [
            {
                "prescription": document.number,
                "reviewed": sent.reviewed,
                "content": json.dumps(write([sent]), ensure_ascii=False),
            }
            for document, sent in _sent(documents)
        ]

    return rows


def exposures(documents: Sequence[Document]) -> Rows:
    """Rows of `drug_exposure`: the person is the prescription, which names nobody."""
    found: Rows = []
    concepts = reference.concepts()
    for document, sent in _sent(documents):
        date = leaving.written_on(document)
        for position, medication in sent.medications.items():
            row = omop.row(
                document.number * LINES + position, document.number, medication, date,
                product=sent.products.get(position), dispense=sent.head.dispense,
                concepts=concepts,
            )  # fmt: skip
            found.append(dataclasses.asdict(row) | {"reviewed": sent.reviewed})
    return found


TEXT = pa.schema([("prescription", pa.int32()), ("reviewed", pa.bool_()), ("content", pa.string())])
TEXT_LABELS = (_("Number of the prescription in the project"), _("A person has reviewed it"))
SHAPES = {
    "fhir": Shape("prescription-fhir", _("Prescriptions as FHIR R4 bundles"), TEXT,
        (*TEXT_LABELS, _("FHIR bundle (JSON)")), _texts(fhir.bundle)),
    "pn13": Shape("prescription-pn13", _("Prescriptions as PN13-like JSON"), TEXT,
        (*TEXT_LABELS, _("PN13-like message (JSON)")), _texts(pn13.message)),
    "omop": Shape("prescription-drug-exposure", _("OMOP drug_exposure of prescriptions"),
        pa.schema([(name, kind) for name, (kind, _label) in CDM.items()]),
        tuple(label for _kind, label in CDM.values()), exposures),
}  # fmt: skip
