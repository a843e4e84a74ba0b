"""What the engine knows of a table: its columns, their kinds and the words people use for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER})
TEMPORAL = frozenset({Kind.DATE, Kind.DATETIME})
ORDERED = NUMERIC | TEMPORAL

IBIS_TYPES = {
    Kind.INTEGER: "int64",
    Kind.NUMBER: "float64",
    Kind.TEXT: "string",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamp",
}


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    label: str = ""
    unit: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Words for coded values, by the text of the code."""
    subject: bool = False
    """Identifies the person a row is about: small counts are then counts of people, not of rows."""

    @property
    def title(self) -> str:
        return self.label or self.name


@dataclass(frozen=True)
class Table:
    name: str
    columns: Sequence[Column]
    title: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def unclear(self) -> frozenset[str]:
        """Columns whose names differ only by case, which SQL engines can't tell apart."""
        seen: dict[str, list[str]] = {}
        for column in self.columns:
            seen.setdefault(column.name.casefold(), []).append(column.name)
        return frozenset(name for names in seen.values() if len(names) > 1 for name in names)

    @property
    def subject(self) -> Column | None:
        return next((column for column in self.columns if column.subject), None)
