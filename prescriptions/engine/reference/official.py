"""The official files of the Base de données publique des médicaments: tables of text without a header, row by row.

Encodings (UTF-8 or cp1252) and line ends differ between the files and inside them. What comes in is a stranger's:
sizes, rows and columns are bounded, and every fault names its file and line.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

LARGEST = 64 << 20
"""Bytes of one file, unpacked. The largest of 2026 has 4 MB."""
ALL = 256 << 20
"""Bytes of all files together."""
ROWS = 500_000
COLUMNS = 40
CELL = 20_000
"""Characters of one cell."""
MEMBERS = 200
"""Files in an archive."""
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


Row = TypeVar("Row", bound=NamedTuple)
STEMS: dict[type, str] = {
    Speciality: "CIS_bdpm", Component: "CIS_COMPO_bdpm", Box: "CIS_CIP_bdpm", Generic: "CIS_GENER_bdpm",
    Condition: "CIS_CPD_bdpm", Shortage: "CIS_CIP_Dispo_Spec", Major: "CIS_MITM", Opinion: "CIS_HAS_SMR_bdpm",
}  # fmt: skip
"""What a row is -> the name of its file. All but the first two may be missing."""
NEEDED = (Speciality, Component)
SHORT = {Box: 7, Shortage: 6}
"""Columns that a row has at least, where its last ones may be left out."""


def read_files(path: Path) -> dict[str, bytes]:
    """Stem -> bytes of each official file in a folder or a ZIP archive, unpacked. Raises Unreadable."""
    try:
        return _archived(path.read_bytes(), path.name) if path.is_file() else _in_folder(path)
    except OSError as error:
        raise Unreadable(f"{path.name}: {error.strerror or error}") from error


def archived(data: bytes, name: str = "archive") -> dict[str, bytes]:
    """The same from the bytes of a ZIP archive. Raises Unreadable."""
    return _archived(data, name)


def _in_folder(folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for stem in STEMS.values():
        for ending in (".txt", ".txt.gz"):
            path = folder / f"{stem}{ending}"
            if not path.is_file():
                continue
            if path.stat().st_size > LARGEST:
                raise Unreadable(f"{path.name} is larger than {LARGEST >> 20} MB")
            found[stem] = _unpacked(path.read_bytes(), path.name) if ending.endswith("gz") else path.read_bytes()
            break
    return _bounded(found)


def _archived(data: bytes, name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    wanted = {f"{stem}{ending}": stem for stem in STEMS.values() for ending in (".txt", ".txt.gz")}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MEMBERS:
                raise Unreadable(f"{name} holds more than {MEMBERS} files")
            for member in archive.infolist():
                own = member.filename.rpartition("/")[2]
                if (stem := wanted.get(own)) is None or stem in found:
                    continue
                with archive.open(member) as stream:
                    content = stream.read(LARGEST + 1)
                if len(content) > LARGEST:
                    raise Unreadable(f"{own} is larger than {LARGEST >> 20} MB")
                found[stem] = _unpacked(content, own) if own.endswith("gz") else content
                _bounded(found)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"{name} is no ZIP archive that can be opened: {error}") from error
    return found


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{name} is no gzip file: {error}") from error
    if len(content) > LARGEST:
        raise Unreadable(f"{name} unfolds to more than {LARGEST >> 20} MB")
    return content


def _bounded(found: dict[str, bytes]) -> dict[str, bytes]:
    if sum(map(len, found.values())) > ALL:
        raise Unreadable(f"the files together are larger than {ALL >> 20} MB")
    return found


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
        yield kind(*cells[:most], *[""] * (most - len(cells)))


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


NUMBER = re.compile(r"\d[\d\s.,]*", re.ASCII)


def number(text: str) -> float | None:
    """A number as these files write them: `1,00`, `1 000`, `1.234,56` and, where a comma marks thousands, `1,234,56`."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return None
    digits = re.sub(r"\s", "", text).rstrip(".,")
    signs = [sign for sign in digits if sign in ".,"]
    if len(signs) > 1 and (signs[-1] == "," or len(set(signs)) > 1):
        whole, _, rest = digits.rpartition(signs[-1])
        return float(re.sub(r"[.,]", "", whole) + "." + rest)
    if len(signs) > 1 or (signs == ["."] and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits)):
        return float(digits.replace(".", ""))
    return float(digits.replace(",", "."))
