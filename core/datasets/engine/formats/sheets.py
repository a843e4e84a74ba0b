"""Sheets of Excel's XLSX files: cells by the type of their column, every fault by row and column."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
import pyarrow as pa
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from core.datasets.engine.csv.values import TYPES
from core.datasets.engine.formats.tables import MOST_COLUMNS, Faults, Source, described
from core.files.unreadable import Unreadable

UNPACKED = 1 << 30
"""Bytes that all parts of the file may unfold to."""
FOLDED = 200
"""How many times larger a part may become that is larger than a megabyte."""
PARTS = 5000
MOST_CELLS = 50_000_000
GUESSED = 5000
"""Rows by which the type of a column is guessed."""
LONGEST = 1 << 20
BROKEN = (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, ParseError, EOFError,
          InvalidFileException, DefusedXmlException, NotImplementedError, OverflowError, UnicodeError)  # fmt: skip
_error = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!|GETTING_DATA)")
_formula = re.compile(rb"<(?:\w+:)?f[ >/]")
_merged = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z0-9:]{1,30})"')


def opened(source: IO[bytes], _kind: str, options: Mapping[str, Any]) -> Source:
    """The sheet that `options` name, the first where none is; with `columns`, their names and types."""
    weigh(source)
    try:
        book = openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
        names = [sheet.title for sheet in book.worksheets]
        wanted = options.get("sheet") or (names[0] if names else "")
        if wanted not in names:
            raise Unreadable("no_sheet")
        sheet = book[wanted]
        sheet.reset_dimensions()  # what the file says of its size is not believed
        header = bool(options.get("header", True))
        given = options.get("columns")
        columns = [described(one["name"], one["type"]) for one in given] if given else guessed(sheet, header)
        notes = notes_of(source, sheet)
    except BROKEN as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("not_xlsx") from error
    schema = pa.schema([(column["name"], TYPES[column["type"]]) for column in columns])
    lenient = bool(options.get("lenient"))
    return Source(columns, schema, lambda most: batches(sheet, columns, schema, header, most, lenient), names, notes)


def weigh(source: IO[bytes]) -> None:
    """Raises Unreadable for a file that unfolds to too much, before anything of it is unfolded."""
    try:
        with zipfile.ZipFile(source) as packed:
            parts = packed.infolist()
    except BROKEN as error:
        raise Unreadable("not_xlsx") from error
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise Unreadable("unfolds")
    for part in parts:
        if part.flag_bits & 1:
            raise Unreadable("password")
        if part.file_size > 1 << 20 and part.file_size > FOLDED * max(part.compress_size, 1):
            raise Unreadable("unfolds")
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Unreadable("password" if any(part.filename == "EncryptedPackage" for part in parts) else "not_xlsx")


def notes_of(source: IO[bytes], sheet: Any) -> list[dict[str, Any]]:
    """How many formulas the sheet has, whose last results are read, and which cells are merged."""
    formulas, merged, tail = 0, [], b""
    with zipfile.ZipFile(source) as packed, packed.open(sheet._worksheet_path.lstrip("/")) as part:
        while block := part.read(1 << 20):
            text = tail + block
            cut = text.rfind(b"<")
            whole, tail = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
            formulas += len(_formula.findall(whole))
            merged += [found.decode() for found in _merged.findall(whole)]
            tail = tail[-4096:]
    found: list[dict[str, Any]] = []
    if formulas:
        found.append({"code": "formulas", "count": formulas})
    if merged:
        found.append({"code": "merged", "count": len(merged), "cells": ", ".join(merged[:10])})
    return found


def rows_of(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Number and values of each row that isn't empty. Raises Unreadable for too many cells, or a broken sheet."""
    cells = 0
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells += len(row)
            if cells > MOST_CELLS:
                raise Unreadable("too_many_cells", most=MOST_CELLS)
            if any(value is not None for value in row):
                yield number, row
    except BROKEN as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("not_xlsx") from error


def guessed(sheet: Any, header: bool) -> list[dict[str, Any]]:
    """A name and the narrowest type of each column, by the first rows."""
    titles: tuple[Any, ...] | None = None
    seen: list[set[str]] = []
    for place, (_number, row) in enumerate(rows_of(sheet)):
        if place == 0 and header:
            titles = row
        else:
            for index, value in enumerate(row[:MOST_COLUMNS]):
                while len(seen) <= index:
                    seen.append(set())
                if value is not None:
                    seen[index].add(type_of(value))
        if place >= GUESSED:
            break
    width = max(len(seen), len(trimmed(titles or ())))
    if width > MOST_COLUMNS:
        raise Unreadable("too_many_columns", most=MOST_COLUMNS, found=width)
    names = unique([title_of(titles, index) for index in range(width)])
    return [described(name, widest(seen[index] if index < len(seen) else set())) for index, name in enumerate(names)]


