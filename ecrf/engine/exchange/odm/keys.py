"""Keys from OIDs, and OIDs from keys: the same file gives the same keys every time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

PREFIX = re.compile(r"^(?:ODM[._])?(?:IT|ITEM|IG|I|FORM|F|SE|EVENT|ARM|CL)[._]", re.IGNORECASE)
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
CODE = re.compile(r"[A-Za-z0-9_.-]{1,100}")
LIMIT = 90


def key_of(oid: str) -> str:
    """``ODM.IT.VS.HEIGHT`` is VS_HEIGHT."""
    text = PREFIX.sub("", oid, count=1) or oid
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    key = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_") if not KEY.fullmatch(plain) else plain
    if not KEY.fullmatch(key):
        key = f"k_{key}" if key else "k"
    return key[:LIMIT]


def code_of(code: str, taken: Iterable[str]) -> str:
    """A code of ours for one of the file: itself where it can be."""
    plain = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode()
    found = code if CODE.fullmatch(code) else re.sub(r"[^A-Za-z0-9_.-]+", "_", plain).strip("_")[:LIMIT] or "code"
    return unique(found, {one.lower() for one in taken}) if found != code else found


def unique(key: str, taken: set[str]) -> str:
    """The key, or the first of key_2, key_3… that nobody has, whatever the case."""
    found, number = key, 1
    while found.lower() in taken:
        number += 1
        found = f"{key}_{number}"
    return found
