"""A workbook within bounds, taken apart by pyxform."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.utils.exceptions import InvalidFileException
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData, get_xlsform
from xlrd import XLRDError

from ecrf.engine.faults import Fault, Refused

MAX_UNFOLDED = 64 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_ROWS = 20_000
MAX_COLUMNS = 2_000
MAX_CELL = 32_767
DEEPEST = 40
FALLBACK = "form_without_name"
ROW = re.compile(r"\[row : (\d{1,9})\]\s{0,3}")
SHEETS = ("survey", "choices", "settings")
NAMES = ("name", "value", "tag")
PRESENTATION = re.compile("max-pixels|missing the|Learn more: https://xlsform.org/en/#specify-other")
"""Remarks of pyxform on how a form is sent or translated, which say nothing of what is lost here."""


@dataclass(frozen=True)
class Workbook:
    survey: Mapping[str, Any]
    """pyxform's tree of the form."""
    rows: Mapping[str, int]
    """The first row of the survey sheet that names a question."""
    warnings: list[str]

    def place(self, name: str, column: str) -> str:
        return f"row {self.rows[name]}, {column}" if name in self.rows else f"{name}, {column}"

    def fault(self, question: str, column: str, code: str, /, **params: object) -> Fault:
        return Fault(self.place(question, column), code, {"name": question[:80], "column": column, **params})


def opened(content: bytes) -> Workbook:
    """Raises Refused for what is no XLSForm, and for what would take too much to read."""
    kind = kind_of(content)
    if kind == ".xlsx":
        bounded(content)
    if kind == ".xlsx" and len(content) > 0 and not zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused([Fault("file", "not_a_workbook")])
    try:
        sheets = get_xlsform(content, file_type=kind)
        sizes(sheets)
        warnings: list[str] = []
        tree = workbook_to_json(sheets, form_name="data", fallback_form_name=FALLBACK, warnings=warnings)
    except PyXFormError as error:
        raise Refused([told(str(error))]) from None
    except RecursionError:
        raise Refused([Fault("file", "too_deep", {"limit": DEEPEST})]) from None
    except (XLRDError, InvalidFileException, zipfile.BadZipFile, csv.Error, UnicodeDecodeError, EOFError):
        raise Refused([Fault("file", "not_a_workbook")]) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, OSError) as error:
        # what pyxform and the readers of workbooks stumble over in files that are damaged
        raise Refused([told(f"{type(error).__name__}: {error}")]) from None
    rows: dict[str, int] = {}
    for number, row in enumerate(sheets.survey or (), start=2):
        name = next((row[column] for column in NAMES if row.get(column)), "")
        rows.setdefault(str(name), number)
    return Workbook(tree, rows, [text for text in warnings if not PRESENTATION.search(text)])


def kind_of(content: bytes) -> str:
    if content.startswith(b"PK"):
        return ".xlsx"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    if b"\0" in content:
        raise Refused([Fault("file", "not_a_workbook")])
    return ".md" if content.lstrip().startswith(b"|") else ".csv"


def bounded(content: bytes) -> None:
    """What an archive unfolds to is counted before it is unfolded, and again while it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNFOLDED:
                raise Refused([Fault("file", "unfolds_too_far", {"limit": MAX_UNFOLDED // 1024 // 1024})])
            left = MAX_UNFOLDED
            for entry in entries:
                with archive.open(entry) as inside:
                    while part := inside.read(1 << 20):
                        left -= len(part)
                        if left < 0:
                            raise Refused([Fault("file", "unfolds_too_far", {"limit": MAX_UNFOLDED // 1024 // 1024})])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise Refused([Fault("file", "not_a_workbook")]) from None


def sizes(sheets: DefinitionData) -> None:
    faults: list[Fault] = []
    for name in SHEETS:
        rows = getattr(sheets, name) or ()
        header = getattr(sheets, f"{name}_header") or [{}]
        if len(rows) > MAX_ROWS:
            faults.append(Fault(name, "too_many_rows", {"limit": MAX_ROWS}))
        if len(header[0]) > MAX_COLUMNS:
            faults.append(Fault(name, "too_many_columns", {"limit": MAX_COLUMNS}))
    if faults:
        raise Refused(faults)
    depth = 0
    for number, row in enumerate(sheets.survey or (), start=2):
        kind = str(row.get("type", "")).strip().lower()
        depth += kind.startswith("begin") - kind.startswith("end")
        if depth > DEEPEST:
            raise Refused([Fault(f"row {number}, type", "too_deep", {"limit": DEEPEST})])


def told(text: str, code: str = "xlsform_refused") -> Fault:
    """What pyxform says, at its row."""
    found = ROW.search(text)
    place = f"row {found[1]}" if found else "file"
    return Fault(place, code, {"detail": ROW.sub("", text).partition("Learn more:")[0].strip()[:400]})
