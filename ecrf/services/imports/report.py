"""What an import would do, and everything that is wrong with its file: bounded lists, and counts of all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrf import messages
from ecrf.engine.faults import Fault

MOST_FAULTS = 10_000
MOST_WARNINGS = 2_000
MOST_CHANGES = 1_000

Cell = dict[str, Any]
"""``{"row", "column", "code", "message"}``."""


@dataclass
class Report:
    faults: list[Cell] = field(default_factory=list)
    warnings: list[Cell] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    """Fields of records that were there, with their values before and after."""
    counts: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[Any, ...]] = field(default_factory=set, repr=False)

    @property
    def is_right(self) -> bool:
        return not self.counts["faults"]

    def fault(self, row: int | str, column: str, code: str, message: Any) -> None:
        self.note(self.faults, "faults", MOST_FAULTS, row, column, code, message)

    def warn(self, row: int | str, column: str, code: str, message: Any) -> None:
        self.note(self.warnings, "warnings", MOST_WARNINGS, row, column, code, message)

    def note(
        self, into: list[Cell], kind: str, most: int, row: int | str, column: str, code: str, message: Any
    ) -> None:
        """Once for a cell and a code, whoever found it."""
        place = (kind, row, column, code)
        if place in self.seen:
            return
        if len(self.seen) < MOST_FAULTS + MOST_WARNINGS:
            self.seen.add(place)
        self.counts[kind] += 1
        if len(into) < most:
            into.append({"row": row, "column": column, "code": code, "message": str(message)})

    def read(self, faults: Iterable[Fault], warnings: Iterable[Fault]) -> None:
        """What the reader of the file found."""
        for found, note in ((faults, self.fault), (warnings, self.warn)):
            for one in found:
                row, column = one.params.get("row", 0), one.params.get("column", one.place)
                note(row, column, one.code, messages.words(one.code, one.params, of=messages.DATA))

    def change(self, line: Mapping[str, Any]) -> None:
        self.counts["fields"] += 1
        if len(self.changes) < MOST_CHANGES:
            self.changes.append(dict(line))

    def as_data(self) -> dict[str, Any]:
        def by_row(cell: Cell) -> tuple[int, str, str]:
            at = cell["row"]
            return (at, "", cell["column"]) if isinstance(at, int) else (place_of(at), at, cell["column"])

        return {
            "faults": sorted(self.faults, key=by_row),
            "warnings": sorted(self.warnings, key=by_row),
            "changes": self.changes,
        }


def place_of(text: str) -> int:
    """The number in ``line 12`` or ``entry.3``, for the order."""
    digits = re.sub(r"[^0-9]", "", text.partition(".item")[0])
    return int(digits[:9] or 0)
