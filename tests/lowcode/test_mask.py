"""Small counts: hidden, and not to be found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcode.engine import Column, Kind, Table, check, compile_query, read
from lowcode.engine.mask import mask
from lowcode.engine.result import Result, Special
from tests.lowcode.running import run

LETTERS = {letter: letter for letter in "abcdefghijklmnopqrstuvwxyz"}
"""Codes: what stands in such a column is known beforehand."""
TABLE = Table(
    "data",
    [
        Column("ward", Kind.TEXT, codes=LETTERS),
        Column("sex", Kind.TEXT, codes=LETTERS),
        Column("lactate", Kind.NUMBER),
    ],
)


def ask(counts: dict[tuple[str, ...], int], by: list[str], *measures: dict[str, Any]) -> Result:
    """The whole result of counting rows made so that each group has as many as said."""
    rows = [
        dict(zip(("ward", "sex"), (*key, "f"), strict=False)) | {"lactate": 1.0}
        for key, count in counts.items()
        for _ in range(count)
    ]
    asked = {
        "source": {"dataset": "data"},
        "by": [{"column": column} for column in by],
        "measures": measures or ({"of": "rows"},),
    }
    query = read(asked | {"measures": list(asked["measures"])})
    check(query, TABLE)
    return run(compile_query(query, TABLE, supports=True), TABLE, rows)


def shown(result: Result) -> dict[Any, Any]:
    return {row[: len(result.keys)]: row[len(result.keys)] for row in result.rows}


def test_small_count_and_its_complement_are_hidden() -> None:
    """One small group hides the next smallest too: otherwise the total would give it."""
    masked = mask(ask({("a",): 40, ("b",): 12, ("c",): 3}, ["ward"]))
    assert shown(masked) == {("a",): 40, ("b",): Special.MASKED, ("c",): Special.MASKED}


def test_two_small_groups_below_the_threshold_together_hide_a_third() -> None:
    """Two hidden groups of three people say that six remain: a third is hidden with them."""
    masked = mask(ask({("a",): 40, ("b",): 3, ("c",): 3}, ["ward"]))
    assert masked.masked == 3


def test_large_groups_are_shown() -> None:
    """Nothing is hidden where nothing is small."""
    assert mask(ask({("a",): 40, ("b",): 11}, ["ward"])).masked == 0


def test_what_is_hidden_does_not_depend_on_limit() -> None:
    """Masking needs the whole result: one that was cut is refused."""
    whole = ask({("a",): 40, ("b",): 3}, ["ward"])
    cut = Result(whole.outputs, whole.rows[:1])
    try:
        mask(cut)
    except ValueError:
        return
    raise AssertionError("a result without supports was masked")


def test_a_mean_of_few_known_values_is_hidden() -> None:
    """A mean over many rows of which two have a value is the mean of two people."""
    rows = [{"ward": "a", "lactate": 2.0 if number < 2 else None} for number in range(40)]
    rows += [{"ward": ward, "lactate": 3.0} for ward in "bc" for _ in range(20)]
    asked = {
        "source": {"dataset": "data"},
        "by": [{"column": "ward"}],
        "measures": [{"of": "rows"}, {"of": "mean", "column": "lactate"}],
    }
    masked = mask(run(compile_query(read(asked), TABLE, supports=True), TABLE, rows))
    assert sorted(masked.rows, key=repr) == [("a", 40, Special.MASKED), ("b", 20, Special.MASKED), ("c", 20, 3.0)]


def test_minimum_and_maximum_are_one_persons_values() -> None:
    """They are hidden however many people stand behind."""
    masked = mask(ask({("a",): 400}, ["ward"], {"of": "maximum", "column": "lactate"}))
    assert masked.rows == (("a", Special.MASKED),)


def test_people_are_counted_where_the_table_names_them() -> None:
    """Forty rows of three people are three people."""
    table = Table("data", [Column("ward", Kind.TEXT, codes=LETTERS), Column("person", Kind.INTEGER, subject=True)])
    rows = [{"ward": "a", "person": number % 3} for number in range(40)]
    rows += [{"ward": "b", "person": number} for number in range(40)]
    asked = {"source": {"dataset": "data"}, "by": [{"column": "ward"}], "measures": [{"of": "rows"}]}
    masked = mask(run(compile_query(read(asked), table, supports=True), table, rows))
    assert masked.masked == 2


def masked_by(table: Table, rows: list[dict[str, Any]], by: dict[str, Any], *measures: dict[str, Any]) -> Result:
    asked = {"source": {"dataset": "data"}, "by": [by], "measures": list(measures) or [{"of": "rows"}]}
    query = read(asked)
    check(query, table)
    return mask(run(compile_query(query, table, supports=True), table, rows))


NAMES = [{"name": name} for name, count in (("Alix", 40), ("Dominique", 15)) for _ in range(count)]
NAMES += [{"name": "Brune"}, {"name": "Camille"}, {"name": None}]


@pytest.mark.parametrize("key", [{"column": "name"}, {"column": "name", "top": 4}])
def test_a_name_that_few_people_have_is_not_shown(key: dict[str, Any]) -> None:
    """The values of a text are shown where enough people have them; the others are one row that names nobody."""
    table = Table("data", [Column("name", Kind.TEXT)])
    masked = masked_by(table, NAMES, key)
    assert dict(masked.rows) == {"Alix": 40} | dict.fromkeys(("Dominique", None, Special.MASKED), Special.MASKED)
    assert len(masked.rows) == 4


LARGE = 3
"""The last class of the identifiers, which enough people are in."""


def test_who_people_are_is_never_shown() -> None:
    """Grouped by who the person is, nobody is listed, even where the identifiers have words or are cut."""
    column = Column("person", Kind.INTEGER, codes={"1": "Alix"}, subject=True)
    rows = [{"person": number} for number in range(40) for _ in range(20)]
    for key in ({"column": "person"}, {"column": "person", "bin": {"breaks": [1, 2, 3]}}):
        masked = masked_by(Table("data", [column]), rows, key)
        assert (Special.MASKED, Special.MASKED) in masked.rows
        assert {row[0] for row in masked.rows if row[1] is Special.MASKED} <= {Special.MASKED, LARGE}


@pytest.mark.parametrize(
    ("column", "value", "key"),
    [
        (Column("k", Kind.NUMBER), 7.125, {}),
        (Column("k", Kind.NUMBER), 7.125, {"bin": {"width": 0.001}}),
        (Column("k", Kind.DATE), date(1921, 3, 9), {}),
        (Column("k", Kind.DATE), date(1921, 3, 9), {"truncate": "day"}),
        (Column("k", Kind.INTEGER, codes={"1": "yes"}), 103, {}),
    ],
)
def test_a_value_of_one_person_is_not_shown(column: Column, value: object, key: dict[str, Any]) -> None:
    """A number or a day is somebody's own, also under a width as narrow as itself or beside a list of codes."""
    masked = masked_by(Table("data", [column]), [{"k": value}], {"column": "k", **key})
    assert masked.rows == ((Special.MASKED, Special.MASKED),)


