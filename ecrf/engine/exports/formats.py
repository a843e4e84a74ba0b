"""The formats of exports by name. Each writer is a module of its own, imported when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import IO

from ecrf.engine.exports.book import Book
from ecrf.engine.faults import Fault


@dataclass(frozen=True)
class ExportFormat:
    """`writer` is the dotted name of a ``write(book, out) -> list[Fault]``: what the format can't say is listed."""

    name: str
    title: str
    extension: str
    media_type: str
    writer: str
    codes: bool = True
    """Whether it tells what texts were coded as: not where others read it who know the form's own questions alone."""
    files: bool = False
    """Whether it has a place for the files that questions hold."""
    faithful: bool = False
    """Whether what came from such a file leaves as it stood there, as long as nobody changed it."""

    def named(self, *, files: bool) -> tuple[str, str]:
        """How its file ends, and its media type: with the files of questions, a workbook lies in an archive."""
        packed = files and self.files and self.extension == ".xlsx"
        return (".zip", "application/zip") if packed else (self.extension, self.media_type)

    def write(self, book: Book, out: IO[bytes]) -> list[Fault]:
        module, _, function = self.writer.partition(":")
        losses: list[Fault] = getattr(import_module(module), function)(book, out)
        return losses


def made(name: str, title: str, extension: str, media_type: str, **ways: bool) -> ExportFormat:
    module = f"{__name__.rpartition('.')[0]}.{name.replace('-', '_').replace('.', '_')}"
    return ExportFormat(name, title, extension, media_type, f"{module}:write", **ways)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, ExportFormat] = {
    each.name: each
    for each in (
        made("csv", "CSV", ".zip", "application/zip", files=True),
        made("xlsx", "Excel", ".xlsx", XLSX, files=True),
        made("goupile-xlsx", "Excel (Goupile)", ".xlsx", XLSX, codes=False),
        made("stata", "Stata", ".zip", "application/zip"),
        made("spss", "SPSS", ".zip", "application/zip"),
        made("sas-xpt", "SAS XPT", ".zip", "application/zip"),
        made("r", "R", ".zip", "application/zip"),
        made("redcap-csv", "REDCap CSV", ".csv", "text/csv", codes=False, faithful=True),
        made("redcap-xml", "REDCap XML", ".xml", "application/xml", codes=False, files=True, faithful=True),
        made("odm-1.3.2", "CDISC ODM 1.3.2", ".xml", "application/xml"),
        made("odm-2.0", "CDISC ODM 2.0", ".xml", "application/xml"),
        made("dataset-json", "CDISC Dataset-JSON 1.1", ".zip", "application/zip"),
        made("dataset-ndjson", "CDISC Dataset-JSON 1.1 (NDJSON)", ".zip", "application/zip"),
        made("fhir-bundle", "FHIR QuestionnaireResponse", ".json", "application/fhir+json", codes=False),
        made("pdf", "PDF", ".zip", "application/zip", files=True),
    )
}
