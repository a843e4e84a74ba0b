"""Random tables with names and texts chosen to hurt, and random queries that suit them."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from lowcode.engine.check import arity, measures_for, operators_for
from lowcode.engine.columns import Column, Kind, Table

NAMES = (
    "âge", "sexe", 'double "quote"', "simple 'quote'", "semi;colon --", "*", "_", "{brace}", "select", "count",
    "a\nb", "data", "${x}", "\\", "%s", "<script>alert(1)</script>", "ligne/*", "é́", "\u202egnp", "n" * 200, "rows",
)  # fmt: skip
TEXTS = (
    "",
    "a",
    "b",
    "A",
    "É",
    "é",
    "x'y",
    'x"y',
    "--",
    ";drop table data",
    "%",
    "_",
    "\\",
    "{0}",
    "\n",
    "Autres",
    "Ω",
)
CELLS: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INTEGER: st.integers(-20, 20),
    Kind.NUMBER: st.integers(-40, 40).map(lambda tenths: tenths / 10),
    Kind.TEXT: st.sampled_from(TEXTS),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.dates(date(2019, 12, 25), date(2021, 1, 8)),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[Table, list[dict[str, Any]]]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique_by=str.casefold))
    columns = [Column(name, draw(st.sampled_from(list(CELLS)))) for name in names]
    row = st.fixed_dictionaries({column.name: st.none() | CELLS[column.kind] for column in columns})
    return Table("data", columns), draw(st.lists(row, max_size=25))


def said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@st.composite
def conditions(draw: st.DrawFn, table: Table) -> dict[str, Any]:
    column = draw(st.sampled_from(list(table.columns)))
    operator = draw(st.sampled_from(operators_for(column.kind)))
    least, most = arity(operator)
    values = [said(value) for value in draw(st.lists(CELLS[column.kind], min_size=least, max_size=min(most, 3)))]
    condition = {"column": column.name, "is": operator}
    if operator == "between":
        return condition | {"values": sorted(values)}
    return condition | ({"values": values} if most > 1 else {"value": values[0]} if values else {})


def groups(table: Table) -> st.SearchStrategy[dict[str, Any]]:
    def group(items: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        match = st.sampled_from(["all", "any", "none"])
        return st.fixed_dictionaries({"match": match, "items": st.lists(items, max_size=3)})

    return group(conditions(table) | group(conditions(table) | group(conditions(table))))


@st.composite
def keys(draw: st.DrawFn, table: Table) -> dict[str, Any]:
    column = draw(st.sampled_from(list(table.columns)))
    classes: list[dict[str, Any]] = [{}]
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        cuts = draw(st.lists(st.integers(-15, 15), min_size=1, max_size=4, unique=True).map(sorted))
        classes += [{"bin": {"width": draw(st.sampled_from([0.1, 0.3, 1, 2.5, 7, 10]))}}, {"bin": {"breaks": cuts}}]
    if column.kind is Kind.DATE:
        classes += [{"truncate": step} for step in ("year", "quarter", "month", "week", "day")]
    if column.kind in (Kind.TEXT, Kind.INTEGER):
        classes.append({"top": draw(st.integers(1, 3))})
    return {"column": column.name} | draw(st.sampled_from(classes))


@st.composite
def measures(draw: st.DrawFn, table: Table) -> dict[str, Any]:
    if draw(st.booleans()):
        return {"of": draw(st.sampled_from(["rows", "share"]))}
    column = draw(st.sampled_from(list(table.columns)))
    of = draw(st.sampled_from(measures_for(column.kind)))
    at = {"at": draw(st.sampled_from([0, 0.1, 0.5, 0.9, 1]))} if of == "quantile" else {}
    return {"of": of, "column": column.name} | at


@st.composite
def questions(draw: st.DrawFn) -> tuple[Table, list[dict[str, Any]], dict[str, Any]]:
    """A table, its rows, and the JSON of a query on it."""
    table, rows = draw(tables())
    asked = {
        "source": {"dataset": "data"},
        "where": draw(groups(table)),
        "by": draw(st.lists(keys(table), max_size=3)),
        "measures": draw(st.lists(measures(table), min_size=1, max_size=4)),
        "limit": 10_000,
    }
    return table, rows, asked
