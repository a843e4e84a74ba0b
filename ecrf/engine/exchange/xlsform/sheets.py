"""Rows as a workbook of XLSX: every cell a text, never a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import xlsxwriter

from ecrf.engine.exchange.xlsform.workbook import MAX_CELL
from ecrf.engine.faults import Fault

ORDER = (
    "list_name", "type", "name", "label", "hint", "guidance_hint", "required", "required_message", "relevant",
    "constraint", "constraint_message", "calculation", "default", "readonly", "appearance", "parameters",
    "choice_filter", "repeat_count", "form_title", "form_id", "version", "default_language",
)  # fmt: skip
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook(sheets: Mapping[str, Sequence[Mapping[str, str]]]) -> tuple[bytes, list[Fault]]:
    """The file, and which cells are too long for it."""
    stream = io.BytesIO()
    losses: list[Fault] = []
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # the same form is the same file
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            columns = [*dict.fromkeys(column for row in rows for column in row)]
            columns.sort(key=rank)
            for number, column in enumerate(columns):
                sheet.write_string(0, number, column, bold)
                sheet.set_column(number, number, 30 if column.startswith(("label", "hint")) else 16)
            for line, row in enumerate(rows, start=1):
                for number, column in enumerate(columns):
                    text = row.get(column, "")
                    if len(text) > MAX_CELL:
                        losses.append(Fault(f"{name}, row {line + 1}, {column}", "text_too_long", {"limit": MAX_CELL}))
                    elif text:
                        sheet.write_string(line, number, text)
            sheet.freeze_panes(1, 0)
    return stream.getvalue(), losses


def rank(column: str) -> tuple[int, str]:
    """The usual order; languages stand where they come."""
    plain = column.partition("::")[0]
    return (ORDER.index(plain) if plain in ORDER else len(ORDER), "" if plain in ORDER else column)
