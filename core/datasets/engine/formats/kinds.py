"""Which program's file this is, by its first bytes; its name is believed by nobody."""

from __future__ import annotations

SAS = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
BEGINNINGS = (
    (b"PAR1", "parquet"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"<stata_dta>", "dta"),
    (SAS, "sas7bdat"),
    (b"HEADER RECORD*******LIB", "xpt"),
    (b"PK\x03\x04", "xlsx"),
)
OLD_STATA = frozenset({105, 108, 110, 111, 113, 114, 115})
"""First byte of Stata's files before version 13: the number of their format."""
OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
TYPES = {
    "integer": "int64", "number": "float64", "text": "string", "date": "date32", "datetime": "timestamp[us]",
    "boolean": "bool", "time": "time64[us]",
}  # fmt: skip
LARGEST = 512 << 20
"""Bytes of such a file: it is read from memory."""


def kind_of(head: bytes) -> str:
    """One of the formats, ``xls`` for Excel's old one, which isn't read, ``csv`` for what is none of them."""
    for beginning, kind in BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head.startswith(OLD_EXCEL):
        return "xls"
    if len(head) > 3 and head[0] in OLD_STATA and head[1] in (1, 2) and head[2] == 1 and head[3] == 0:
        return "dta"
    return "csv"
