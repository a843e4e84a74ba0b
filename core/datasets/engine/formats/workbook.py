"""Tables as an XLSX workbook that is sent while it is written: the rows on one sheet, the dictionary on another.

Written here because openpyxl keeps the rows in clear in temporary files on the disk.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa

from core.datasets.engine.parts import Sink
from core.web.formulas import DANGEROUS

MOST_ROWS, MOST_COLUMNS, LONGEST = 1_048_576, 16_384, 32_767
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
GUARDED, DAY, MOMENT, CLOCK, TITLE = 1, 2, 3, 4, 5
"""Styles by their place in STYLES: text that is never run as a formula, dates, times, headings."""
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="1">'
    '<fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="6"><xf/>'
    '<xf quotePrefix="1"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
    '<xf numFmtId="21" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_unwritable = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's days have no zone
COUNTED_FROM = datetime(1900, 3, 1)  # noqa: DTZ001
"""Before it programs count differently, for Excel has a 29 February 1900."""


def workbook(sheets: Sequence[tuple[str, Sequence[str], Iterable[Iterable[Sequence[Any]]]]]) -> Iterator[bytes]:
    """The bytes of a workbook; each sheet is its name, its heading and its rows in pieces."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
        for name, text in frame([name for name, _titles, _pieces in sheets]).items():
            packed.writestr(name, text)
        for number, (_name, titles, pieces) in enumerate(sheets, 1):
            with packed.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                part.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
                part.write(row([(title, TITLE) for title in titles]).encode())
                for rows in pieces:
                    part.write("".join(row([(value, 0) for value in values]) for values in rows).encode())
                    yield sink.taken()
                part.write(b"</sheetData></worksheet>")
            yield sink.taken()
    yield sink.taken()


def row(cells: Sequence[tuple[Any, int]]) -> str:
    return f"<row>{''.join(cell(value, style) for value, style in cells)}</row>"


def cell(value: Any, style: int = 0) -> str:
    """One cell; what Excel has no number for is text, and so is never computed with wrongly."""
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float | Decimal):
        if not math.isfinite(value):
            return "<c/>"
        exact = isinstance(value, float) or abs(int(value)) < 10**15
        return f"<c><v>{value}</v></c>" if exact else text(str(value), style)
    if isinstance(value, time):
        return f'<c s="{CLOCK}"><v>{(value.hour * 3600 + value.minute * 60 + value.second) / 86400}</v></c>'
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
        if moment.replace(tzinfo=None) < COUNTED_FROM:
            return text(value.isoformat(), style)
        days = (moment.replace(tzinfo=None) - EPOCH).total_seconds() / 86400
        return f'<c s="{MOMENT if isinstance(value, datetime) else DAY}"><v>{days:.15g}</v></c>'
    return text(str(value), style)


def text(value: str, style: int) -> str:
    """Text, never a formula; one that would be run if it were typed is also marked as text for good."""
    clean = escape(_unwritable.sub("\ufffd", value[:LONGEST]))
    guarded = GUARDED if value.startswith(DANGEROUS) else style
    return f'<c t="inlineStr" s="{guarded}"><is><t xml:space="preserve">{clean}</t></is></c>'


def frame(names: Sequence[str]) -> dict[str, str]:
    """The parts of a workbook that hold no rows."""
    numbers = range(1, len(names) + 1)
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kinds}.worksheet+xml"/>' for n in numbers
    )
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}"/>' for n, name in zip(numbers, names, strict=True)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}<Relationship '
        f'Id="styles" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }


def rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[Iterable[Sequence[Any]]]:
    for batch in batches:
        yield zip(*(column.to_pylist() for column in batch.columns), strict=True)


def dictionary(columns: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> tuple[list[str], list[list[Any]]]:
    """The sheet that says what the columns are; `titles` are the words for its own columns."""
    lines = [
        [
            *(column[key] for key in ("name", "label", "label_en", "description", "type", "unit")),
            "\n".join(f"{code} = {label}" for code, label in column["codes"].items()),
            ", ".join(column["missing_codes"]),
            column["sensitivity"],
        ]
        for column in columns
    ]  # fmt: skip
    return list(titles.values()), lines
