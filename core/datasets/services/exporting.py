"""Take a version out of the suite, in the format of the program that will read it. Each download is in the journal."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from core import access, audit, files
from core.datasets.engine import parts
from core.datasets.engine.csv.export import export as csv_of
from core.datasets.engine.dictionary import exchange
from core.datasets.engine.formats import leaving, workbook
from core.datasets.services import levels
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.datasets.models import DatasetVersion

BLOCK = 1 << 20
CSV_ROWS = 10_000
MOST_CELLS = 10_000_000
"""Cells of a table that SPSS, Stata or SAS gets: it is made in memory, in a few seconds."""
EXPORT = "datasets.export_data"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "sav": "application/x-spss-sav",
    "dta": "application/x-stata-dta",
    "xpt": "application/x-sas-xport",
}
"""Form of a download -> its media type; ``zip`` is CSV with its dictionary."""


@dataclass(frozen=True)
class Download:
    """What is sent: nothing of it is read before it is asked for."""

    name: str
    media_type: str
    pieces: Iterator[bytes]


@dataclass(frozen=True)
class Leaving:
    """What leaves: the columns that the actor reads, and where the rows are."""

    opener: files.Opener
    columns: list[dict[str, Any]]
    hidden: tuple[str, ...]
    rows: int

    @property
    def names(self) -> list[str]:
        return [column["name"] for column in self.columns]

    def batches(self, most: int = CSV_ROWS) -> Iterator[pa.RecordBatch]:
        with self.opener() as source, pq.ParquetFile(source) as parquet:
            for batch in parquet.iter_batches(most, columns=self.names):
                yield batch.select(self.names)


def export(actor: Actor, version: DatasetVersion, form: str) -> Download:
    """The rows in a format, of the columns that the actor may read, with what the dictionary says where it has room.

    Sent piece by piece as it is read, whatever its size; SPSS, Stata and SAS files are made in memory: past MOST_CELLS
    a job makes them (`preparing`). Raises Refused without ``datasets.export_data`` and ``datasets.read_data``, Invalid
    for what the format can't hold.
    """
    what = permitted(actor, version, form)
    fits(what, form)
    record(actor, version, form, what.hidden)
    return Download(name_of(version, form), MEDIA_TYPES[form], FORMS[form](what))


def require(actor: Actor, version: DatasetVersion) -> None:
    """Rows leave with who may take them away and may read them. Raises Refused."""
    for permission in (EXPORT, "datasets.read_data"):
        access.require(actor, permission, version.dataset.project, obj=version)


def permitted(actor: Actor, version: DatasetVersion, form: str) -> Leaving:
    """What of a version leaves with this person. Raises Refused, and Invalid for a format that there isn't."""
    require(actor, version)
    found = levels.reach(actor, version)
    levels.require_some(actor, version, found)
    if form not in FORMS:
        raise Invalid([Fault("form", "unknown", _("This can't be chosen."))])
    columns = [column for column in version.columns if column["name"] in found.shown]
    return Leaving(files.opener(version.file), columns, found.hidden, version.row_count)


def record(actor: Actor, version: DatasetVersion, form: str, hidden: Sequence[str]) -> None:
    audit.record(
        actor,
        "datasets.version_exported",
        version,
        project=version.dataset.project,
        dataset=version.dataset.name,
        number=version.number,
        form=form,
        rows=version.row_count,
        hidden=list(hidden),
    )


def name_of(version: DatasetVersion, form: str) -> str:
    return f"{version.dataset.name}-v{version.number}.{form}"


def is_for_a_job(what: Leaving, form: str) -> bool:
    """Whether the file is made in memory and too large to be waited for."""
    return form in leaving.WRITE and what.rows * len(what.columns) > MOST_CELLS


def fits(what: Leaving, form: str) -> None:
    """Raises Invalid in words where the format can't hold so much."""
    rows, columns = what.rows, len(what.columns)
    if form == "xlsx" and (rows >= workbook.MOST_ROWS or columns > workbook.MOST_COLUMNS):
        message = _("A sheet of Excel has 1,048,576 rows and 16,384 columns at most: choose Parquet or CSV.")
        raise Invalid([Fault("form", "too_large", message)], message)
    if is_for_a_job(what, form):
        message = _("This file takes a while: have it prepared, then fetch it. Parquet and CSV are sent at once.")
        raise Invalid([Fault("form", "too_large", message)], message)


def parquet_blocks(what: Leaving) -> Iterator[bytes]:
    """Parquet with the dictionary in its metadata, row group by row group."""
    said = json.dumps(what.columns, ensure_ascii=False).encode()
    return parts.pieces(what.opener, what.names, what.hidden, {b"columns": said})


def csv_blocks(what: Leaving) -> Iterator[bytes]:
    return csv_of(what.names, what.batches())


def zip_blocks(what: Leaving) -> Iterator[bytes]:
    """CSV, its dictionary as CSV and as Table Schema, packed while they are read."""
    sink = parts.Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
        with packed.open("data.csv", "w", force_zip64=True) as part:
            for block in csv_blocks(what):
                part.write(block)
                yield sink.taken()
        packed.writestr("dictionary.csv", exchange.as_csv(what.columns))
        packed.writestr("tableschema.json", exchange.as_table_schema(what.columns))
    yield sink.taken()


def xlsx_blocks(what: Leaving) -> Iterator[bytes]:
    words = {
        "name": _("Name"),
        "label": _("Label"),
        "label_en": _("Label in English"),
        "description": _("Description"),
        "type": _("Type"),
        "unit": _("Unit"),
        "codes": _("Codes"),
        "missing_codes": _("Missing codes"),
        "sensitivity": _("Sensitivity"),
    }
    titles, lines = workbook.dictionary(what.columns, words)
    sheets = [
        (_("Data"), what.names, workbook.rows_of(what.batches())),
        (_("Dictionary"), titles, [lines]),
    ]
    return workbook.workbook(sheets)


def statistical(form: str) -> Callable[[Leaving], Iterator[bytes]]:
    """What makes a file of SPSS, Stata or SAS: all at once, in memory, before the first byte is sent."""

    def blocks(what: Leaving) -> Iterator[bytes]:
        table = pa.Table.from_batches(what.batches(), schema_of(what))
        try:
            fd = leaving.written(table, what.columns, form)
        except leaving.Unwritable as refused:
            message = _("This dataset can’t be written in this format: choose Parquet or CSV.")
            if refused.column:
                message = _(
                    "SPSS holds three missing codes of a column, and «%(name)s» has more: choose Parquet or CSV."
                ) % {"name": refused.column}
            raise Invalid([Fault("form", "unwritable", message)], message) from None
        return sent(fd)

    return blocks


def schema_of(what: Leaving) -> pa.Schema:
    with what.opener() as source, pq.ParquetFile(source) as parquet:
        return pa.schema([parquet.schema_arrow.field(name) for name in what.names])


def sent(fd: int) -> Iterator[bytes]:
    with os.fdopen(fd, "rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


FORMS: dict[str, Callable[[Leaving], Iterator[bytes]]] = {
    "csv": csv_blocks,
    "parquet": parquet_blocks,
    "xlsx": xlsx_blocks,
    "zip": zip_blocks,
    "sav": statistical("sav"),
    "dta": statistical("dta"),
    "xpt": statistical("xpt"),
}
