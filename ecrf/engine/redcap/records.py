"""Records in REDCap's flat layout: events, repeats, groups of sites and boxes of 0 and 1; every wrong cell is named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.judging import in_order, judge_records
from ecrf.engine.exchange.records import Reading
from ecrf.engine.exchange.table import read_table
from ecrf.engine.faults import Refused
from ecrf.engine.redcap.flat_columns import EVENT, INSTANCE, INSTRUMENT, SITE
from ecrf.engine.redcap.flat_header import check_header
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.rows import Cells, Rows
from ecrf.engine.values import Stored

OWN = (EVENT, INSTRUMENT, INSTANCE, SITE)


def read_records(
    content: bytes | str,
    definition: Definition,
    *,
    now: datetime,
    sites: Mapping[str, str] | None = None,
    subjects: Collection[str] | None = None,
    judged: bool = True,
) -> Reading:
    """The records of a file, its wrong cells (`faults`) and its doubtful ones (`warnings`).

    `sites` gives the site of each data access group, `subjects` the numbers that exist: without them any will do.
    Not `judged`, no record is evaluated.
    """
    reading = Reading()
    layout = Layout(definition)
    try:
        header, lines = read_table(content, reading)
    except Refused as refused:
        reading.faults += refused.faults
        return reading
    columns = [layout.columns.get(title.lower()) for title in header]
    if not check_header(header, columns, layout, reading):
        return reading
    titles = {column.key: title for title, column in zip(header, columns, strict=True) if column and column.key}
    asked = {column.key for column in columns if column and column.kind in ("item", "box")} | {layout.subject}
    named = (
        (
            number,
            {
                column.name.lower(): (title, column, cell)
                for title, column, cell in zip(header, columns, cells, strict=True)
                if column is not None
            },
        )
        for number, cells in lines
    )
    collect(layout, reading, named, Rows(layout, reading, sites=sites, subjects=subjects))
    reading.titles, reading.asked = titles, asked - {layout.subject}
    if judged:
        judge_records(definition, reading, asked, now, titles)
    return in_order(reading)


def collect(layout: Layout, reading: Reading, rows: Iterable[tuple[int | str, Cells]], reader: Rows) -> None:
    reading.records = [record for number, cells in rows if (record := reader.read(number, cells)) is not None]


def read_record(definition: Definition, row: Mapping[str, str]) -> tuple[dict[str, Stored], list[str]]:
    """The values of one row, empty cells left out, and the columns that belong to no item."""
    layout = Layout(definition)
    values: dict[str, Stored] = {}
    ticked: dict[str, list[str]] = {}
    strangers: list[str] = []
    for name, cell in row.items():
        column = layout.columns.get(name)
        if column is None or (column.kind == "box" and cell not in ("", "0", "1")):
            strangers.append(name)
        elif column.kind == "box":
            ticked.setdefault(column.key, []).extend([column.code] if cell == "1" else [])
        elif column.kind in ("item", "subject") and cell != "":
            values[name] = cell
    return values | {key: codes for key, codes in ticked.items() if codes}, strangers
