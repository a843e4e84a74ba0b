"""An XLSX workbook written while it is made: sheet after sheet into the ZIP, nothing of it on a disk or in memory.

Libraries that write workbooks keep clear rows in temporary files or in memory; patients' data is to be in neither.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import IO, Any
from xml.sax.saxutils import escape

from ecrf.engine.faults import Fault

MOST_ROWS, MOST_COLUMNS, LONGEST = 1_048_576, 16_384, 32_767
BLOCK = 1 << 17
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
NAME = 31
SHEET_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DATE, MOMENT, CLOCK, BOLD, SOFT = 1, 2, 3, 4, 5
"""Styles of cells, in the order of STYLES."""
STYLES = f"""<?xml version="1.0" encoding="UTF-8"?>
<styleSheet xmlns="{MAIN}">
<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/><numFmt numFmtId="166" formatCode="hh:mm"/></numFmts>
<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font>
<font><i/><sz val="11"/><color rgb="FF666666"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="6"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/>
<xf numFmtId="166" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/><xf fontId="2" applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
NOUGHT = date(1899, 12, 30)
FIRST = date(1900, 3, 1)
"""Before it, spreadsheets count days that there were not: older dates are written as texts."""
Cell = Callable[[Any], str]


def letters(number: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    found = ""
    while number >= 0:
        found = chr(65 + number % 26) + found
        number = number // 26 - 1
    return found


def text(value: str) -> str:
    """What follows ``<c r="A1"`` for a text. It is never run: formulas are another kind of cell."""
    clean = NO_XML.sub("\ufffd", value[:LONGEST])
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'


def number(value: Any) -> str:
    """A number, or the text of one that has more digits than a spreadsheet keeps."""
    spelt = str(value)
    digits = spelt.replace("-", "").replace(".", "").lstrip("0")
    return f"><v>{spelt}</v></c>" if len(digits) <= 15 else text(spelt)


def day(value: str) -> str:
    found = date.fromisoformat(value)
    return f' s="{DATE}"><v>{(found - NOUGHT).days}</v></c>' if found >= FIRST else text(value)


def moment(value: str) -> str:
    found = datetime.fromisoformat(value).replace(tzinfo=None)
    if found.date() < FIRST:
        return text(value)
    seconds = found.hour * 3600 + found.minute * 60 + found.second
    return f' s="{MOMENT}"><v>{(found.date() - NOUGHT).days + seconds / 86400:.9f}</v></c>'


def clock(value: str) -> str:
    found = time.fromisoformat(value)
    return f' s="{CLOCK}"><v>{(found.hour * 3600 + found.minute * 60 + found.second) / 86400:.9f}</v></c>'


def flag(value: Any) -> str:
    return number(int(value))


CELLS: dict[str, Cell] = {
    "integer": number,
    "decimal": number,
    "box": number,
    "flag": flag,
    "date": day,
    "datetime": moment,
    "moment": moment,
    "time": clock,
}


class Workbook:
    """``sheet`` as often as wanted, then ``end``."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.names: list[str] = []
        self.losses: list[Fault] = []

    def name(self, wanted: str, limit: int = NAME) -> str:
        """A name of this length that no other sheet has; said where it is another than was wanted."""
        clean = NOT_IN_NAMES.sub("_", wanted) or "_"
        found, again = clean[:limit], 2
        known = {name.lower() for name in self.names}
        while found.lower() in known:
            tail = f"_{again}"
            found, again = clean[: limit - len(tail)] + tail, again + 1
        if found != wanted:
            self.losses.append(Fault(wanted, "sheet_renamed", {"name": found}))
        return found

    def sheet(
        self,
        name: str,
        heads: Sequence[Sequence[str]],
        lines: Iterable[Sequence[Any]],
        cells: Sequence[Cell] | None = None,
        *,
        limit: int = NAME,
    ) -> str:
        """A sheet with these header rows, and lines whose cells are written by `cells`; as texts without."""
        width = len(heads[0])
        if width > MOST_COLUMNS:
            self.losses.append(Fault(name, "columns_left_out", {"count": width - MOST_COLUMNS}))
            width = MOST_COLUMNS
        cells = list(cells or [text] * width)[:width]
        columns = [letters(place) for place in range(width)]
        again = iter(lines)
        first = self.name(name, limit)
        more, own = True, first
        while more:
            more = self._part(own, [head[:width] for head in heads], again, cells, columns)
            own = self.name(f"{name[: limit - 4]}_more", limit) if more else own
        return first

    def _part(
        self,
        name: str,
        heads: Sequence[Sequence[str]],
        lines: Iterable[Sequence[Any]],
        cells: Sequence[Cell],
        columns: Sequence[str],
    ) -> bool:
        """Lines until the sheet is full; says whether there may be more."""
        self.names.append(name)
        places = list(zip(columns, cells, strict=True))
        with self._zip.open(f"xl/worksheets/sheet{len(self.names)}.xml", "w", force_zip64=True) as file:
            held = [SHEET_HEAD, frozen(len(heads)), widths(heads[0]), "<sheetData>"]
            row = 0
            for row, head in enumerate(heads, start=1):
                style = BOLD if row == 1 else SOFT
                held.append(f'<row r="{row}">')
                held += [
                    f'<c r="{column}{row}" s="{style}"{text(title)}'
                    for column, title in zip(columns, head, strict=True)
                ]
                held.append("</row>")
            size, full = 0, False
            for line in lines:
                row += 1
                written = "".join(
                    [
                        f'<c r="{column}{row}"{cell(value)}'
                        for (column, cell), value in zip(places, line, strict=False)
                        if value is not None and value != ""
                    ]
                )
                held.append(f'<row r="{row}">{written}</row>')
                size += len(written)
                if size > BLOCK:
                    file.write("".join(held).encode("utf-8", "replace"))
                    held, size = [], 0
                if row >= MOST_ROWS:
                    full = True
                    break
            held.append("</sheetData></worksheet>")
            file.write("".join(held).encode("utf-8", "replace"))
        return full

    def end(self) -> None:
        """What names the sheets, and what they look like."""
        numbers = range(1, len(self.names) + 1)
        sheets = "".join(
            f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
            for n, name in zip(numbers, self.names, strict=True)
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        types = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>' for n in numbers
        )
        head = '<?xml version="1.0" encoding="UTF-8"?>\n'
        last = len(self.names) + 1
        for place, content in {
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId{last}" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": STYLES.removeprefix(head),
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="{TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>{types}</Types>',
        }.items():
            self._zip.writestr(place, head + content)
        self._zip.close()


def frozen(rows: int) -> str:
    """The header rows stay where they are."""
    pane = f'<pane ySplit="{rows}" topLeftCell="A{rows + 1}" activePane="bottomLeft" state="frozen"/>'
    return f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'


def widths(head: Sequence[str]) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{min(40, max(10, len(title) + 2))}" customWidth="1"/>'
        for n, title in enumerate(head, start=1)
    )
    return f"<cols>{columns}</cols>"
