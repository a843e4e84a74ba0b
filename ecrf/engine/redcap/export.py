"""Records as REDCap's flat CSV: one row per entry, boxes of 0 and 1, the state of each form after its fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Record
from ecrf.engine.redcap.flat_rows import Writer

CHUNK = 64 * 1024


def write_records(
    definition: Definition,
    records: Iterable[Record],
    *,
    sites: bool = False,
    arms: Mapping[str, str] | None = None,
    one_line: bool = False,
) -> Iterator[str]:
    """The file in pieces, in the order of the records: never more of it in memory than one piece."""
    writer = Writer(definition, sites=sites, arms=arms, one_line=one_line)
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(writer.header)
    for record in records:
        lines.writerow(writer.row(record))
        if text.tell() > CHUNK:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
