"""Counts known from elsewhere: those OHDSI's community knows of the Eunomia data, or of a small table of our own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lowcode.engine import Column, Kind, Table, check, compile_query, read
from lowcode.engine.result import Cell, decode

TRIAL = Path(os.environ.get("SUITE_TRIAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
EUNOMIA = TRIAL / "lowcode" / "eunomia_gibleed"
PERSONS = Table(
    "person",
    [
        Column("person_id", Kind.INTEGER, subject=True),
        Column("gender_concept_id", Kind.INTEGER, codes={"8507": "MALE", "8532": "FEMALE"}),
        Column("year_of_birth", Kind.INTEGER),
    ],
)
CONDITIONS = Table(
    "condition_occurrence",
    [
        Column("person_id", Kind.INTEGER, subject=True),
        Column("condition_concept_id", Kind.INTEGER),
        Column("condition_start_date", Kind.DATE),
    ],
)
OWN = """
CREATE TABLE person AS SELECT * FROM (VALUES (1, 8507, 1950), (2, 8532, 1960), (3, 8532, 1970), (4, 8507, 1980))
    AS t(person_id, gender_concept_id, year_of_birth);
CREATE TABLE condition_occurrence AS SELECT * FROM (VALUES
    (1, 192671, DATE '2010-05-01'), (2, 192671, DATE '2010-06-01'), (3, 192671, DATE '2011-01-01'),
    (1, 40481087, DATE '2010-05-01'), (1, 40481087, DATE '2012-05-01'), (2, 40481087, DATE '2010-05-01'),
    (3, 40481087, DATE '2010-05-01'), (1, 4112343, DATE '2010-05-01'), (4, 4112343, DATE '2010-07-01'))
    AS t(person_id, condition_concept_id, condition_start_date);
"""


@dataclass(frozen=True)
class Golden:
    connection: duckdb.DuckDBPyConnection
    genders: tuple[tuple[Cell, ...], ...]
    frequent: tuple[tuple[Cell, ...], ...]
    bleeding: tuple[tuple[Cell, ...], ...]
    worst_year: tuple[Cell, ...]

    def ask(self, table: Table, **parts: Any) -> tuple[tuple[Cell, ...], ...]:
        query = read({"source": {"dataset": table.name}} | parts)
        check(query, table)
        self.connection.execute(f"CREATE OR REPLACE VIEW data AS FROM {table.name}")
        plan = compile_query(query, table)
        return decode(plan.outputs, self.connection.execute(plan.sql()).to_arrow_table().to_pylist()).rows


def own() -> Golden:
    connection = duckdb.connect()
    connection.execute(OWN)
    return Golden(
        connection,
        genders=((8507, 2, 1950, 1980, 1965.0), (8532, 2, 1960, 1970, 1965.0)),
        frequent=((40481087, 4, 3), (192671, 3, 3)),
        bleeding=((3, 3),),
        worst_year=("2010-01-01", 2),
    )


def eunomia() -> Golden:
    """GiBleed: 2,694 people, 479 of them with a gastrointestinal haemorrhage."""
    connection = duckdb.connect()
    for table in (PERSONS, CONDITIONS):
        connection.execute(f"CREATE VIEW {table.name} AS FROM '{EUNOMIA / table.name}.parquet'")
    return Golden(
        connection,
        genders=((8507, 1321, 1909, 1986, 1961.0), (8532, 1373, 1908, 1986, 1961.0)),
        frequent=((40481087, 17268, 2686), (4112343, 10217, 2606)),
        bleeding=((479, 479),),
        worst_year=("2010-01-01", 21),
    )


@pytest.fixture(params=[own, *([eunomia] if EUNOMIA.exists() else [])], ids=lambda make: make.__name__)
def golden(request: pytest.FixtureRequest) -> Golden:
    made: Golden = request.param()
    return made


BLEEDING = {"match": "all", "items": [{"column": "condition_concept_id", "is": "equals", "value": 192671}]}


def test_people_by_gender(golden: Golden) -> None:
    """How many, the oldest and youngest year of birth, and its median, of each."""
    year = [{"of": of, "column": "year_of_birth"} for of in ("minimum", "maximum", "median")]
    assert golden.ask(PERSONS, by=[{"column": "gender_concept_id"}], measures=[{"of": "rows"}, *year]) == golden.genders


def test_most_frequent_conditions(golden: Golden) -> None:
    """The two most recorded, with how many records and how many people."""
    rows = golden.ask(
        CONDITIONS,
        by=[{"column": "condition_concept_id"}],
        measures=[{"of": "rows"}, {"of": "distinct", "column": "person_id"}],
        order=[{"by": "rows", "descending": True}],
        limit=2,
    )
    assert rows == golden.frequent


def test_people_with_a_condition(golden: Golden) -> None:
    """Records and people of one condition."""
    measures = [{"of": "rows"}, {"of": "distinct", "column": "person_id"}]
    assert golden.ask(CONDITIONS, where=BLEEDING, measures=measures) == golden.bleeding


def test_the_year_with_most(golden: Golden) -> None:
    """The year in which the condition began most often."""
    rows = golden.ask(
        CONDITIONS,
        where=BLEEDING,
        by=[{"column": "condition_start_date", "truncate": "year"}],
        measures=[{"of": "rows"}],
        order=[{"by": "rows", "descending": True}],
        limit=1,
    )
    assert rows == (golden.worst_year,)
