"""A ZIP of Stata files with labels; statuses in place of values are its own kinds of missing, ``.a`` to ``.z``."""

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

NAME, LABEL = 32, 80
RESERVED = frozenset(
    [
        "_all",
        "_b",
        "byte",
        "_coef",
        "_cons",
        "double",
        "float",
        "if",
        "in",
        "int",
        "long",
        "_n",
        "_pi",
        "_pred",
        "_rc",
        "_skip",
        "strl",
        "using",
        "with",
    ]
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    import pyreadstat

    losses: list[Fault] = []
    book = coded_book(book)
    words = statuses(book)
    instead = [code for code, replaces in book.definition.statuses.items() if replaces]
    letters = dict(zip(instead, LETTERS, strict=False))
    losses += [Fault(code, "status_without_code", {}) for code in instead[len(LETTERS) :]]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for table in without_history(tables(book), losses):
            series = frame(table, book, losses)
            for one, name in zip(
                series, names([one.name for one in series], NAME, losses, reserved=RESERVED), strict=True
            ):
                one.name = name

            def cells(one: Series) -> list[Any]:
                values = list(one.values)
                for line, status in one.statuses.items():
                    values[line] = letters.get(status)
                return values

            missing = {
                one.name: sorted({letters[code] for code in one.statuses.values() if code in letters}) for one in series
            }
            labels: dict[str, dict[Any, str]] = {}
            for one in series:
                own: dict[Any, str] = dict(one.labels) if one.column.kind == "choice" else {}
                own |= {letter: words[code] for code, letter in letters.items() if letter in missing[one.name]}
                if own:
                    labels[one.name] = own
            with in_memory() as (path, file):
                pyreadstat.write_dta(
                    data_frame(series, cells),
                    path,
                    file_label=f"{book.study}: {table.name}"[:LABEL],
                    column_labels=[one.label[:LABEL] for one in series],
                    variable_value_labels=labels,
                    missing_user_values={name: held for name, held in missing.items() if held},
                )
                file.seek(0)
                with member(archive, f"{table.name}.dta", book) as target:
                    shutil.copyfileobj(file, target)
    return losses
