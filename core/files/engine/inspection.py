"""Look inside a file whose kind its first bytes have told: is it that, whole, and nothing else? In the sandbox."""

from __future__ import annotations

import json
from typing import IO, BinaryIO

from core.files.unreadable import Unreadable

MOST_DEPTH = 64
"""How deep elements may lie in one another."""


def inspect(source: BinaryIO, result: BinaryIO, *, kind: str) -> None:
    """Raises Unreadable where the file isn't what it begins as, or does what no file of its kind needs."""
    if look := {"xlsx": workbook, "zip": archive, "json": values, "xml": markup}.get(kind):
        look(source)
    elif kind not in ("text", "parquet", "sas", "spss", "stata", "heic"):
        others(source, kind)


def others(source: BinaryIO, kind: str) -> None:
    """A document or an image that puremagic takes for something else as well is two things at once."""
    import puremagic  # slow to import: only here

    head = source.read(1 << 16)
    fitting = {"pdf": (".pdf", ".ai", ".fdf"), "png": (".png", ".apng"), "jpeg": (".jpg", ".jpeg"), "tiff": (".tif",)}
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        raise Unreadable("damaged") from None
    if not any(match.extension.startswith(fitting[kind]) for match in found):
        raise Unreadable("two_kinds")


def workbook(source: BinaryIO) -> None:
    """A spreadsheet without macros, that doesn't unfold to more than a spreadsheet does."""
    from core.files.engine.archives import counted, is_plain, opened

    with opened(source, 5_000) as parts:
        names = {info.filename for info in parts.infolist()}
        if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
            raise Unreadable("damaged")
        if any(name.endswith("vbaProject.bin") for name in names):
            raise Unreadable("macros")
        if not all(is_plain(name) for name in names):
            raise Unreadable("bad_name")
        left = 4 << 30
        for info in parts.infolist():
            left -= counted(parts, info, left, 1_000)
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            with parts.open(name) as part:
                markup(part)


def archive(source: BinaryIO) -> None:
    import io

    from core.files.engine.archives import listing

    listing(source, io.BytesIO())


def values(source: BinaryIO) -> None:
    """One value of JSON, or one a line."""
    try:
        text = source.read().decode("utf-8-sig")
        try:
            json.loads(text)
        except ValueError:
            for line in text.splitlines():
                if line.strip():
                    json.loads(line)
    except RecursionError:
        raise Unreadable("too_deep") from None
    except ValueError:
        raise Unreadable("damaged") from None


def markup(source: IO[bytes]) -> None:
    """XML without a document type: no entity, no file and no address is ever read from it."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    depth = 0
    try:
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth > MOST_DEPTH:
                raise Unreadable("too_deep")
            if event == "end":
                element.clear()
    except DefusedXmlException:
        raise Unreadable("entities") from None
    except (ParseError, LookupError, UnicodeError):
        raise Unreadable("damaged") from None
