"""A ZIP of SAS transport files, version 5 (names of 8 signs, texts of 200 bytes) and version 8, and their formats.

Transport files hold no labels of values and no kinds of missing: a SAS program beside them brings the labels, statuses
stay in their own columns.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Literal

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.csv import member
from ecrf.engine.exports.frames import Series, coded_book, data_frame, frame, in_memory, without_history
from ecrf.engine.exports.naming import names
from ecrf.engine.exports.tables import tables
from ecrf.engine.faults import Fault

LIMITS: dict[Literal[5, 8], tuple[int, int, int]] = {5: (8, 40, 200), 8: (32, 256, 32767)}
"""Version -> the longest name, label and text (bytes)."""


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    losses: list[Fault] = []
    book = coded_book(book)
    program: list[str] = ["proc format;"]
    uses: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        found = without_history(tables(book), losses)
        short = dict(
            zip((table.name for table in found), names([t.name for t in found], 8, losses, upper=True), strict=True)
        )
        for table in found:
            series = frame(table, book, losses)
            wanted = [one.name for one in series]
            if any(one.statuses for one in series):
                losses.append(Fault(table.name, "statuses_beside", {}))
            losses += cut(series, table.name, LIMITS[5][2])
            for version, (longest, _label, _most) in LIMITS.items():
                told = losses if version == 5 else []
                for one, name in zip(series, names(wanted, longest, told, upper=version == 5), strict=True):
                    one.name = name
                name = short[table.name] if version == 5 else table.name[:32]
                with member(archive, f"v{version}/{table.name}.xpt", book) as target:
                    one_file(series, target, name, version)
            formats = list(value_formats(series, len(program)))
            program += [text for _, text in formats]
            uses.append(f"data {table.name[:32]}; set {table.name[:32]};")
            uses += [f"  format {name} {format_}.;" for (name, format_), _ in formats]
            uses.append("run;")
        with member(archive, "formats.sas", book) as target:
            target.write("\n".join([*program, "run;", *uses, ""]).encode())
    return losses


def one_file(series: list[Series], target: IO[bytes], name: str, version: Literal[5, 8]) -> None:
    import pyreadstat

    _name, label, most = LIMITS[version]

    def cells(one: Series) -> list[Any]:
        return [fitting(value, most) for value in one.values]

    with in_memory() as (path, file):
        pyreadstat.write_xport(
            data_frame(series, cells),
            path,
            table_name=name,
            file_format_version=version,
            column_labels=[one.label.encode()[:label].decode(errors="ignore") for one in series],
        )
        file.seek(0)
        shutil.copyfileobj(file, target)


def cut(series: list[Series], table: str, most: int) -> Iterator[Fault]:
    """The columns in which a text is longer than version 5 takes."""
    for one in series:
        if any(isinstance(value, str) and len(value.encode()) > most for value in one.values):
            yield Fault(f"{table}.{one.column.name}", "text_cut", {"limit": most})


def fitting(value: Any, most: int) -> Any:
    """A text of so many bytes at most."""
    return value.encode()[:most].decode(errors="ignore") if isinstance(value, str) else value


def value_formats(series: list[Series], begin: int) -> Iterator[tuple[tuple[str, str], str]]:
    """The column and its format, and the text that makes the format."""
    for number, one in enumerate(series):
        if one.column.kind != "choice" or one.column.part:
            continue
        name = f"F{begin}_{number}F"
        lines = [f"    {code} = {quoted(words)}" for code, words in one.labels.items()]
        yield (one.name, name), "\n".join([f"  value {name}", *lines, "  ;"])


def quoted(words: str) -> str:
    clean = re.sub(r"\s+", " ", words).replace("'", "''")
    return f"'{clean}'"
