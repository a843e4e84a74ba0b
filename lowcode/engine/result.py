"""The result of a query: typed columns, rows of plain values, and the three things a cell can be besides a value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from lowcode.engine.columns import NUMERIC, Kind, Table
from lowcode.engine.query import By, Measure, Query

QUANTILES = {"p05": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "p95": 0.95}
"""What a spread is made of: the box, its middle, and whiskers that show no single person."""


class Special(Enum):
    OTHER = "other"
    """The values outside the most frequent ones."""
    MASKED = "masked"
    """Known, and not shown, because few people stand behind it."""


Cell = str | int | float | bool | None | Special


@dataclass(frozen=True)
class Output:
    """One column of a result."""

    name: str
    role: Literal["key", "measure"]
    kind: Kind
    column: str = ""
    """The title of the dataset's column it is made from."""
    unit: str = ""
    key: By | None = None
    measure: Measure | None = None
    part: str = ""
    """Which quantile of a spread."""
    codes: Mapping[str, str] = field(default_factory=dict)
    identifying: bool = False
    """A key made from the column that names the person."""


@dataclass(frozen=True)
class Result:
    outputs: tuple[Output, ...]
    rows: tuple[tuple[Cell, ...], ...]
    supports: tuple[Mapping[str, int], ...] = ()
    """How many stand behind each row and measure; only where the result is whole."""
    truncated: bool = False

    @property
    def keys(self) -> tuple[Output, ...]:
        return tuple(output for output in self.outputs if output.role == "key")

    @property
    def measures(self) -> tuple[Output, ...]:
        return tuple(output for output in self.outputs if output.role == "measure")

    @property
    def masked(self) -> int:
        return sum(cell is Special.MASKED for row in self.rows for cell in row)

    def to_json(self) -> dict[str, Any]:
        """Rows and supports alone: the columns follow from the query."""
        return {
            "rows": [[_cell_json(cell) for cell in row] for row in self.rows],
            "supports": [dict(support) for support in self.supports],
            "truncated": self.truncated,
        }

    @classmethod
    def from_json(cls, outputs: tuple[Output, ...], raw: Mapping[str, Any]) -> Result:
        rows = tuple(tuple(_cell_from(cell) for cell in row) for row in raw["rows"])
        return cls(outputs, rows, tuple(raw["supports"]), raw["truncated"])


def _cell_json(cell: Cell) -> Any:
    return {"special": cell.value} if isinstance(cell, Special) else cell


def _cell_from(raw: Any) -> Cell:
    return Special(raw["special"]) if isinstance(raw, dict) else raw


def flag_name(key: str) -> str:
    """The hidden column that tells the kept values of a top-n key from the others."""
    return f"_{key}_kept"


def support_name(measure: str = "") -> str:
    return f"_support_{measure}" if measure else "_support"


OF_PARTS = frozenset({"mean", "sum", "deviation"})
"""Measures that tell of a column of noughts and ones how many of each there are."""


def part_name(part: str, measure: str) -> str:
    """How many values of a measure are absent, 0, 1 or else. The name of no measure begins with an underscore."""
    return f"_support__{part}_{measure}"


def spread_name(measure: str, part: str) -> str:
    return f"{measure}_{part}"


def outputs_of(query: Query, table: Table) -> tuple[Output, ...]:
    """The columns of a query's result, in order: keys, then measures."""
    outputs: list[Output] = []
    for key in query.by:
        column = table.by_name[key.column]
        kind = Kind.INTEGER if key.breaks else column.kind
        if key.width is not None and not float(key.width).is_integer():
            kind = Kind.NUMBER
        codes = {} if key.breaks else column.codes
        outputs.append(
            Output(key.name, "key", kind, column.title, column.unit, key=key, codes=codes, identifying=column.subject)
        )
    for measure in query.measures:
        outputs += _outputs_of_measure(measure, table)
    return tuple(outputs)


def _outputs_of_measure(measure: Measure, table: Table) -> list[Output]:
    if not measure.column:
        kind = Kind.INTEGER if measure.of == "rows" else Kind.NUMBER
        return [Output(measure.name, "measure", kind, measure=measure)]
    column = table.by_name[measure.column]
    kind = {"distinct": Kind.INTEGER, "minimum": column.kind, "maximum": column.kind, "sum": column.kind}.get(
        measure.of, Kind.NUMBER
    )
    unit = "" if measure.of in ("distinct", "missing") else column.unit
    plain = Output(measure.name, "measure", kind, column.title, unit, measure=measure)
    if measure.of != "spread":
        return [plain]
    return [replace(plain, name=spread_name(measure.name, part), part=part) for part in QUANTILES]


def decode(outputs: tuple[Output, ...], rows: Iterable[Mapping[str, Any]]) -> Result:
    """Rows as an engine gives them, by column name, made plain."""
    decoded: list[tuple[Cell, ...]] = []
    supports: list[Mapping[str, int]] = []
    for row in rows:
        decoded.append(tuple(_decoded(output, row) for output in outputs))
        support = {name: int(value or 0) for name, value in row.items() if name.startswith("_support")}
        if support:
            supports.append(support)
    return Result(outputs, tuple(decoded), tuple(supports))


def _decoded(output: Output, row: Mapping[str, Any]) -> Cell:
    value = row[output.name]
    if output.key is not None:
        if output.key.top is not None and row[flag_name(output.name)] is False:
            return Special.OTHER
        if output.key.width is not None and value is not None:
            return _plain(float(f"{float(value):.12g}"), output.kind)
    return _plain(value, output.kind)


def _plain(value: Any, kind: Kind) -> Cell:
    match value:
        case None | bool() | str():
            return value
        case datetime():
            text = value.replace(tzinfo=None).isoformat()
            return text[:10] if kind is Kind.DATE else text
        case date():
            return value.isoformat()
        case Decimal():
            value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return int(value) if kind is Kind.INTEGER and isinstance(value, float) else value


def arrange(result: Result, query: Query) -> Result:
    """Order and cut a whole result as the query asks; what is masked comes last, so that its place tells nothing."""
    if not result.outputs:
        return result
    place = {output.name: number for number, output in enumerate(result.outputs)}
    numbers = list(range(len(result.rows)))
    descending = {term.by: term.descending for term in query.order}
    for name in reversed(list(dict.fromkeys([*descending, *(key.name for key in query.by)]))):
        cells = [row[place[name]] for row in result.rows]
        numbers = _sorted(numbers, cells, descending.get(name, False))
    kept = numbers[: query.limit]
    return Result(
        result.outputs,
        tuple(result.rows[number] for number in kept),
        tuple(result.supports[number] for number in kept) if result.supports else (),
        truncated=result.truncated or len(numbers) > query.limit,
    )


def _sorted(numbers: Sequence[int], cells: Sequence[Cell], descending: bool) -> list[int]:
    """A stable sort by one column: values, then «other», then missing, then masked, whichever way it goes."""
    last = {Special.OTHER: 1, None: 2, Special.MASKED: 3}
    values = [number for number in numbers if not _is_last(cells[number])]
    rest = [number for number in numbers if _is_last(cells[number])]
    values.sort(key=lambda number: cells[number], reverse=descending)  # type: ignore[arg-type,return-value]
    return values + sorted(rest, key=lambda number: last[cells[number]])  # type: ignore[index]


def _is_last(cell: Cell) -> bool:
    return cell is None or isinstance(cell, Special)


def is_numeric(output: Output) -> bool:
    return output.kind in NUMERIC
