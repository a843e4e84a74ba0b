"""Take a version out of the suite, as the file it is or as CSV. Each download is in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from core import access, audit, files
from core.datasets.engine.csv.export import export as csv_of

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.datasets.models import DatasetVersion

BLOCK = 1 << 20
CSV_ROWS = 10_000
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


@dataclass(frozen=True)
class Download:
    """What is sent: nothing of it is read before it is asked for."""

    name: str
    media_type: str
    pieces: Iterator[bytes]


def export(actor: Actor, version: DatasetVersion, form: str) -> Download:
    """The rows as ``csv`` or ``parquet``, piece by piece. Raises Refused without ``datasets.export_data``."""
    project = version.dataset.project
    access.require(actor, "datasets.export_data", project, obj=version)
    media_type = MEDIA_TYPES[form]
    opener = files.opener(version.file)
    audit.record(
        actor,
        "datasets.version_exported",
        version,
        project=project,
        dataset=version.dataset.name,
        number=version.number,
        form=form,
        rows=version.row_count,
    )
    pieces = clear_blocks(opener) if form == "parquet" else csv_blocks(opener)
    return Download(f"{version.dataset.name}-v{version.number}.{form}", media_type, pieces)


def clear_blocks(opener: files.Opener) -> Iterator[bytes]:
    with opener() as source:
        while block := source.read(BLOCK):
            yield block


def csv_blocks(opener: files.Opener) -> Iterator[bytes]:
    with opener() as source, pq.ParquetFile(source) as parquet:
        yield from csv_of(parquet.schema_arrow.names, parquet.iter_batches(CSV_ROWS))
