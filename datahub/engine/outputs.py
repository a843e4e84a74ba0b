"""What a cell shows, reduced to what a page can show safely: text, tables and pictures. Never the cell's own HTML."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, Literal, TypedDict

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*(?:[@-~]|\Z)")
"""A colour of the terminal, whole or cut at the end of a text."""
PNG = b"\x89PNG\r\n\x1a\n"
LONGEST_TEXT = 200_000
LARGEST_PICTURE = 4 << 20
MOST_ROWS, MOST_COLUMNS = 200, 100


class Output(TypedDict, total=False):
    """One thing shown. `text` for text, warning and error; `png` in base64; `columns` and `rows` for a table."""

    kind: Literal["text", "warning", "error", "picture", "table"]
    text: str
    png: str
    columns: list[str]
    rows: list[list[str]]
    row_count: int


def read(message_type: str, content: dict[str, Any]) -> Output | None:
    """The output that a message of the Jupyter protocol carries, or None for the others."""
    match message_type:
        case "stream":
            return {"kind": "text" if content.get("name") == "stdout" else "warning", "text": text(content.get("text"))}
        case "error":
            lines = content.get("traceback") or [f"{content.get('ename')}: {content.get('evalue')}"]
            return {"kind": "error", "text": text("\n".join(map(str, lines)))}
        case "execute_result" | "display_data":
            return bundle(content.get("data") or {})
    return None


def bundle(data: dict[str, Any]) -> Output | None:
    """The richest safe form among those that the kernel offers."""
    if table := table_of(data.get("application/vnd.dataresource+json")):
        return table
    if picture := picture_of(data.get("image/png")):
        return picture
    if "text/plain" in data:
        return {"kind": "text", "text": text(data["text/plain"])}
    return None


def picture_of(encoded: Any) -> Output | None:
    if not isinstance(encoded, str) or len(encoded) > LARGEST_PICTURE:
        return None
    try:
        png = base64.b64decode(encoded, validate=False)
    except (binascii.Error, ValueError):
        return None
    return {"kind": "picture", "png": base64.b64encode(png).decode()} if png.startswith(PNG) else None


def table_of(resource: Any) -> Output | None:
    """A pandas table, as pandas describes it (https://specs.frictionlessdata.io/tabular-data-resource/)."""
    try:
        names = [str(field["name"]) for field in resource["schema"]["fields"]][:MOST_COLUMNS]
        records = resource["data"]
        rows = [[text(shown(record.get(name)), 1000) for name in names] for record in records[:MOST_ROWS]]
    except (TypeError, KeyError, AttributeError):
        return None
    return {"kind": "table", "columns": [text(name, 200) for name in names], "rows": rows, "row_count": len(records)}


def shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """Text without terminal colours or control characters, cut where it is too long."""
    whole = str(value if value is not None else "")
    plain = ANSI.sub("", whole[:longest])  # cut first: what is dropped costs nothing
    plain = "".join(letter for letter in plain if letter in "\n\t" or letter.isprintable())
    return plain + ("\n…" if len(whole) > longest else "")


def size(output: Output) -> int:
    """How many bytes are kept of it."""
    return len(json.dumps(output, ensure_ascii=False).encode(errors="replace"))
