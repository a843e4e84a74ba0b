"""What each reader gives: columns, what is said of them, and batches of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

MOST_COLUMNS = 5000
MOST_FAULTS = 200
LONGEST_WHOLE = 2**53
"""Up to it SAS, SPSS and Stata, whose numbers are all floating, tell every whole number from the next."""


@dataclass
class Source:
    """An opened table. `batches` is given how many rows a batch may have, and may be called once."""

    columns: list[dict[str, Any]]
    """{name, type, label, unit, codes, missing_codes} of each."""
    schema: pa.Schema
    batches: Callable[[int], Iterator[pa.RecordBatch]]
    sheets: list[str] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    """What a person should know: {code, ...} with places and counts, never a value."""
    at_once: int = 20_000


class BadCells(Exception):
    """Cells that can't be what their column is: `faults` has the first ones, as {row, column, code, detail}."""

    def __init__(self, faults: list[dict[str, Any]], count: int) -> None:
        super().__init__(f"{count} faults")
        self.faults, self.count = faults, count


class Faults:
    """Gathers them until the end of the file."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.count = 0

    def add(self, row: int, column: str, code: str, detail: str = "") -> None:
        self.count += 1
        if len(self.listed) < MOST_FAULTS:
            self.listed.append({"row": row, "column": column[:200], "code": code, "detail": detail})

    def settle(self) -> None:
        if self.count:
            raise BadCells(self.listed, self.count)


def described(name: str, kind: str, **said: Any) -> dict[str, Any]:
    """One column, with nothing said of it but what is given."""
    return {"name": name, "type": kind, "label": "", "unit": "", "codes": {}, "missing_codes": [], **said}
