"""Whether a query makes sense for a table: columns that exist, operators and measures that suit their kind."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lowcode.engine.columns import NUMERIC, ORDERED, TEMPORAL, Column, Kind, Table
from lowcode.engine.faults import BadQuery, Finding
from lowcode.engine.query import By, Condition, Group, Measure, Query, Scalar, conditions, is_reserved
from lowcode.engine.result import QUANTILES, spread_name
from lowcode.engine.shape import ANY_OPERATORS, MAX_DEPTH, ORDER_OPERATORS, TEXT_OPERATORS

WITHOUT_COLUMN = frozenset({"rows", "share"})
OF_NUMBERS = frozenset({"mean", "median", "sum", "deviation", "quantile", "spread"})
OF_ORDERED = frozenset({"minimum", "maximum"})
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)


def check(query: Query, table: Table) -> None:
    """Raises BadQuery that lists everything wrong with the query for this table."""
    found = [*_filters(query, table), *_keys(query, table), *_measures(query, table), *_names(query), *_order(query)]
    if found:
        raise BadQuery(found)


def operators_for(kind: Kind) -> tuple[str, ...]:
    if kind is Kind.BOOLEAN:
        return ("equals", *ANY_OPERATORS)
    return (*(TEXT_OPERATORS if kind is Kind.TEXT else ORDER_OPERATORS), *ANY_OPERATORS)


def measures_for(kind: Kind) -> tuple[str, ...]:
    measures = ["distinct", "missing"]
    if kind in ORDERED:
        measures += sorted(OF_ORDERED)
    if kind in NUMERIC:
        measures += sorted(OF_NUMBERS)
    return tuple(measures)


def _column(name: str, table: Table, place: str) -> Iterator[Finding]:
    if name not in table.by_name:
        yield Finding(f"{place}.column", "unknown_column", {"column": name})
    elif name in table.unclear:
        yield Finding(f"{place}.column", "unclear_column", {"column": name})


def _filters(query: Query, table: Table) -> Iterator[Finding]:
    if _depth(query.where) > MAX_DEPTH:
        yield Finding("where", "too_deep", {"most": MAX_DEPTH})
    for place, condition in conditions(query.where):
        unknown = list(_column(condition.column, table, place))
        yield from unknown or _condition(condition, table.by_name[condition.column], place)


def _depth(group: Group) -> int:
    return 1 + max((_depth(item) for item in group.items if isinstance(item, Group)), default=0)


def _condition(condition: Condition, column: Column, place: str) -> Iterator[Finding]:
    if condition.operator not in operators_for(column.kind):
        yield Finding(f"{place}.is", "operator_unsuited", {"column": column.title, "kind": column.kind})
        return
    least, most = arity(condition.operator)
    if not least <= len(condition.values) <= most:
        yield Finding(f"{place}.value", "wrong_number_of_values", {"least": least, "most": most})
        return
    wrong = [value for value in condition.values if not suits(value, column.kind)]
    if wrong:
        yield Finding(f"{place}.value", "wrong_value", {"column": column.title, "kind": column.kind})
    elif condition.operator == "between" and low_above_high(condition, column.kind):
        yield Finding(f"{place}.value", "bounds_reversed")


def low_above_high(condition: Condition, kind: Kind) -> bool:
    low, high = (typed(value, kind) for value in condition.values)
    return bool(low > high)


def arity(operator: str) -> tuple[int, int]:
    """The least and the most values that an operator takes."""
    return {"missing": (0, 0), "present": (0, 0), "between": (2, 2), "one_of": (1, 1000), "none_of": (1, 1000)}.get(
        operator, (1, 1)
    )


def suits(value: Scalar, kind: Kind) -> bool:
    """Whether a value from JSON is one of this kind, within what every engine can hold."""
    if kind is Kind.BOOLEAN:
        return isinstance(value, bool)
    if kind in NUMERIC:
        return isinstance(value, int | float) and not isinstance(value, bool) and _holds(value)
    if not isinstance(value, str):
        return False
    if kind is Kind.TEXT:
        return "\0" not in value and not any(0xD800 <= ord(letter) <= 0xDFFF for letter in value)
    pattern = DAY if kind is Kind.DATE else MOMENT
    if not pattern.fullmatch(value):
        return False
    try:
        typed(value, kind)
    except ValueError:
        return False
    return True


def _holds(value: int | float) -> bool:
    return -(2**63) <= value < 2**63 if isinstance(value, int) else math.isfinite(value)


def typed(value: Scalar, kind: Kind) -> Any:
    """The value as the column holds it."""
    if kind is Kind.DATE:
        return date.fromisoformat(str(value))
    if kind is Kind.DATETIME:
        return datetime.fromisoformat(str(value))
    return value


def _keys(query: Query, table: Table) -> Iterator[Finding]:
    for number, key in enumerate(query.by):
        place = f"by.{number}"
        unknown = list(_column(key.column, table, place))
        yield from unknown or _key(key, table.by_name[key.column], place)


def _key(key: By, column: Column, place: str) -> Iterator[Finding]:
    said = {"column": column.title, "kind": column.kind}
    classed = key.width is not None or bool(key.breaks)
    if sum((classed, bool(key.truncate), key.top is not None)) > 1:
        yield Finding(place, "classes_conflict", said)
    if classed and column.kind not in NUMERIC:
        yield Finding(f"{place}.bin", "bin_unsuited", said)
    if key.width is not None and not math.isfinite(key.width):
        yield Finding(f"{place}.bin.width", "out_of_bounds")
    if list(key.breaks) != sorted(set(key.breaks)) or not all(map(_holds, key.breaks)):
        yield Finding(f"{place}.bin.breaks", "breaks_unsorted")
    if (key.truncate and column.kind not in TEMPORAL) or (key.truncate == "hour" and column.kind is Kind.DATE):
        yield Finding(f"{place}.truncate", "truncate_unsuited", said)
    if key.top is not None and column.kind not in (Kind.TEXT, Kind.INTEGER):
        yield Finding(f"{place}.top", "top_unsuited", said)


def _measures(query: Query, table: Table) -> Iterator[Finding]:
    if not query.measures:
        yield Finding("measures", "nothing_measured")
    for number, measure in enumerate(query.measures):
        place = f"measures.{number}"
        yield from _measure(measure, table, place)


def _measure(measure: Measure, table: Table, place: str) -> Iterator[Finding]:
    if (measure.of == "quantile") != (measure.at is not None):
        yield Finding(f"{place}.at", "quantile_at")
    if measure.of in WITHOUT_COLUMN:
        if measure.column:
            yield Finding(f"{place}.column", "column_unneeded")
        return
    if not measure.column:
        yield Finding(f"{place}.column", "required")
        return
    if unknown := list(_column(measure.column, table, place)):
        yield from unknown
    elif measure.of not in measures_for((column := table.by_name[measure.column]).kind):
        yield Finding(f"{place}.of", "measure_unsuited", {"column": column.title, "kind": column.kind})


def _names(query: Query) -> Iterator[Finding]:
    places = [(f"by.{number}.name", key.name) for number, key in enumerate(query.by)]
    for number, measure in enumerate(query.measures):
        spread = [spread_name(measure.name, word) for word in QUANTILES] if measure.of == "spread" else []
        places += [(f"measures.{number}.name", name) for name in (measure.name, *spread)]
    counts = Counter(name for _, name in places)
    for place, name in places:
        if counts[name] > 1:
            yield Finding(place, "name_taken", {"name": name})
        if is_reserved(name):
            yield Finding(place, "name_reserved", {"name": name})


def _order(query: Query) -> Iterator[Finding]:
    spread = {measure.name for measure in query.measures if measure.of == "spread"}
    known = {key.name for key in query.by} | {measure.name for measure in query.measures}
    for number, term in enumerate(query.order):
        if term.by not in known:
            yield Finding(f"order.{number}.by", "unknown_output", {"name": term.by})
        elif term.by in spread:
            yield Finding(f"order.{number}.by", "order_unsuited", {"name": term.by})
