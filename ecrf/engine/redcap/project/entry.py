"""One entry, gathered from the forms of a project XML."""

from __future__ import annotations

import base64
import binascii

from ecrf.engine.exchange.records import Attachment, Reading, Record, cell_fault
from ecrf.engine.exchange.xml import Element, local, text_of
from ecrf.engine.redcap.layout import Layout
from ecrf.engine.redcap.project.attributes import own
from ecrf.engine.redcap.project.line_breaks import BREAK
from ecrf.engine.redcap.rows import Rows


class Entry:
    """The values of one entry, gathered from the forms that it holds."""

    def __init__(self, layout: Layout, reading: Reading, line: int, own: dict[str, str]) -> None:
        self.layout, self.reading, self.line = layout, reading, line
        self.cells = {
            name.lower(): (name, layout.columns[name.lower()], text)
            for name, text in own.items()
            if name.lower() in layout.columns
        }
        self.lines: dict[str, str] = {}
        self.files: dict[str, Attachment] = {}

    def take(self, item: Element) -> None:
        name = str(item.get("ItemOID", ""))
        column = self.layout.columns.get(name.lower())
        if column is None:
            self.reading.faults.append(
                cell_fault(f"line {item.line}", name[:80], "unknown_variable", {"name": name[:80]})
            )
            return
        if column.kind == "subject":
            return
        self.lines[name] = f"line {item.line}"
        self.cells[name.lower()] = (name, column, self.value(item, column.key))

    def value(self, item: Element, key: str) -> str:
        """The text of a value; of a file its name, the file apart."""
        if local(item) != "ItemDataBase64Binary":
            return str(item.get("Value", text_of(item))).replace(BREAK, "\n")
        name = own(item, "DocName") or "file"
        try:
            content = base64.b64decode(text_of(item))
        except (binascii.Error, ValueError):
            self.reading.faults.append(cell_fault(f"line {item.line}", key, "not_base64"))
            return ""
        self.files[key] = Attachment(name, own(item, "MimeType"), content)
        return name

    def read(self, rows: Rows) -> Record | None:
        rows.lines = self.lines
        record = rows.read(f"line {self.line}", self.cells)
        if record is not None:
            record.files = self.files
        return record
