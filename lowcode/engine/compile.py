"""A checked query becomes one Ibis expression: no SQL text is ever put together here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lowcode.engine.check import typed
from lowcode.engine.columns import IBIS_TYPES, Column, Kind, Table
from lowcode.engine.query import By, Condition, Group, Measure, Query, Scalar
from lowcode.engine.result import (
    OF_PARTS,
    QUANTILES,
    Output,
    flag_name,
    outputs_of,
    part_name,
    spread_name,
    support_name,
)
from lowcode.engine.trace import COLUMN, IBIS, Program, Step, value_of

VIEW = "data"
TRUNCATE = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D", "hour": "h"}
COUNT = "_rows"


@dataclass(frozen=True)
class Plan:
    """What a query compiles to."""

    expression: Any
    """An `ibis.Table`, unbound: it names one table, ``data``."""
    outputs: tuple[Output, ...]
    python: str
    """The statements that make `result` from `data`."""

    def sql(self, dialect: str = "duckdb", most: int | None = None) -> str:
        """The SQL of one engine, "duckdb" or "postgres"; of its first rows where `most` says how many."""
        expression = self.expression if most is None else self.expression.limit(most)
        import ibis  # slow to import: see lowcode.engine.trace.Late

        return str(ibis.to_sql(expression, dialect=dialect))


def compile_query(query: Query, table: Table, *, supports: bool = False) -> Plan:
    """The plan of a query that `check` has accepted.

    With `supports`, each row also says how many people (or rows, where the table names no person) stand behind it and
    behind each of its measures; order and limit are then left to who masks, since they must not choose what is masked.
    """
    import ibis  # slow to import: see lowcode.engine.trace.Late

    program = Program()
    unbound = ibis.table({column.name: IBIS_TYPES[column.kind] for column in table.columns}, name=VIEW)
    rows = Step(unbound, VIEW)
    if query.where.items:
        rows = program.let("rows", rows.filter(*_conditions(query.where, table)))
    rows, keys = _keys(query, table, rows, program)
    measures = _measures(query)
    if supports:
        measures |= _supports(query, table)
    shared = [measure.name for measure in query.measures if measure.of == "share"]
    if shared:
        measures[COUNT] = COLUMN.count()
    result = (rows.group_by(**keys) if keys else rows).aggregate(**measures)
    if shared:
        whole = COLUMN[COUNT].sum().nullif(0)
        result = result.mutate(**dict.fromkeys(shared, COLUMN[COUNT] / whole))
    outputs = outputs_of(query, table)
    if shared:
        hidden = [*keys, *_supports(query, table)] if supports else list(keys)
        names = dict.fromkeys([*hidden, *(output.name for output in outputs)])
        result = result.select(*names)
    if not supports:
        result = _ordered(query, result).limit(query.limit)
    result = program.let("result", result)
    return Plan(value_of(result), outputs, "\n".join(program.lines))


# Filters


def _conditions(where: Group, table: Table) -> list[Step]:
    """What must hold all together, one by one where the filter is a plain list."""
    if where.match != "all":
        return [_group(where, table, negated=False)]
    return [_part(item, table, negated=False) for item in where.items]


def _part(item: Group | Condition, table: Table, negated: bool) -> Step:
    return _group(item, table, negated) if isinstance(item, Group) else _condition(item, table, negated)


def _group(group: Group, table: Table, negated: bool) -> Step:
    """Missing values hold no condition; inside a «none of», where that would be turned round, it is said explicitly."""
    negated = negated or group.match == "none"
    parts = [_part(item, table, negated) for item in group.items]
    if not parts:
        return IBIS.literal(True)
    whole = parts[0]
    for part in parts[1:]:
        whole = whole & part if group.match == "all" else whole | part
    return ~whole if group.match == "none" else whole


def _condition(condition: Condition, table: Table, negated: bool) -> Step:
    column = table.by_name[condition.column]
    cell = COLUMN[column.name]
    if condition.operator == "missing":
        return cell.isnull()
    if condition.operator == "present":
        return cell.notnull()
    values = [_literal(value, column.kind) for value in condition.values]
    held = CONDITIONS[condition.operator](cell, values)
    return held.fill_null(False) if negated else held


def _literal(value: Scalar, kind: Kind) -> Any:
    if kind is Kind.DATE:
        return IBIS.date(str(value))
    if kind is Kind.DATETIME:
        return IBIS.timestamp(str(typed(value, kind)))
    return value


CONDITIONS: dict[str, Callable[[Step, list[Any]], Step]] = {
    "equals": lambda cell, values: cell == values[0],
    "differs": lambda cell, values: cell != values[0],
    "less": lambda cell, values: cell < values[0],
    "at_most": lambda cell, values: cell <= values[0],
    "more": lambda cell, values: cell > values[0],
    "at_least": lambda cell, values: cell >= values[0],
    "between": lambda cell, values: cell.between(values[0], values[1]),
    "one_of": lambda cell, values: cell.isin(values),
    "none_of": lambda cell, values: cell.notin(values),
    "contains": lambda cell, values: cell.lower().contains(IBIS.literal(values[0]).lower()),
    "starts_with": lambda cell, values: cell.lower().startswith(IBIS.literal(values[0]).lower()),
    "ends_with": lambda cell, values: cell.lower().endswith(IBIS.literal(values[0]).lower()),
}


# Grouping


def _keys(query: Query, table: Table, rows: Step, program: Program) -> tuple[Step, dict[str, Step]]:
    """The rows, with what the keys need added, and the keys by output name."""
    keys: dict[str, Step] = {}
    kept: dict[str, Step] = {}
    for key in query.by:
        column = table.by_name[key.column]
        if key.top is None:
            keys[key.name] = _classes(key, column)
            continue
        ranked = (
            rows.filter(COLUMN[column.name].notnull())
            .group_by(value=COLUMN[column.name])
            .aggregate(count=COLUMN.count())
            .order_by([IBIS.desc("count"), "value"])
            .limit(key.top)
        )
        flag = flag_name(key.name)
        found = COLUMN[column.name].isin(program.let(f"top_{key.name}", ranked)["value"])
        # Said explicitly: in SQL, NULL IN (an empty list) is false, not unknown.
        kept[flag] = COLUMN[column.name].isnull().ifelse(IBIS.null("boolean"), found)
        keys[key.name] = COLUMN[flag].ifelse(COLUMN[column.name], IBIS.null(IBIS_TYPES[column.kind]))
        keys[flag] = COLUMN[flag]
    if kept:
        rows = program.let("kept", rows.mutate(**kept))
    return rows, keys


def _classes(key: By, column: Column) -> Step:
    cell = COLUMN[column.name]
    if key.width is not None:
        if column.kind is Kind.INTEGER and float(key.width).is_integer():
            return (cell // int(key.width)) * int(key.width)
        # A billionth of a class forgives that 0.3 / 0.1 is 2.9999999999999996.
        return (cell / float(key.width)).round(9).floor() * float(key.width)
    if key.breaks:
        return cell.bucket(list(key.breaks), include_under=True, include_over=True, close_extreme=False)
    if key.truncate and not (key.truncate == "day" and column.kind is Kind.DATE):
        return cell.truncate(TRUNCATE[key.truncate])
    return cell


# Measures


def _measures(query: Query) -> dict[str, Step]:
    made: dict[str, Step] = {}
    for measure in query.measures:
        if measure.of == "spread":
            for word, at in QUANTILES.items():
                made[spread_name(measure.name, word)] = COLUMN[measure.column].quantile(at)
        elif measure.of != "share":
            made[measure.name] = _measure(measure)
    return made


def _measure(measure: Measure) -> Step:
    if measure.of == "rows":
        return COLUMN.count()
    cell = COLUMN[measure.column]
    match measure.of:
        case "distinct":
            return cell.nunique()
        case "mean":
            return cell.mean()
        case "median":
            return cell.median()
        case "minimum":
            return cell.min()
        case "maximum":
            return cell.max()
        case "sum":
            return cell.sum()
        case "deviation":
            return cell.std()
        case "quantile" if measure.at is not None:
            return cell.quantile(float(measure.at))
        case "missing":
            return cell.isnull().mean()
    raise ValueError(measure.of)


def _supports(query: Query, table: Table) -> dict[str, Step]:
    """How many stand behind each row, and behind each measure that leaves missing values out."""
    subject = table.subject
    supports = {support_name(): COLUMN[subject.name].nunique() if subject else COLUMN.count()}
    for measure in query.measures:
        if not measure.column:
            continue
        known = COLUMN[measure.column].notnull()
        name = support_name(measure.name)
        supports[name] = COLUMN[subject.name].nunique(where=known) if subject else COLUMN[measure.column].count()
        if measure.of in ("missing", "sum"):
            supports[part_name("absent", measure.name)] = _people(subject, COLUMN[measure.column].isnull())
        if measure.of in OF_PARTS:
            cell = COLUMN[measure.column]
            parts = {"no": cell == 0, "yes": cell == 1, "else": cell.notin([0, 1])}
            supports |= {part_name(part, measure.name): _people(subject, where) for part, where in parts.items()}
    return supports


def _people(subject: Column | None, where: Step) -> Step:
    """How many people, or rows where nobody is told apart, fulfil a condition."""
    return COLUMN[subject.name].nunique(where=where) if subject else where.sum()


# Order


def _ordered(query: Query, result: Step) -> Step:
    """As asked, then by the keys, so that the same query always gives the same rows in the same order."""
    descending = {term.by: term.descending for term in query.order}
    flagged = {key.name: flag_name(key.name) for key in query.by if key.top is not None}
    terms: list[Any] = []
    for name in dict.fromkeys([*descending, *(key.name for key in query.by)]):
        if name in flagged:
            terms.append(IBIS.desc(flagged[name]))
        terms.append(IBIS.desc(name) if descending.get(name) else name)
    return result.order_by(terms) if terms else result
