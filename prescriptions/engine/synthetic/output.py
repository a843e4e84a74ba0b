"""What a stretch of documents is written as: named contents, of which those in STREAMS go on from one to the next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from prescriptions.engine.codec import decode
from prescriptions.engine.exchange import fhir
from prescriptions.engine.schema import Head
from prescriptions.engine.synthetic import coco, records
from prescriptions.engine.synthetic.chance import chance_of, weighted
from prescriptions.engine.synthetic.documents import Document
from prescriptions.engine.synthetic.rendering import fonts, images, paper, setting

Json = dict[str, Any]
Member = tuple[str, bytes]

DOCUMENTS, LINES, LEDGER = "documents.jsonl", "lines.jsonl", "ledger.jsonl"
BUNDLES, BOXES = "fhir.ndjson", "coco.jsonl"
STREAMS = (DOCUMENTS, LINES, LEDGER, BUNDLES, BOXES)
FORMS = ("brat", "fhir", "pages")
"""What may be asked for besides the JSON lines: annotations, bundles, and pages with their boxes."""
WEARS = {"clean": 2.0, "scan": 4.0, "fold+scan": 1.0, "stamp+scan": 1.0, "stain+scan": 1.0, "fax": 2.0, "photo": 3.0,
         "fold+photo": 2.0}  # fmt: skip
MIXED = "mixed"
"""Each document goes through one of WEARS, as often as its weight says."""
AT_ONCE = 20
"""Documents that one process of the typesetter takes."""


@dataclass(frozen=True, slots=True)
class Printer:
    """How pages are made: the faces in `folder`, and what the paper goes through."""

    faces: tuple[fonts.Face, ...]
    folder: Path
    wear: str = "clean"

    def condition(self, document: Document) -> str:
        """What happens to this document's pages."""
        if self.wear != MIXED:
            return self.wear
        return weighted(chance_of(document.seed, "condition", document.index), tuple(WEARS), tuple(WEARS.values()))

    def pages(self, documents: Sequence[Document]) -> Iterator[tuple[Document, bytes, list[images.Shown]]]:
        """Each document with its PDF and its pages as images. Raises Misplaced."""
        made = setting.pdfs([paper.paper(document, self.faces) for document in documents], self.folder)
        for document, pdf in zip(documents, made, strict=True):
            wear = self.condition(document)
            shown = images.shown(document.text, pdf, unprinted="|" if document.body == "table" else "")
            key = (document.seed, document.index)
            yield document, pdf, [page if wear == "clean" else images.weathered(page, wear, *key) for page in shown]


def members(documents: Iterable[Document], forms: Iterable[str], printer: Printer | None = None) -> Iterator[Member]:
    """(name, content) of all that these documents are written as. Pages need a printer."""
    asked, held = set(forms), []
    for document in documents:
        yield DOCUMENTS, dumped(records.case(document))
        yield LINES, b"".join(dumped(case) for case in records.line_cases(document))
        yield LEDGER, dumped(records.ledger(document))
        if "fhir" in asked:
            yield BUNDLES, dumped(fhir.bundle([sent(document)]))
        if "brat" in asked:
            yield f"brat/{document.id}.txt", document.text.encode()
            yield f"brat/{document.id}.ann", records.brat(document).encode()
        held.append(document)
        if len(held) == AT_ONCE:
            yield from printed(held, printer)
            held = []
    yield from printed(held, printer)


def printed(documents: Sequence[Document], printer: Printer | None) -> Iterator[Member]:
    """The PDF, the images and the boxes of each document; nothing without a printer."""
    if printer is None or not documents:
        return
    for document, pdf, pages in printer.pages(documents):
        wear = printer.condition(document)
        yield f"pages/{document.id}.pdf", pdf
        boxes = []
        for page in pages:
            suffix, content = images.encoded(page.image, clean=wear == "clean")
            name = f"pages/{document.id}-{page.number}.{suffix}"
            yield name, content
            yield BOXES, dumped(coco.page(document, page, name, wear))
            boxes += [
                [one.offset, one.page, *(round(side, 5) for side in images.sides(one.box))] for one in page.placed
            ]
        yield f"pages/{document.id}.boxes.json", json.dumps(boxes).encode()


def dumped(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def sent(document: Document) -> fhir.Sent:
    """The document as what leaves in FHIR: nobody is named, and each medicine has its product's codes."""
    return fhir.Sent(
        group=f"urn:uuid:{uuid5(NAMESPACE_URL, f'fictitious ordonnance {document.id}')}",
        medications={place: item.spoken.medication for place, item in enumerate(document.items, 1)},
        head=decode(Head, document.expected["document"]),
        products={place: item.choice.product for place, item in enumerate(document.items, 1)},
        label=document.id,
    )
