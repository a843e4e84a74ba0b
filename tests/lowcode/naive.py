"""The query language said again in plain Python loops: slow, obvious, and what the compiler is held to."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from lowcode.engine.check import typed
from lowcode.engine.columns import Kind, Table
from lowcode.engine.query import By, Condition, Group, Measure, Query
from lowcode.engine.result import QUANTILES, Special

Row = dict[str, Any]


def answer(query: Query, table: Table, rows: Sequence[Row]) -> list[list[Any]]:
    """The rows of the result, unordered and without limit."""
    kept = [row for row in rows if holds(query.where, table, row)]
    tops = {key.name: most_frequent(key, kept) for key in query.by if key.top is not None}
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in kept:
        groups.setdefault(tuple(key_of(key, table, row, tops) for key in query.by), []).append(row)
    if not query.by:
        groups.setdefault((), [])
    found = []
    for key, members in groups.items():
        cells = list(key)
        for measure in query.measures:
            cells += measured(measure, members, len(kept))
        found.append(cells)
    return found


def holds(node: Group | Condition, table: Table, row: Row) -> bool:
    if isinstance(node, Condition):
        return condition_holds(node, table.by_name[node.column].kind, row[node.column])
    truths = [holds(item, table, row) for item in node.items]
    if not truths:
        return True
    return {"all": all(truths), "any": any(truths), "none": not any(truths)}[node.match]


def condition_holds(condition: Condition, kind: Kind, cell: Any) -> bool:
    if condition.operator in ("missing", "present"):
        return (cell is None) == (condition.operator == "missing")
    if cell is None:
        return False
    values = [typed(value, kind) for value in condition.values]
    value = values[0]
    match condition.operator:
        case "equals":
            return cell == value
        case "differs":
            return cell != value
        case "one_of":
            return cell in values
        case "none_of":
            return cell not in values
        case "less":
            return cell < value
        case "at_most":
            return cell <= value
        case "more":
            return cell > value
        case "at_least":
            return cell >= value
        case "between":
            return value <= cell <= values[1]
        case "contains":
            return value.lower() in cell.lower()
        case "starts_with":
            return cell.lower().startswith(value.lower())
        case "ends_with":
            return cell.lower().endswith(value.lower())
    raise ValueError(condition.operator)


def most_frequent(key: By, rows: Sequence[Row]) -> set[Any]:
    counts = Counter(row[key.column] for row in rows if row[key.column] is not None)
    return {value for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: key.top]}


def key_of(key: By, table: Table, row: Row, tops: dict[str, set[Any]]) -> Any:
    cell = row[key.column]
    if cell is None:
        return None
    if key.top is not None:
        return cell if cell in tops[key.name] else Special.OTHER
    if key.width is not None:
        if table.by_name[key.column].kind is Kind.INTEGER and float(key.width).is_integer():
            return cell // int(key.width) * int(key.width)
        return float(f"{math.floor(round(cell / key.width, 9)) * key.width:.12g}")
    if key.breaks:
        return sum(cell >= cut for cut in key.breaks)
    if isinstance(cell, date):
        return truncated(cell, key.truncate).isoformat()
    return cell


def truncated(day: date, step: str) -> date:
    match step:
        case "year":
            return day.replace(month=1, day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "month":
            return day.replace(day=1)
        case "week":
            return day - timedelta(days=day.weekday())
    return day


def measured(measure: Measure, rows: Sequence[Row], kept: int) -> list[Any]:
    if measure.of == "rows":
        return [len(rows)]
    if measure.of == "share":
        return [len(rows) / kept if kept else None]
    cells = [row[measure.column] for row in rows]
    known = [cell for cell in cells if cell is not None]
    if measure.of == "spread":
        return [quantile(known, at) for at in QUANTILES.values()]
    return [statistic(measure, cells, known)]


def statistic(measure: Measure, cells: list[Any], known: list[Any]) -> Any:
    match measure.of:
        case "distinct":
            return len(set(known))
        case "missing":
            return sum(cell is None for cell in cells) / len(cells) if cells else None
        case "deviation":
            return statistics.stdev(known) if len(known) > 1 else None
        case "quantile":
            return quantile(known, measure.at)
    if not known:
        return None
    plain = {"mean": statistics.fmean, "median": statistics.median, "sum": math.fsum, "minimum": min, "maximum": max}
    value = plain[measure.of](known)
    return value.isoformat() if isinstance(value, date) else value


def quantile(known: list[Any], at: float | None) -> float | None:
    """Linear between the two nearest (type 7 of Hyndman and Fan, The American Statistician 1996; 50:361-365)."""
    if not known or at is None:
        return None
    ordered = sorted(known)
    place = at * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