@pytest.mark.parametrize(
    ("column", "value", "key"),
    [
        (Column("k", Kind.INTEGER, codes={"1": "yes"}), 1, {}),
        (Column("k", Kind.BOOLEAN), True, {}),
        (Column("k", Kind.NUMBER), 7.125, {"bin": {"breaks": [5, 10]}}),
        (Column("k", Kind.DATE), date(1921, 3, 9), {"truncate": "month"}),
    ],
)
def test_a_class_is_shown(column: Column, value: object, key: dict[str, Any]) -> None:
    """Codes, yes and no, classes cut by hand and periods stand, without their small counts."""
    [row] = masked_by(Table("data", [column]), [{"k": value}], {"column": "k", **key}).rows
    assert row[0] is not Special.MASKED
    assert row[1] is Special.MASKED


@pytest.mark.parametrize(
    ("at", "people", "is_hidden"),
    [(0, 5000, True), (1, 5000, True), (0.99, 1000, True), (0.99, 1200, False), (0.9, 40, False)],
)
def test_a_quantile_near_the_end_is_one_persons_value(at: float, people: int, is_hidden: bool) -> None:
    """The quantiles 0 and 1 are the minimum and the maximum; those near them need enough people beyond."""
    masked = mask(ask({("a",): people}, ["ward"], {"of": "quantile", "column": "lactate", "at": at}))
    assert (masked.rows[0][1] is Special.MASKED) is is_hidden


def test_a_sum_does_not_tell_how_many_values_are_missing() -> None:
    """Rows, mean and sum together would give a small number of missing values: the sum is hidden."""
    rows = [{"ward": "a", "lactate": None if number < 2 else 2.0} for number in range(40)]
    rows += [{"ward": ward, "lactate": 3.0} for ward in "bc" for _ in range(20)]
    measures = [{"of": of, "column": "lactate"} for of in ("sum", "mean")]
    masked = masked_by(TABLE, rows, {"column": "ward"}, {"of": "rows"}, *measures)
    found = {row[0]: row[1:] for row in masked.rows}
    assert found["a"] == (40, Special.MASKED, 2.0)
    assert sum(row[1] is Special.MASKED for row in found.values()) == 2  # a total must not give it back


FEW_YES = [{"ward": "a", "lactate": float(number < 1)} for number in range(40)]
FEW_YES += [{"ward": ward, "lactate": float(number < 9)} for ward in "bc" for number in range(20)]


