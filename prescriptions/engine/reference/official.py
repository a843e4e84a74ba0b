"""The official files of the Base de données publique des médicaments: tables of text without a header, row by row.

Encodings (UTF-8 or cp1252) and line ends differ between the files and inside them. What comes in is a stranger's:
sizes, rows and columns are bounded, and every fault names its file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

LARGEST = 64 << 20
"""Bytes of one file, unpacked. The largest of 2026 has 4 MB."""
ROWS = 500_000
COLUMNS = 40
CELL = 20_000
"""Characters of one cell."""
ENDS = re.compile(r"\r\n|\n|\r")
CODE = re.compile(r"\d{8}", re.ASCII)


class Unreadable(ValueError):
    """The files are not there, or not what their names say; the message names file and line."""


class Speciality(NamedTuple):
    """CIS_bdpm."""

    cis: str
    label: str
    form: str
    routes: str
    status: str
    procedure: str
    marketed: str
    since: str
    warning: str
    european: str
    holders: str
    watched: str


class Component(NamedTuple):
    """CIS_COMPO_bdpm. `nature` is SA (substance) or FT (therapeutic fraction); equal `link`s belong together."""

    cis: str
    element: str
    code: str
    name: str
    amount: str
    per: str
    nature: str
    link: str


class Box(NamedTuple):
    """CIS_CIP_bdpm."""

    cis: str
    cip7: str
    label: str
    status: str
    marketed: str
    since: str
    cip13: str
    collectivities: str
    rate: str
    price: str


class Generic(NamedTuple):
    """CIS_GENER_bdpm. `kind` is 0 for the original, else a generic."""

    group: str
    label: str
    cis: str
    kind: str


class Condition(NamedTuple):
    """CIS_CPD_bdpm."""

    cis: str
    text: str


class Shortage(NamedTuple):
    """CIS_CIP_Dispo_Spec. `kind` is 1 out of stock, 2 tension, 3 ended, 4 available again."""

    cis: str
    cip13: str
    kind: str
    label: str
    start: str
    updated: str
    back: str


class Major(NamedTuple):
    """CIS_MITM: medicines of major therapeutic interest, the one official source of ATC codes."""

    cis: str
    atc: str
    label: str


class Opinion(NamedTuple):
    """CIS_HAS_SMR_bdpm."""

    cis: str
    dossier: str
    motive: str
    date: str
    value: str


class Improvement(NamedTuple):
    """CIS_HAS_ASMR_bdpm. `value` is from I (major) to V (none)."""

    cis: str
    dossier: str
    motive: str
    date: str
    value: str


Row = TypeVar("Row", bound=NamedTuple)
STEMS: dict[type, str] = {
    Speciality: "CIS_bdpm", Component: "CIS_COMPO_bdpm", Box: "CIS_CIP_bdpm", Generic: "CIS_GENER_bdpm",
    Condition: "CIS_CPD_bdpm", Shortage: "CIS_CIP_Dispo_Spec", Major: "CIS_MITM", Opinion: "CIS_HAS_SMR_bdpm",
    Improvement: "CIS_HAS_ASMR_bdpm",
}  # fmt: skip
"""What a row is -> the name of its file. All but the first two may be missing."""
NEEDED = (Speciality, Component)
SHORT = {Box: 7, Shortage: 6}
"""Columns that a row has at least, where its last ones may be left out."""


def read(files: Mapping[str, bytes], kind: type[Row]) -> Iterator[Row]:
    """The rows of a file; none where it isn't there and isn't needed. Raises Unreadable, at the first wrong line."""
    stem = STEMS[kind]
    name = f"{stem}.txt"
    if stem not in files:
        if kind in NEEDED:
            raise Unreadable(f"{name} is missing")
        return
    fields: tuple[str, ...] = kind._fields
    most, least, key = len(fields), SHORT.get(kind, len(fields)), fields.index("cis")
    for number, line in enumerate(ENDS.split(_decoded(files[stem], name)), 1):
        if not line.strip():
            continue
        if number > ROWS:
            raise Unreadable(f"{name} has more than {ROWS} lines")
        cells = [cell.strip() for cell in line.split("\t", COLUMNS)]
        if not least <= len(cells) <= COLUMNS or not CODE.fullmatch(cells[key]):
            raise Unreadable(f"{name}, line {number}: {least} columns with a CIS code (8 digits) are expected")
        if max(map(len, cells)) > CELL:
            raise Unreadable(f"{name}, line {number}: a cell has more than {CELL} characters")
        yield kind._make([*cells[:most], *[""] * (most - len(cells))])


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 where it is that, otherwise cp1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(f"{name}, line {line}: neither UTF-8 nor cp1252") from error
