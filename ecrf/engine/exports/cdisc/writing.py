"""The files of the datasets, in a ZIP. Each says how many rows it has before it gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.cdisc.columns import Column, Dataset, datasets
from ecrf.engine.exports.cdisc.packing import Packed
from ecrf.engine.exports.cdisc.rows import Rows

VERSION = "1.1.0"


def packed(book: Book) -> list[Packed]:
    """The rows of each dataset, from one run over the records."""
    found = datasets(book)
    rows = {dataset.name: Packed(dataset) for dataset in found}
    layout = Rows(book, found)
    for record in book.records():
        for dataset, row in layout.of(record):
            rows[dataset.name].add(row)
    return list(rows.values())


def write_zip(book: Book, out: IO[bytes], extension: str, lines: Any) -> None:
    """`lines`: from what is said of a dataset and its rows to the pieces of its file."""
    with ZipFile(out, "w") as archive:
        for rows in packed(book):
            info = ZipInfo(f"{rows.dataset.name}{extension}", book.exported_at.timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as file:
                for piece in lines(about(book, rows), rows):
                    file.write(piece)


def about(book: Book, rows: Packed) -> dict[str, Any]:
    dataset = rows.dataset
    at = book.exported_at.isoformat(timespec="seconds")
    return {
        "datasetJSONCreationDateTime": at,
        "datasetJSONVersion": VERSION,
        "fileOID": f"{book.key}.{dataset.name}.{at}",
        "sourceSystem": {"name": "Suite InterHop", "version": "1"},
        "studyOID": book.key,
        "metaDataVersionOID": f"{book.key}.v{book.version}",
        "itemGroupOID": f"IG.{dataset.name}",
        "isReferenceData": False,
        "records": rows.count,
        "name": dataset.name,
        "label": dataset.label,
        "columns": list(columns(dataset, rows)),
    }


def columns(dataset: Dataset, rows: Packed) -> Iterator[dict[str, Any]]:
    for column, longest in zip(dataset.columns, rows.longest, strict=True):
        made: dict[str, Any] = {"itemOID": oid(dataset, column), "name": column.name, "label": column.label}
        made |= column.type
        if column.type["dataType"] == "string" and longest:
            made["length"] = longest
        if column.key:
            made["keySequence"] = column.key
        yield made


def oid(dataset: Dataset, column: Column) -> str:
    return f"IT.{column.name}" if column.item is not None else f"IT.{dataset.name}.{column.name}"


def as_json(about: dict[str, Any], rows: Packed) -> Iterator[bytes]:
    head = json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    yield head[:-1] + b',"rows":[\n'
    before = b""
    for line in rows.lines():
        yield before + line.rstrip(b"\n")
        before = b",\n"
    yield b"\n]}\n"


def as_ndjson(about: dict[str, Any], rows: Packed) -> Iterator[bytes]:
    yield json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
    yield from rows.lines()
