"""A PDF archive: the casebook of each subject, in a ZIP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from ecrf.engine.exchange.records import File, Record
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.folder import value_at
from ecrf.engine.faults import Fault
from ecrf.engine.paper.casebook import Casebook, casebook_pdf
from ecrf.engine.paper.press import Press


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """One subject after the other, through one press."""
    taken: set[str] = set()
    with ZipFile(out, "w") as archive, Press() as press:
        for subject, found in groupby(book.records(), key=lambda record: record.subject):
            records = [replace(record, files=by_value(record)) for record in found]
            casebook = Casebook(
                definition=book.definition,
                language=book.options.language,
                study=book.study,
                version=book.version,
                at=book.exported_at,
                subject=subject,
                site=records[0].site,
                records=records,
                history=book.options.history,
            )
            info = ZipInfo(name_of(subject, taken), book.exported_at.timetuple()[:6])
            info.compress_type = ZIP_STORED
            archive.writestr(info, casebook_pdf(casebook, press))
    return []


def by_value(record: Record) -> Mapping[str, File]:
    """The files of a record as its casebook asks for them."""
    return {value_at(record, place): file for place, file in record.files.items()}


def name_of(subject: str, taken: set[str]) -> str:
    """The subject's number as the name of a file, each once."""
    plain = re.sub(r"[^\w.-]+", "_", subject).strip(".") or "subject"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        name = f"{plain}_{number}"
    taken.add(name.lower())
    return f"{name}.pdf"