@pytest.mark.parametrize("of", ["sum", "mean", "deviation"])
def test_noughts_and_ones_are_counted_by_no_sum(of: str) -> None:
    """The sum of a column of 0 and 1 is the count of the ones: where they or the others are few, it is hidden."""
    measure = {"of": of, "column": "lactate"}
    masked = masked_by(TABLE, FEW_YES, {"column": "ward"}, {"of": "rows"}, measure)
    assert {row[0]: row[2] for row in masked.rows} == dict.fromkeys("abc", Special.MASKED)
    many = [row | {"lactate": float(number % 2)} for number, row in enumerate(FEW_YES * 3)]
    assert masked_by(TABLE, many, {"column": "ward"}, {"of": "rows"}, measure).masked == 0


def test_no_name_of_a_measure_hides_what_is_counted() -> None:
    """A measure may be called like another's count of missing values, and changes nothing."""
    rows = [{"ward": "a", "lactate": None if number < 2 else 2.0 + number} for number in range(40)]
    missing = {"of": "missing", "column": "lactate", "name": "m"}
    for name in ("m_absent", "absent_m"):
        other = {"of": "mean", "column": "lactate", "name": name}
        [row] = masked_by(TABLE, rows, {"column": "ward"}, missing, other).rows
        assert row[1] is Special.MASKED


def test_an_answer_kept_without_that_count_shows_no_sum() -> None:
    """Where it isn't known how many values are missing, a sum is hidden."""
    whole = ask({("a",): 40}, ["ward"], {"of": "sum", "column": "lactate"})
    supports = tuple({name: n for name, n in each.items() if "absent" not in name} for each in whole.supports)
    assert mask(whole).masked == 0
    assert mask(replace(whole, supports=supports)).masked == 1


SIZES = st.integers(0, 60)


@settings(max_examples=60, deadline=None)
@given(st.lists(SIZES.filter(bool), min_size=1, max_size=7))
def test_one_key_cannot_be_undone_by_subtraction(sizes: list[int]) -> None:
    """With the total known and every shown count subtracted, what remains is several groups and enough people."""
    masked = mask(ask({(chr(97 + number),): size for number, size in enumerate(sizes)}, ["ward"]))
    counts = shown(masked)
    hidden = [size for number, size in enumerate(sizes) if counts[(chr(97 + number),)] is Special.MASKED]
    assert all(size in hidden for size in sizes if size < 11)
    if hidden and len(hidden) < len(sizes):
        assert len(hidden) > 1
        assert sum(hidden) >= 11


@settings(max_examples=60, deadline=None)
@given(st.lists(SIZES, min_size=4, max_size=16), st.integers(2, 4))
def test_two_keys_cannot_be_undone_by_solving_all_totals(sizes: list[int], width: int) -> None:
    """With every row total, column total and the grand total known, no hidden count is the only solution."""
    cells = [(chr(97 + place // width), chr(117 + place % width)) for place in range(len(sizes))]
    counts = {cell: size for cell, size in zip(cells, sizes, strict=True) if size}
    if not counts:
        return
    got = shown(mask(ask(counts, ["ward", "sex"])))
    hidden = [cell for cell in counts if got[cell] is Special.MASKED]
    assert {cell for cell, size in counts.items() if size < 11} <= set(hidden)
    if len(hidden) < len(counts):
        assert not fixed_by_totals(hidden)


def fixed_by_totals(hidden: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The cells that row and column totals determine, by exact elimination."""
    equations = []
    for size in range(len(hidden[0]) if hidden else 0):
        for fixed in combinations(range(2), size):
            for values in set(product(*({cell[place] for cell in hidden} for place in fixed))):
                inside = [all(cell[p] == v for p, v in zip(fixed, values, strict=True)) for cell in hidden]
                equations.append([Fraction(int(flag)) for flag in inside])
    reduced = rows_of_echelon(equations)
    return [cell for place, cell in enumerate(hidden) if any(is_unit(row, place) for row in reduced)]


def rows_of_echelon(equations: list[list[Fraction]]) -> list[list[Fraction]]:
    rows = [row[:] for row in equations]
    done = 0
    for place in range(len(rows[0]) if rows else 0):
        pivot = next((number for number in range(done, len(rows)) if rows[number][place]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        scale = rows[done][place]
        rows[done] = [value / scale for value in rows[done]]
        for number, row in enumerate(rows):
            if number != done and row[place]:
                factor = row[place]
                rows[number] = [one - factor * other for one, other in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]


def is_unit(row: list[Fraction], place: int) -> bool:
    return [number for number, value in enumerate(row) if value] == [place]


def test_totals_of_several_lines_together_give_nothing() -> None:
    """Two blocks of hidden cells joined by a single one would fix that one: it gets company."""
    sizes = {("a", "u"): 3, ("a", "v"): 3, ("b", "u"): 3, ("b", "v"): 3, ("b", "w"): 9}
    sizes |= {("c", "w"): 3, ("c", "x"): 3, ("d", "w"): 3, ("d", "x"): 3}
    sizes |= {(row, column): 60 for row in "abcd" for column in "uvwx" if (row, column) not in sizes}
    got = shown(mask(ask(sizes, ["ward", "sex"]), least=10))
    assert not fixed_by_totals([cell for cell in sizes if got[cell] is Special.MASKED])
