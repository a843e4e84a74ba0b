"""Tell what a file is from its bytes, never from its name or from what the sender says of it. No Django here.

Only fixed places are compared: nothing is parsed, so this may be done outside the sandbox. What is inside is looked at
by `inspection`, in the sandbox.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of files that the suite takes."""

    TEXT = "text"
    JSON = "json"
    XML = "xml"
    XLSX = "xlsx"
    PARQUET = "parquet"
    SAS = "sas"
    SPSS = "spss"
    STATA = "stata"
    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    HEIC = "heic"
    ZIP = "zip"


EXTENSIONS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: (".csv", ".tsv", ".txt"),
    Kind.JSON: (".json", ".jsonl", ".ndjson"),
    Kind.XML: (".xml",),
    Kind.XLSX: (".xlsx",),
    Kind.PARQUET: (".parquet",),
    Kind.SAS: (".sas7bdat", ".xpt"),
    Kind.SPSS: (".sav", ".zsav"),
    Kind.STATA: (".dta",),
    Kind.PDF: (".pdf",),
    Kind.PNG: (".png",),
    Kind.JPEG: (".jpg", ".jpeg"),
    Kind.TIFF: (".tif", ".tiff"),
    Kind.HEIC: (".heic", ".heif"),
    Kind.ZIP: (".zip",),
}
EDGE = 66_000
"""Bytes looked at, at the beginning and at the end: the last part of a ZIP is within 65,557 bytes of its end."""

SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
FOREIGN = (b"<script", b"<html", b"<!doctype html", b"<svg", b"<?php", b"<iframe", b"<%@", b"#!/")
"""What a browser or a server would run, in any case of letters."""


class NotOne(ValueError):
    """The bytes are of none of the kinds, or of two at once: `code` is «unknown_kind» or «two_kinds»."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(head: bytes, tail: bytes) -> Kind:
    """The one kind of a file with these first and last EDGE bytes (all of it, twice, if it is short). Raises NotOne."""
    binary = binary_kind(head, tail)
    others = signs_of_others(head, tail, binary)
    if others:
        raise NotOne("two_kinds")
    if binary:
        return binary
    return text_kind(head)


def binary_kind(head: bytes, tail: bytes) -> Kind | None:
    if head[:4] == b"PK\x03\x04" or head[:4] == b"PK\x05\x06":
        return Kind.XLSX if b"[Content_Types].xml" in head + tail and b"xl/workbook.xml" in head + tail else Kind.ZIP
    if head[:4] == b"PAR1" and tail[-4:] == b"PAR1" and head != b"PAR1":
        return Kind.PARQUET
    if head[:32] == SAS or head[:40] == b"HEADER RECORD*******LIBRARY HEADER RECORD"[:40]:
        return Kind.SAS
    if head[:4] in (b"$FL2", b"$FL3"):
        return Kind.SPSS
    if head[:11] == b"<stata_dta>" or (head[:1] in (b"q", b"r", b"s") and head[1:3] in (b"\1\1", b"\2\1")):
        return Kind.STATA
    if head[:5] == b"%PDF-" and b"%%EOF" in tail[-1024:]:
        return Kind.PDF
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return Kind.PNG
    if head[:3] == b"\xff\xd8\xff":
        return Kind.JPEG
    if head[:4] in (b"II*\0", b"MM\0*"):
        return Kind.TIFF
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return Kind.HEIC
    return None


def signs_of_others(head: bytes, tail: bytes, kind: Kind | None) -> list[str]:
    """Why a program could take the file for something else than it begins as."""
    found = []
    if kind not in (Kind.ZIP, Kind.XLSX) and b"PK\x05\x06" in tail:
        found.append("zip")
    if kind is not Kind.PDF and b"%PDF-" in head[:1024]:
        found.append("pdf")
    if kind in (Kind.ZIP, Kind.XLSX) and tail.rfind(b"PK\x05\x06") < len(tail) - 22 - 65_535:
        found.append("appended")
    beginning = head[:1024].lower()
    if kind is not None and any(sign in beginning for sign in FOREIGN[:-1]):
        found.append("markup")
    if kind is None and beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(FOREIGN):
        found.append("markup")
    return found


def text_kind(head: bytes) -> Kind:
    """Text in UTF-8, UTF-16 with its mark, or one byte a letter; without control characters. Raises NotOne."""
    if wide := wide_letters(head):
        text = head[: len(head) & ~1].decode(wide, errors="replace")
    else:
        text = head.decode("utf-8-sig", errors="ignore") if is_utf8(head) else head.decode("latin-1")
    if any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text) or "\x7f" in text:
        raise NotOne("unknown_kind")
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("<?xml", "<!--", "<!DOCTYPE")) or (start.startswith("<") and ">" in start):
        return Kind.XML
    if start[:1] in ("{", "[") and start[1:].lstrip()[:1] in tuple('"{[}]-0123456789tfn'):
        return Kind.JSON
    return Kind.TEXT


def wide_letters(head: bytes) -> str:
    """The UTF-16 this is, by its mark or because every other byte of its beginning is 0; or nothing."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    start = head[: min(len(head), 1024) & ~1]
    if not any(start[1::2]) and all(start[::2]):
        return "utf-16-le"
    return "utf-16-be" if not any(start[::2]) and all(start[1::2]) else ""


def is_utf8(head: bytes) -> bool:
    """Whether this is UTF-8, perhaps cut in the middle of its last letter."""
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return len(head) >= EDGE and error.start > len(head) - 4
    return True
