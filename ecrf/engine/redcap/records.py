"""Records in REDCap's flat layout: events, repeats, groups of sites and boxes of 0 and 1; every wrong cell is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.judging import Judge
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.exchange.table import read_table
from ecrf.engine.faults import Refused
from ecrf.engine.redcap.layout import EVENT, INSTANCE, INSTRUMENT, SITE, Column, Layout
from ecrf.engine.redcap.rows import Rows
from ecrf.engine.values import Stored

OWN = (EVENT, INSTRUMENT, INSTANCE, SITE)


def read_records(
    content: bytes | str,
    definition: Definition,
    *,
    now: datetime,
    sites: Mapping[str, str] | None = None,
    subjects: Collection[str] | None = None,
) -> Reading:
    """The records of a file, its wrong cells (`faults`) and its doubtful ones (`warnings`).

    `sites` gives the site of each data access group, `subjects` the numbers that exist: without them any will do.
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
    rows = Rows(layout, reading, sites=sites, subjects=subjects)
    records: list[Record] = []
    for number, cells in lines:
        named = {
            column.name.lower(): (title, column, cell)
            for title, column, cell in zip(header, columns, cells, strict=True)
            if column is not None
        }
        record = rows.read(number, named)
        if record is not None:
            records.append(record)
    reading.records = records
    titles = {column.key: title for title, column in zip(header, columns, strict=True) if column and column.key}
    asked = {column.key for column in columns if column and column.kind in ("item", "box")} | {layout.subject}
    judge_records(definition, reading, asked, now, titles)
    reading.faults.sort(key=lambda fault: fault.params["row"])
    reading.warnings.sort(key=lambda fault: fault.params["row"])
    return reading


def check_header(header: list[str], columns: list[Column | None], layout: Layout, reading: Reading) -> bool:
    """Columns unknown, twice or missing. False where no row can be read."""
    seen: set[str] = set()
    for title, column in zip(header, columns, strict=True):
        name = column.name.lower() if column else title.lower()
        if column is None or column.key and column.kind == "item" and not title:
            reading.faults.append(cell_fault(1, title[:80], "column_unknown_data", {"name": title[:80]}))
        elif name in seen:
            reading.faults.append(cell_fault(1, title[:80], "column_twice"))
        seen.add(name)
    wanted = [layout.subject, *([EVENT] if layout.shape.events else [])]
    missing = [name for name in wanted if name.lower() not in seen]
    reading.faults += [cell_fault(1, name, "column_missing") for name in missing]
    return not missing


def judge_records(
    definition: Definition, reading: Reading, asked: Collection[str], now: datetime, titles: Mapping[str, str]
) -> None:
    """Evaluate each record with the pages that stand beside it, and say what the form finds."""
    judge = Judge(definition, asked, now)
    bases = {(one.subject, one.event): one.values for one in reading.records if not one.page}
    for record in reading.records:
        base = bases.get((record.subject, record.event)) if record.page else None
        row = int(record.place.removeprefix("row ")) if record.place.startswith("row ") else record.place
        for found in judge.judge(record, base):
            fault = cell_fault(row, titles.get(found.key, found.key), found.code, found.params)
            (reading.faults if found.refused else reading.warnings).append(fault)


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
