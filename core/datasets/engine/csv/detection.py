"""Guess how a CSV file is written and what its columns are, from its first megabyte."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.datasets.engine.csv.values import MISSING, Notation, readers

SAMPLE = 1 << 20
"""Bytes that are looked at."""
SAMPLE_ROWS = 2000
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "mac-roman")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
USUAL = frozenset("éèêëàâäçîïôöùûüœñ«»’°€É")
ORDER = ("boolean", "integer", "number", "date", "datetime")
"""Types from the narrowest on; what fits none is text."""


@dataclass(frozen=True)
class Dialect:
    """How the file is written."""

    encoding: str
    delimiter: str
    header: bool
    notation: Notation


@dataclass(frozen=True)
class Column:
    """What is made of a column."""

    name: str
    type: str


@dataclass(frozen=True)
class Detected:
    """The guess, and the first rows as they are written."""

    dialect: Dialect
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def detect(sample: bytes) -> Detected:
    """Never raises: what can't be read is left to the parser, which tells each fault with its place."""
    encoding = encoding_of(sample)
    text = decode(sample, encoding)
    delimiter = delimiter_of(text, whole=len(sample) < SAMPLE)
    rows = read_rows(text, delimiter, whole=len(sample) < SAMPLE)
    header = has_header(rows)
    body = rows[1:] if header else rows
    notation = notation_of(body)
    dialect = Dialect(encoding, delimiter, header, notation)
    titles = rows[0] if rows and header else []
    width = len(titles) if titles else max((len(row) for row in rows), default=0)
    return Detected(dialect, columns_of(titles, body, width, notation), tuple(tuple(row) for row in body[:50]))


def again(sample: bytes, dialect: Dialect) -> Detected:
    """The columns as a corrected dialect shows them."""
    whole = len(sample) < SAMPLE
    rows = read_rows(decode(sample, dialect.encoding), dialect.delimiter, whole=whole)
    body, titles = (rows[1:], rows[0]) if rows and dialect.header else (rows, [])
    width = len(titles) if titles else max((len(row) for row in rows), default=0)
    columns = columns_of(titles, body, width, dialect.notation)
    return Detected(dialect, columns, tuple(tuple(row) for row in body[:50]))


def encoding_of(sample: bytes) -> str:
    """UTF-8 where it fits, UTF-16 by its mark or its zeros, otherwise Windows-1252 or Mac Roman by their letters.

    Statistics over many encodings were tried and took short French files of Windows for Mac Roman.
    """
    for mark, name in BOMS:
        if sample.startswith(mark):
            return name
    if fits_utf8(sample):
        return "utf-8"
    zeros = sample[0::2].count(0), sample[1::2].count(0)
    if max(zeros) > len(sample) / 5:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return max(("cp1252", "mac-roman"), key=lambda name: usual_letters(sample, name))


def usual_letters(sample: bytes, encoding: str) -> int:
    """How many letters with an accent of small French print there are, less what is seldom beside them."""
    beyond_ascii = [sign for sign in sample.decode(encoding, "replace") if sign > "\x7f"]
    return sum(1 if sign in USUAL else -1 for sign in beyond_ascii)


def fits_utf8(sample: bytes) -> bool:
    """Whether it is UTF-8 up to a last character that the end of the sample may have cut, and no UTF-16 of ASCII."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return text.count("\0") < len(text) / 10


def decode(sample: bytes, encoding: str) -> str:
    """The text; what isn't of this encoding is marked, not lost."""
    return codecs.getincrementaldecoder(encoding)(errors=marking(encoding)).decode(sample)


def marking(encoding: str) -> str:
    """The error handler after which wrong bytes are found again in their cell."""
    return "replace" if encoding.startswith("utf-16") else "surrogateescape"


def read_rows(text: str, delimiter: str, *, whole: bool) -> list[list[str]]:
    """The first rows; the last one is left out where the sample may have cut it."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if row:
                rows.append([cell.strip() for cell in row])
            if len(rows) > SAMPLE_ROWS:
                break
    except csv.Error:
        return rows
    return rows if whole or len(rows) > SAMPLE_ROWS or len(rows) < 2 else rows[:-1]


def delimiter_of(text: str, *, whole: bool) -> str:
    """The sign that cuts most rows into the same number of cells, two or more."""
    best, best_score = DELIMITERS[0], 0.0
    for delimiter in DELIMITERS:
        rows = read_rows(text[: SAMPLE // 8], delimiter, whole=whole and len(text) <= SAMPLE // 8)[:200]
        if not rows:
            continue
        width, count = Counter(map(len, rows)).most_common(1)[0]
        score = (count / len(rows)) * (1 + min(width, 50) / 100) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is made of names: no cell of it reads as a number or a date."""
    if not rows:
        return False
    narrow = readers(Notation()) | {"comma": readers(Notation(decimal=","))["number"]}
    del narrow["text"], narrow["boolean"]
    return not any(fits([cell], read) for cell in rows[0] for read in narrow.values())


def notation_of(rows: Sequence[Sequence[str]]) -> Notation:
    """The decimal sign and the order of day and month with which more columns read as numbers and dates."""
    columns = [[row[index] for row in rows if index < len(row)] for index in range(max(map(len, rows), default=0))]
    notation = Notation()
    if fitting(columns, Notation(decimal=","), "number") > fitting(columns, notation, "number"):
        notation = Notation(decimal=",")
    month_first = replace(notation, day_first=False)
    dates = ("date", "datetime")
    return month_first if fitting(columns, month_first, *dates) > fitting(columns, notation, *dates) else notation


def fitting(columns: Sequence[Sequence[str]], notation: Notation, *types: str) -> int:
    """How many columns read as one of these types."""
    read = readers(notation)
    return sum(any(fits(column, read[name]) for name in types) for column in columns)


def columns_of(
    titles: Sequence[str], rows: Sequence[Sequence[str]], width: int, notation: Notation
) -> tuple[Column, ...]:
    """A name and the narrowest type for each column; one without a title is named by its place."""
    read = readers(notation)
    found = []
    for index in range(width):
        cells = [row[index] for row in rows if index < len(row)]
        type_ = next((name for name in ORDER if fits(cells, read[name])), "text")
        title = printable(titles[index]) if index < len(titles) else ""
        found.append(Column(title or f"column_{index + 1}", type_))
    return tuple(found)


def printable(text: str) -> str:
    """A title on one line; what was no text of the encoding shows as question marks."""
    return " ".join(text.replace("\0", " ").split()).encode("utf-8", "replace").decode()


def fits(cells: Sequence[str], read: object) -> bool:
    """Whether every cell that has a value reads as this type, and one at least has a value."""
    assert callable(read)
    values = [cell for cell in cells if cell not in MISSING]
    try:
        for value in values:
            read(value)
    except ValueError:
        return False
    return bool(values)