def trimmed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the empty cells at the end."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def title_of(titles: tuple[Any, ...] | None, index: int) -> str:
    text = str(titles[index]) if titles and index < len(titles) and titles[index] is not None else ""
    return " ".join(text.split())[:200] or f"column_{index + 1}"


def unique(names: list[str]) -> list[str]:
    """A second column of a name, whatever its case, gets its place behind it."""
    seen: set[str] = set()
    made = []
    for number, name in enumerate(names, 1):
        kept = name if name.casefold() not in seen else f"{name[:190]}_{number}"
        seen.add(kept.casefold())
        made.append(kept)
    return made


def type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 1e15):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, datetime):
        return "date" if value.time() == time(0) else "datetime"
    return "date" if isinstance(value, date) else "text"


def widest(types: set[str]) -> str:
    """The type that holds all of these."""
    if types <= {"integer"} and types:
        return "integer"
    if types <= {"integer", "number"} and types:
        return "number"
    if types <= {"date", "datetime"} and types:
        return "datetime" if "datetime" in types else "date"
    return types.pop() if len(types) == 1 else "text"


def batches(
    sheet: Any, columns: list[dict[str, Any]], schema: pa.Schema, header: bool, most: int, lenient: bool
) -> Iterator[pa.RecordBatch]:
    """Typed rows; after the last one BadCells, where there was any fault. `lenient` leaves such cells empty."""
    faults = Faults()
    values: list[list[Any]] = [[] for _ in columns]
    for place, (number, row) in enumerate(rows_of(sheet)):
        if place == 0 and header:
            continue
        if len(trimmed(row)) > len(columns):
            faults.add(number, "", "cells", f"{len(columns)} / {len(trimmed(row))}")
            continue
        for index, column in enumerate(columns):
            cell = row[index] if index < len(row) else None
            values[index].append(converted(cell, column, number, faults))
        if len(values[0]) >= most:
            if lenient or not faults.count:
                yield pa.record_batch(arrays(values, schema), schema=schema)
            values = [[] for _ in columns]
    if not lenient:
        faults.settle()
    yield pa.record_batch(arrays(values, schema), schema=schema)


def arrays(values: list[list[Any]], schema: pa.Schema) -> list[pa.Array]:
    return [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]


def converted(cell: Any, column: Mapping[str, Any], row: int, faults: Faults) -> Any:
    """The cell as its column has it, or a fault."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str) and _error.fullmatch(cell):
        faults.add(row, column["name"], "excel_error", cell)
        return None
    try:
        return CONVERT[column["type"]](cell)
    except (ValueError, OverflowError):
        faults.add(row, column["name"], f"not_{column['type']}")
        return None


def as_text(cell: Any) -> str:
    """Text as it stands; a number as Excel shows it where nothing is said; a day as ISO 8601."""
    if isinstance(cell, datetime):
        text = cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    elif isinstance(cell, bool):
        text = "true" if cell else "false"
    elif isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        text = str(int(cell))
    else:
        text = str(cell)
    if len(text) > LONGEST or "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError
    return text


def as_whole(cell: Any) -> int:
    if isinstance(cell, bool) or not isinstance(cell, int | float) or cell != int(cell) or abs(cell) >= 1 << 63:
        raise ValueError
    return int(cell)


def as_number(cell: Any) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise ValueError
    return float(cell)


def as_day(cell: Any) -> date:
    if isinstance(cell, datetime):
        if cell.time() != time(0):
            raise ValueError
        return cell.date()
    if not isinstance(cell, date):
        raise ValueError
    return cell


def as_moment(cell: Any) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, timedelta | time) or not isinstance(cell, date):
        raise ValueError
    return datetime.combine(cell, time(0))


def as_boolean(cell: Any) -> bool:
    if not isinstance(cell, bool):
        raise ValueError
    return cell


CONVERT = {
    "text": as_text,
    "integer": as_whole,
    "number": as_number,
    "date": as_day,
    "datetime": as_moment,
    "boolean": as_boolean,
}
