"""Rows as a CSV file that French spreadsheets open as they are, and that runs nothing in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.text import slugify

from core.web.formulas import harmless

_number = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")


def csv_file(name: str, labels: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download with a BOM and semicolons, made now: in the transaction and in the language of the page."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(labels)
    writer.writerows([plain_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{slugify(name) or "export"}.csv"'}
    content = text.getvalue().encode("utf-8-sig")
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def plain_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula; a number, also below zero, stays one."""
    text = "" if value is None else str(value)
    return text if _number.fullmatch(text) else harmless(text)
