"""Rows as a CSV file that French spreadsheets open as they are, and that runs nothing in them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.text import slugify


def csv_file(name: str, labels: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A download with a BOM and semicolons. The rows are read now, in the transaction of the page."""
    writer = csv.writer(_Echo(), delimiter=";")
    read = [[plain_cell(value) for value in row] for row in rows]

    def lines() -> Iterator[str]:
        yield "\N{ZERO WIDTH NO-BREAK SPACE}" + writer.writerow(labels)
        for row in read:
            yield writer.writerow(row)

    headers = {"Content-Disposition": f'attachment; filename="{slugify(name) or "export"}.csv"'}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)


def plain_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not _is_number(text)) else text


def _is_number(text: str) -> bool:
    return text.replace(",", ".").lstrip("-").replace(".", "", 1).isdigit()


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
