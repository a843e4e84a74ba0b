"""A CSV file of data: its header and its rows, with every fault of its form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ecrf.engine.exchange.records import Reading, cell_fault
from ecrf.engine.faults import Fault, Refused

MAX_BYTES = 200 * 1024 * 1024
MAX_ROWS = 2_000_000


def read_table(content: bytes | str, reading: Reading) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The titles, and each row with its number in a spreadsheet. Raises Refused where it is no table at all.

    Rows of another length and lines that are no CSV are faults of `reading`.
    """
    if len(content) > MAX_BYTES:
        raise Refused([Fault("file", "file_too_large", {"row": 0, "column": "", "limit": MAX_BYTES // 1024 // 1024})])
    text = decoded(content, reading)
    if not text.strip():
        raise Refused([Fault("file", "file_empty", {"row": 0, "column": ""})])
    first = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [title.strip() for title in next(reader)]
    except (csv.Error, StopIteration) as error:
        raise Refused([Fault("file", "not_csv", {"row": 1, "column": "", "detail": str(error)[:200]})]) from error
    return header, rows(reader, len(header), reading)


def decoded(content: bytes | str, reading: Reading) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    if b"\0" in content:
        raise Refused([Fault("file", "not_text_file", {"row": 0, "column": ""})])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        params = {"row": 0, "column": "", "encoding": "Windows-1252"}
        reading.warnings.append(Fault("file", "encoding_guessed", params))
        return content.decode("cp1252", errors="replace")


def rows(reader: Iterator[list[str]], width: int, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reading.faults.append(cell_fault(number, "", "not_csv", {"detail": str(error)[:200]}))
            return
        if not any(cell.strip() for cell in cells):
            continue
        if number > MAX_ROWS:
            reading.faults.append(cell_fault(number, "", "too_many_rows", {"limit": MAX_ROWS}))
            return
        if len(cells) != width:
            reading.faults.append(cell_fault(number, "", "cell_count", {"wanted": width, "given": len(cells)}))
            continue
        yield number, [cell.strip() for cell in cells]
