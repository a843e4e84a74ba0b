"""A ZIP of SPSS files with labels; statuses in place of values are user-missing numbers that say which."""

from __future__ import annotations

import shutil
import zipfile
from typing import IO, Any

from ecrf.engine.exports.book import Book
from ecrf.engine.exports.codebook import statuses
from ecrf.engine.exports.csv import member
from ecrf.engine.exports.frames import Series, coded_book, data_frame, frame, in_memory, without_history
from ecrf.engine.exports.naming import names
from ecrf.engine.exports.tables import tables
from ecrf.engine.faults import Fault

NAME, LABEL = 64, 250
RESERVED = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])


def codes_for(one: Series, instead: list[str]) -> dict[str, int]:
    """Numbers below everything that the column holds, for the statuses in it."""
    used = set(one.statuses.values())
    if not used:
        return {}
    lowest = min((value for value in (*one.values, *one.labels) if value is not None), default=0)
    base = -999
    while lowest <= base + len(instead):
        base = base * 10 - 9
    return {code: base + place for place, code in enumerate(instead) if code in used}


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    import pyreadstat

    losses: list[Fault] = []
    book = coded_book(book)
    words = statuses(book)
    instead = [code for code, replaces in book.definition.statuses.items() if replaces]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for table in without_history(tables(book), losses):
            series = frame(table, book, losses)
            for one, name in zip(
                series, names([one.name for one in series], NAME, losses, reserved=RESERVED), strict=True
            ):
                one.name = name
            codes = {one.name: codes_for(one, instead) for one in series}

            def cells(one: Series, codes: dict[str, dict[str, int]] = codes) -> list[Any]:
                values = list(one.values)
                for line, status in one.statuses.items():
                    values[line] = codes[one.name][status]
                return values

            labels: dict[str, dict[Any, str]] = {}
            for one in series:
                own = dict(one.labels) if one.column.kind == "choice" else {}
                own |= {number: words[code] for code, number in codes[one.name].items()}
                if own:
                    labels[one.name] = {float(number): text[:120] for number, text in own.items()}
            ranges: dict[str, Any] = {
                name: [{"lo": min(held.values()), "hi": max(held.values())}] for name, held in codes.items() if held
            }
            with in_memory() as (path, file):
                pyreadstat.write_sav(
                    data_frame(series, cells),
                    path,
                    file_label=f"{book.study}: {table.name}"[:60],
                    column_labels=[one.label[:LABEL] for one in series],
                    variable_value_labels=labels,
                    missing_ranges=ranges,
                    variable_measure={one.name: "nominal" for one in series if one.labels},
                    row_compress=True,
                )
                file.seek(0)
                with member(archive, f"{table.name}.sav", book) as target:
                    shutil.copyfileobj(file, target)
    return losses
