"""From one format to another, by way of a definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ecrf.engine.definition import Definition, load
from ecrf.engine.exchange.detection import detect
from ecrf.engine.exchange.formats import FORMATS, MAX_BYTES, Format
from ecrf.engine.faults import Fault, Refused


DEEPEST = 200
"""Levels one inside the other, roughly."""


@dataclass(frozen=True)
class Read:
    """A definition, the format that it was in, and what of the file it doesn't say."""

    definition: Definition
    format: str
    remarks: list[Fault]


@dataclass(frozen=True)
class Converted:
    content: bytes
    losses: list[Fault]
    """What the file that was read says and the definition doesn't, then what the definition says and this file doesn't."""
    definition: Definition
    source: str


def read(
    content: bytes,
    *,
    source: str | None = None,
    filename: str = "",
    language: str = "en",
    title: Mapping[str, str] | None = None,
) -> Read:
    """The definition that a file holds. Raises Refused with every fault.

    `title` is that of a format that has none; `filename` helps to tell the format where `source` doesn't name it.
    """
    form = format_of(content, source, filename)
    try:
        data, remarks = form.read(content, language=language)
    except RecursionError:
        raise Refused([Fault("file", "too_deep", {"limit": DEEPEST})]) from None
    except ImportError:
        raise Refused([Fault("file", "format_not_here", {"format": form.name})]) from None
    if not any(data["title"].values()):
        title = dict(title or {data["languages"][0]: PurePath(filename).stem[:200] or form.title})
        pages = [page if any(page["title"].values()) else {**page, "title": title} for page in data["pages"]]
        data = {**data, "title": title, "pages": pages}
    return Read(load(data), form.name, remarks)


def format_of(content: bytes, source: str | None, filename: str) -> Format:
    if len(content) > MAX_BYTES:
        raise Refused([Fault("file", "file_too_large", {"limit": MAX_BYTES // 1024 // 1024})])
    if not content.strip():
        raise Refused([Fault("file", "file_empty")])
    name = source or detect(content, filename)
    if name is None:
        raise Refused([Fault("file", "format_not_told", {"formats": ", ".join(FORMATS)})])
    if name not in FORMATS:
        raise Refused([Fault("file", "format_unknown", {"format": name[:40], "formats": ", ".join(FORMATS)})])
    return FORMATS[name]


def write(definition: Definition, to: str) -> tuple[bytes, list[Fault]]:
    """The file, and what it can't say. Raises Refused where nobody knows the format."""
    if to not in FORMATS:
        raise Refused([Fault("file", "format_unknown", {"format": to[:40], "formats": ", ".join(FORMATS)})])
    try:
        return FORMATS[to].write(definition)
    except ImportError:
        raise Refused([Fault("file", "format_not_here", {"format": to})]) from None


def convert(
    content: bytes, to: str, *, source: str | None = None, filename: str = "", language: str = "en", **options: Any
) -> Converted:
    """The same form in another format. Raises Refused with every fault."""
    found = read(content, source=source, filename=filename, language=language, **options)
    written, losses = write(found.definition, to)
    return Converted(written, [*found.remarks, *losses], found.definition, found.format)
