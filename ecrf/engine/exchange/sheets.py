"""The tables of a workbook, or of an archive of CSV files: each a name, its titles and its numbered rows of texts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ecrf.engine.exchange.records import Reading, cell_fault
from ecrf.engine.exchange.table import read_table
from ecrf.engine.faults import Fault, Refused

MAX_UNFOLDED = 600 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_COLUMNS = 16_000
MAX_ROWS = 1_048_576
DAMAGED: tuple[type[Exception], ...] = (
    *(zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError),
    *(
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        NotImplementedError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
    ),
)
"""What readers of workbooks stumble over in files that are damaged."""


@dataclass
class Table:
    name: str
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    typed: bool = False
    """Whether its cells have types: numbers, moments."""


def tables(content: bytes, reading: Reading) -> Iterator[Table]:
    """Each table in turn: read its rows before the next one. Raises Refused for what is neither."""
    try:
        names = members(content)
        if "xl/workbook.xml" in names:
            yield from workbook(content, reading)
        else:
            yield from archive(content, reading)
    except DAMAGED:
        raise Refused([Fault("file", "not_a_workbook", {"row": 0, "column": ""})]) from None


def members(content: bytes) -> list[str]:
    """The names in the archive, if what it unfolds to stays within bounds."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        found = opened.infolist()
    if len(found) > MAX_MEMBERS or sum(one.file_size for one in found) > MAX_UNFOLDED:
        limit = MAX_UNFOLDED // 1024 // 1024
        raise Refused([Fault("file", "unfolds_too_far", {"row": 0, "column": "", "limit": limit})])
    return [one.filename for one in found]


def archive(content: bytes, reading: Reading) -> Iterator[Table]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        for one in opened.infolist():
            if one.filename.lower().endswith(".csv"):
                with opened.open(one) as inside:
                    text = inside.read(one.file_size + 1)
                if text.strip():
                    yield Table(PurePath(one.filename).stem, *read_table(text, reading))


def workbook(content: bytes, reading: Reading) -> Iterator[Table]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            lines = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=MAX_ROWS)
            first = next(lines, ())
            header = [written(cell) for cell in first]
            while header and not header[-1]:
                header.pop()
            if header:
                yield Table(sheet.title, header, rows(sheet.title, lines, len(header), reading), typed=True)
    finally:
        book.close()


def rows(name: str, lines: Iterator[Any], width: int, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(lines, start=2):
        texts = [written(cell) for cell in cells]
        if not any(texts):
            continue
        if any(texts[width:]):
            reading.faults.append(
                cell_fault(number, f"{name}!", "cell_count", {"wanted": width, "given": len(texts)}),
            )
            continue
        yield number, texts[:width] + [""] * (width - len(texts))


def written(cell: Any) -> str:
    """A cell as a text: moments in our way, midnight as a date, numbers without an empty part behind the point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        if cell.time() == time():
            return cell.date().isoformat()
        return cell.isoformat(timespec="seconds" if cell.second else "minutes")
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds" if cell.second else "minutes")
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
